/** Notices above a conversation that cannot continue. What can be done about them is loaded with the
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

let shown = 0; // counts notices: one that was loading must not replace a later one

/** @param {...(Node | string)} nodes none to take it away */
export function showNotice(...nodes) {
  shown += 1;
  byId("room-notice").replaceChildren(...nodes);
  byId("room-notice").hidden = nodes.length === 0;
}

/** @param {string} text @param {...Node} more */
export const plain = (text, ...more) =>
  h("div", { class: "notice danger" }, h("p", {}, text), ...more);

/** @param {string} text "" for none */
export const showProblem = (text) => (text ? showNotice(plain(text)) : showNotice());

/**
 * Shows what has to be decided before anything is sent, above the conversation: a stopped room,
 * members with keys that are not trusted.
 * @param {NoticeContext} context
 * @param {import("../conversation/room/room-end.js").EndKind} [kind] why nothing can be written
 */
export function showBlockReason(context, kind) {
  if (kind === "frozen") showDetails("stopped", context);
  else if (kind === "strangers") showDetails("strangers", context);
  else showNotice();
}

/** @param {"stopped" | "strangers"} kind @param {NoticeContext} context */
function showDetails(kind, context) {
  shown += 1;
  const turn = shown;
  loadPart(() => import("./block-notices.js")).then((part) => {
    if (turn === shown) showNotice(part ? part[kind](context) : plain(strings.part.title));
  });
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
  /** @type {import("./owner-ended.js").OwnerEnded | null} */
  #notice = null;

  /** @param {Account} me @param {import("../conversation/chat.js").Chat} chat
   * @param {RoomSession} session @param {import("../conversation/messages/outbox.js").Outbox} outbox */
  constructor(me, chat, session, outbox) {
    const { ended = {} } = chat.serverRoom(session.id) ?? {};
    this.#load =
      Object.keys(ended).length > 0 &&
      (async () => {
        const { OwnerEnded } = await import("./owner-ended.js");
        this.#notice ??= new OwnerEnded(me, chat, session, outbox);
        return this.#notice;
      });
  }

  /** Shows it, if the owner's account has ended and no other notice comes meanwhile. */
  async draw() {
    const load = this.#load;
    if (!load) return;
    const turn = shown;
    const notice = await loadPart(load);
    if (turn === shown) notice?.draw();
  }
}
