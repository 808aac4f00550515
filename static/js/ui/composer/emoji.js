/** The emoji picker: find by name, or type. */

import { h, isComposing } from "../dom.js";
import { openPopup } from "../popup.js";
import { lateStrings as strings } from "../strings/late.js";
import { EMOJI, QUICK } from "./emoji-list.js";

const NAMES = new Map(EMOJI);
const PICTURE =
  /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[#*0-9]\u{fe0f}?\u{20e3})/u;
const MOST = 8; // code points of one picture: families and flags are several

/** An emoji's name for screen readers. @param {string} emoji */
export const nameOf = (emoji) => NAMES.get(emoji) ?? emoji;

/** The emoji that match the typed text. @param {string} wanted @returns {string[]} */
export function matchingEmoji(wanted) {
  const needle = wanted.trim().toLowerCase();
  if (PICTURE.test(needle) && [...needle].length <= MOST) return [needle];
  return EMOJI.filter(([, name]) => name.includes(needle)).map(([emoji]) => emoji);
}

/** @param {HTMLElement} opener @param {(emoji: string) => void} onPick
 * @param {{quick?: boolean, onClose?: () => void}} [about] `quick`: the usual ones stand above */
export function openEmoji(opener, onPick, { quick = false, onClose } = {}) {
  /** @param {string} emoji */
  const button = (emoji) => {
    const pick = () => {
      popup.close();
      onPick(emoji);
    };
    const about = { class: "emoji", type: "button", "aria-label": nameOf(emoji), onclick: pick };
    return h("button", about, emoji);
  };
  const grid = h("div", { class: "emoji-grid" });
  const none = h("p", { class: "quiet-text", role: "status" });
  const find = h("input", {
    type: "search",
    class: "find",
    placeholder: strings.emoji.find,
    "aria-label": strings.emoji.find,
    autocomplete: "off",
    autofocus: matchMedia("(pointer: fine)").matches && !quick,
  });
  const draw = () => {
    const found = matchingEmoji(find.value);
    grid.replaceChildren(...found.map(button));
    none.textContent = found.length === 0 ? strings.emoji.none : "";
  };
  find.addEventListener("input", draw);
  find.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && !isComposing(event)) grid.querySelector("button")?.click();
  });
  draw();
  const first = quick && h("div", { class: "emoji-quick" }, ...QUICK.map(button));
  const content = [...(first ? [first] : []), find, grid, none];
  const popup = openPopup(opener, strings.emoji.title, content, { onClose });
}
