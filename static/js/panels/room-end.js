/** The end of writing in a room, where one would write: by the signed log, with what to do. */

import { declines, factsOf, roomEnd } from "../conversation/room/room-end.js";
import { senderOf } from "../conversation/sender.js";
import { byId } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";

const LOOKED_AT = 200; // messages, for one of the other person
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
    const { isHidden } = chat.blocks;
    const listed = chat.serverRoom(session.id);
    const end = roomEnd(factsOf(me, session, { signedOut, listed, isHidden }));
    this.#context.notice.showBlockReason(this.#context, end?.kind);
    this.#composer.hidden = end !== null;
    this.#place.hidden = end === null;
    if (end) this.#show(end, draft);
    else this.#clear();
    return end !== null;
  }

  /** Tells whether this browser has no message of the room.
   * @param {number} [many] of the newest ones that are looked at @param {string} [uid] and none of this person */
  async #keepsNothing(many = 1, uid = "") {
    const { me, session } = this.#context;
    const rows = await me.store.messages.lastRows(session.id, many).catch(() => null);
    return rows !== null && !rows.some(({ h }) => uid === "" || senderOf(h) === uid);
  }

  /** @param {End} end @returns {Promise<import("./end-details.js").Kept>} */
  async #look({ kept }) {
    const { me, session } = this.#context;
    const { peer, state } = session;
    const mayDecline = peer !== null && declines(state, { asker: me.uid, asked: peer.uid });
    const isSilent = mayDecline && (await this.#keepsNothing(LOOKED_AT, peer.uid));
    return { isEmpty: kept && (await this.#keepsNothing()), isSilent };
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
    const here = await this.#look(end);
    if (this.#shown !== key) return;
    if (!part)
      this.#shown = ""; // drawn again, it is loaded again
    else {
      this.#details ??= new part.EndDetails(this.#context);
      this.#place.replaceChildren(...this.#details.nodes(end, here));
    }
  }
}
