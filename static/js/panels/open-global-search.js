/** The ways into the search over all rooms, which is loaded on first use. */

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
