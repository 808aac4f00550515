/** Emoji by their names between colons, such as `:party:`, for completion. */

import { EMOJI } from "./emoji-list.js";

const MOST = 6;
const BEGUN = /(?<![\p{L}\p{N}:/])(:([a-z][a-z+-]{1,24})(:?))$/iu;

/** The emoji with a word that begins so, those whose word it is first. @param {string} begun */
function matching(begun) {
  const ranked = EMOJI.map(([emoji, about]) => {
    const words = about.split(" ");
    const rank = words.includes(begun) ? 1 : words.some((word) => word.startsWith(begun)) ? 2 : 0;
    return { emoji, about, rank };
  }).filter(({ rank }) => rank > 0);
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, MOST);
}

/** @type {import("./completion.js").Source} */
export const emojiNames = (text, at) => {
  const found = BEGUN.exec(text.slice(Math.max(0, at - 30), at));
  if (!found || found[3]) return null;
  const [, all, begun] = found;
  const choices = matching(begun.toLowerCase()).map(({ emoji, about }) => ({
    text: `${emoji} `,
    shown: [emoji, ` :${about.split(" ").join("_")}:`],
  }));
  return choices.length > 0 ? { from: at - all.length, choices } : null;
};

/** The emoji that a name between colons before the cursor means, and its length; null for none.
 * @param {string} text @param {number} at */
export function namedEmoji(text, at) {
  const [, all = "", name = "", closed = ""] =
    BEGUN.exec(text.slice(Math.max(0, at - 30), at)) ?? [];
  const [first] = closed ? matching(name.toLowerCase()) : [];
  return first?.rank === 1 ? { emoji: first.emoji, length: all.length } : null;
}
