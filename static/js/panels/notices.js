/** The notice above a conversation that cannot continue. What can be done about it is loaded with the
 * first one: most rooms have none. */

import { byId, h } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";
import { strings } from "../ui/strings.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/room/room-session.js").RoomSession} RoomSession */
/**
 * @typedef {object} NoticeContext
 * @property {Account} me
 * @property {import("../conversation/chat.js").Chat} chat
 * @property {RoomSession} session
 * @property {(uid: string) => unknown} showSafety compares numbers with somebody
 */

/** @param {string} text @param {...Node} more */
export const plain = (text, ...more) =>
  h("div", { class: "notice danger" }, h("p", {}, text), ...more);

/** The notice of the room that is shown when this is made: it speaks of no other one. */
export class RoomNotice {
  #place = byId("room-notice");
  #shown = 0; // counts notices: one that was loading must not replace a later one

  /** @param {...(Node | string)} nodes none to take it away */
  show(...nodes) {
    this.#shown += 1;
    this.#place.replaceChildren(...nodes);
    this.#place.hidden = nodes.length === 0;
  }

  /** @param {string} text "" for none */
  showProblem(text) {
    if (text) this.show(plain(text));
    else this.show();
  }

  /** Shows what is loaded, unless another notice comes meanwhile.
   * @template Part
   * @param {() => Promise<Part>} load @param {(part: Part | null) => void} show */
  async showLater(load, show) {
    const turn = this.#shown;
    const part = await loadPart(load);
    if (turn === this.#shown) show(part);
  }

  /**
   * Shows what has to be decided before anything is sent, above the conversation: a stopped room,
   * members with keys that are not trusted.
   * @param {NoticeContext} context
   * @param {import("../conversation/room/room-end.js").EndKind} [kind] why nothing can be written
   */
  showBlockReason(context, kind) {
    if (kind === "frozen") this.#showDetails("stopped", context);
    else if (kind === "strangers") this.#showDetails("strangers", context);
    else this.show();
  }

  /** @param {"stopped" | "strangers"} kind @param {NoticeContext} context */
  #showDetails(kind, context) {
    this.#shown += 1;
    this.showLater(
      () => import("./block-notices.js"),
      (part) => this.show(part ? part[kind](context) : plain(strings.part.title)),
    );
  }
}

/**
 * Shows what to answer in a room that somebody asked one into, where one would write.
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 * @returns {boolean} whether an answer is waited for
 */
export function showRequest(me, chat, session) {
  const { accepted } = chat.serverRoom(session.id) ?? {};
  const place = byId("room-answer");
  if (accepted !== false) return false;
  place.hidden = false;
  byId("composer").hidden = true;
  loadPart(() => import("./room-request.js")).then((part) => {
    if (part) place.replaceChildren(...part.requestNodes(me, chat, session));
  });
  return true;
}

/** The notice of a room whose owner's account has ended, as the server said when the room was
 * opened. It is loaded only then. */
export class OwnerNotice {
  #load;
  #place;
  /** @type {import("./owner-ended.js").OwnerEnded | null} */
  #notice = null;

  /** @param {Account} me @param {import("../conversation/chat.js").Chat} chat
   * @param {RoomSession} session @param {import("../conversation/messages/outbox.js").Outbox} outbox
   * @param {RoomNotice} place where it is shown */
  constructor(me, chat, session, outbox, place) {
    this.#place = place;
    const { ended = {} } = chat.serverRoom(session.id) ?? {};
    this.#load =
      Object.keys(ended).length > 0 &&
      (async () => {
        const { OwnerEnded } = await import("./owner-ended.js");
        this.#notice ??= new OwnerEnded(me, chat, session, outbox, place);
        return this.#notice;
      });
  }

  /** Shows it, if the owner's account has ended and no other notice comes meanwhile. */
  async draw() {
    if (this.#load) await this.#place.showLater(this.#load, (notice) => notice?.draw());
  }
}
