/** Drafts and unsent messages of this browser from before its account's keys were replaced. */

import { KeptLines } from "../conversation/kept-lines.js";
import { announce, h, icon } from "../ui/dom.js";
import { accountStrings } from "../ui/strings/account.js";

/**
 * Lists the unsent messages and drafts that this browser can still open, each with a way to copy it.
 * @param {import("../store/store.js").Store} store @param {HTMLElement} place hidden where there are none
 */
export async function showKeptDrafts(store, place) {
  const drafts = [...(await store.outbox.unsentTexts()), ...(await store.drafts.all())];
  const lines = await new KeptLines(store.settings, () => []).load();
  const names = new Map(lines.map(({ id, name, peer }) => [id, name || peer?.name]));
  place.hidden = drafts.length === 0;
  const items = drafts.map(({ room, text }) => draftLine(names.get(room) ?? "", text));
  place.querySelector("ul")?.replaceChildren(...items);
}

/** @param {string} room its name @param {string} text */
function draftLine(room, text) {
  const { copy, copied, selected, inRoom } = accountStrings.drafts;
  const label = document.createTextNode(copy);
  const look = { class: "button quiet small", type: "button" };
  const button = h("button", look, icon("copy", "small"), label);
  const words = h("p", { class: "kept-draft", dir: "auto" }, text);
  button.addEventListener("click", async () => {
    const said = await navigator.clipboard.writeText(text).then(
      () => copied,
      () => selected,
    );
    if (said === selected) getSelection()?.selectAllChildren(words);
    label.data = said;
    announce(said);
  });
  return h("li", {}, room && h("b", { dir: "auto" }, inRoom(room)), words, button);
}
