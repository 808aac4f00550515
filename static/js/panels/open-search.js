/** The ways into the search of one room, which is loaded on first use. */

import { byId } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/chat.js").Chat} Chat */

/**
 * The search of one room: a button in its header, or `/`.
 * @param {Account} me @param {Chat} chat @param {import("../conversation/chat.js").OpenRoom} room
 * @param {Pick<import("./room-panels.js").RoomPanels, "loadPanel">} panels
 * @param {Pick<import("./conversation.js").Conversation, "messages" | "jump">} conversation
 * @param {AbortSignal} signal aborted when the room is left
 */
export function startRoomSearch(me, chat, room, panels, conversation, signal) {
  /** @type {import("./room-search.js").RoomSearchPanel | undefined} */
  let search;
  const load = async () => {
    const load = () => Promise.all([import("./room-search.js"), panels.loadPanel()]);
    const parts = await loadPart(load, signal);
    if (!parts || signal.aborted) return undefined;
    const [{ RoomSearchPanel }, panel] = parts;
    search ??= new RoomSearchPanel(me, chat, room, panel, conversation);
    return search;
  };
  byId("open-search").addEventListener("click", async () => (await load())?.toggle());
  const onKey = async (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    (await load())?.show();
  };
  document.addEventListener("keydown", onKey, { signal });
}

/** @param {KeyboardEvent} event */
const isTyping = ({ target }) =>
  target instanceof Element &&
  target.closest("input, textarea, select, [contenteditable]") !== null;
