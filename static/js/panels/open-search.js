/** The ways into the searches: buttons and keys. The searches are loaded on first use. */

import { byId } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/chat.js").Chat} Chat */

/**
 * The search over all rooms, which every view has: a button above the room list, or Ctrl K.
 * @param {Account} me @param {Chat} chat
 * @param {import("./global-search.js").OpenRoom} openRoom the room that is open
 */
export function startGlobalSearch(me, chat, openRoom) {
  /** @type {import("./global-search.js").GlobalSearch | undefined} */
  let search;
  /** @param {string} [text] what is looked for at first */
  const open = async (text) => {
    const part = await loadPart(() => import("./global-search.js"));
    if (!part) return;
    search ??= new part.GlobalSearch(me, chat, openRoom);
    search.show(text);
  };
  const opener = byId("search-all");
  opener.addEventListener("click", () => open());
  opener.addEventListener("look", (event) =>
    open(/** @type {CustomEvent<string>} */ (event).detail),
  );
  document.addEventListener("keydown", (event) => {
    const wanted = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (event.key.toLowerCase() !== "k" || !wanted) return;
    if (document.querySelector("dialog[open]:not(.search-all)")) return;
    event.preventDefault();
    open();
  });
}

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
