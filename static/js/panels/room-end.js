/** The end of writing in a room, where one would write: by the signed log, with what to do. */

import { factsOf, roomEnd } from "../conversation/room/room-end.js";
import { byId, h } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";
import { strings } from "../ui/strings.js";
import { plain } from "./notices.js";

/** The text where an end’s words cannot be loaded: most browsers load them again only with the page. */
const missing = () => {
  const reload = () => location.reload();
  const look = { class: "button small", type: "button", onclick: reload };
  return plain(
    strings.part.text,
    h("div", { class: "row" }, h("button", look, strings.part.reload)),
  );
};

const KEPT = new Set(["closed", "removed", "banned", "left", "succeeded", "missing"]);

/**
 * @typedef {import("../conversation/room/room-end.js").RoomEnd &
 *   {unsent: number, draft: string, kept: boolean}} End with what is kept in this browser
 * @typedef {import("./notices.js").NoticeContext & {
 *   outbox: import("../conversation/messages/outbox.js").Outbox,
 *   notice: import("./notices.js").RoomNotice}} EndContext
 */

export class RoomEndBar {
  #context;
  #place = byId("room-answer");
  #composer = byId("composer");
  #shown = "";
  /** @type {import("./end-details.js").EndDetails | null} */
  #details = null;

  /** @param {EndContext} context */
  constructor(context) {
    this.#context = context;
  }

  /**
   * Shows why nothing can be written, or nothing.
   * @param {string} draft what is being written
   * @returns {boolean} whether there is such a reason
   */
  draw(draft) {
    const { me, chat, session } = this.#context;
    const signedOut = chat.status === "signed-out";
    const listed = chat.serverRoom(session.id);
    const end = roomEnd(factsOf(me, session, { signedOut, listed }));
    this.#context.notice.showBlockReason(this.#context, end?.kind);
    this.#composer.hidden = end !== null;
    this.#place.hidden = end === null;
    if (end) this.#show(end, draft);
    else this.#clear();
    return end !== null;
  }

  #clear() {
    this.#shown = "";
    delete this.#place.dataset.end;
  }

  /** @param {import("../conversation/room/room-end.js").RoomEnd} end @param {string} draft */
  #show(end, draft) {
    const kept = KEPT.has(end.kind);
    const left = this.#context.outbox.entries.filter(({ state }) => state !== "acked");
    const all = { ...end, unsent: left.length, draft, kept };
    const key = JSON.stringify(all);
    if (key === this.#shown) return; // drawing again would take the focus
    this.#shown = key;
    this.#place.dataset.end = end.kind;
    this.#showDetails(all, key);
  }

  /** @param {End} end @param {string} key of what is shown: it may be over once its words are there */
  async #showDetails(end, key) {
    const part = await loadPart(() => import("./end-details.js"));
    if (part) this.#details ??= new part.EndDetails(this.#context);
    const nodes = await this.#details?.nodes(end);
    if (this.#shown !== key) return;
    this.#place.replaceChildren(...(nodes ?? [missing()]));
    if (!nodes) this.#shown = ""; // drawn again, it is loaded again
  }
}
