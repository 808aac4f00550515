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
 * Shows why nothing can be sent.
 * @param {NoticeContext} context
 * @returns {boolean} whether there is anything
 */
export function showBlockReason(context) {
  const { frozen, evidence, unapproved, state, awaitsReset, keys } = context.session;
  // The server deletes the messages of a closed room, so only its log can still be a lie.
  if (state.ended && evidence?.what !== "log") return showDetails("closed", context);
  if (frozen === "cheated") return showDetails("stopped", context);
  if (!frozen && unapproved.length > 0) return showDetails("strangers", context);
  const text = frozen
    ? strings.newerRoom
    : awaitsReset
      ? strings.awaitsReset
      : state.open && !keys.get(state.e)
        ? strings.noKey
        : "";
  showProblem(text);
  return text !== "";
}

/** @param {"closed" | "stopped" | "strangers"} kind @param {NoticeContext} context
 * @returns {true} at once: nothing is sent while the notice loads */
function showDetails(kind, context) {
  shown += 1;
  const turn = shown;
  loadPart(() => import("./block-notices.js")).then((part) => {
    if (turn === shown) showNotice(part ? part[kind](context) : plain(strings.part.title));
  });
  return true;
}

/**
 * Shows what to answer in a room that somebody asked one into, where one would write.
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 * @returns {boolean} whether an answer is waited for
 */
export function showRequest(me, chat, session) {
  const { accepted } = chat.serverRoom(session.id) ?? {};
  const place = byId("room-answer");
  place.hidden = accepted !== false;
  byId("composer").hidden = !place.hidden;
  if (place.hidden) return false;
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
