/** Emoji by their names between colons, such as `:party:`, for completion. */

import { EMOJI } from "./emoji-list.js";

const MOST = 6;
const NONE = 3; // the rank of an emoji with another name
const BEGUN = /(?<![A-Za-z0-9:/]|[A-Za-z0-9]_)(:([a-z0-9+-][a-z0-9_+-]{1,24}))$/iu;
const CLOSED = /(?<![A-Za-z0-9:/]|[A-Za-z0-9]_)(:([a-z0-9+-][a-z0-9_+-]{0,24}):)$/iu;

/** Names that people know from elsewhere and that the list of emoji has in other words.
 * @type {Record<string, string>} */
const ALIASES = {
  "❤️": "heart",
  "👍": "+1 thumbsup",
  "👎": "-1 thumbsdown",
  "😂": "joy",
  "🎉": "tada",
  "😮": "open_mouth",
  "😢": "cry",
  "😀": "grinning",
  "😄": "smile",
  "🙂": "slightly_smiling_face",
  "😊": "blush",
  "😭": "sob",
  "🙏": "pray",
  "👌": "ok_hand",
  "✅": "white_check_mark",
  "❌": "x",
  "💯": "100",
  "😅": "sweat_smile",
  "😡": "rage",
  "😐": "neutral_face",
  "🥳": "partying_face",
  "😘": "kissing_heart",
  "❄️": "snowflake",
  "🚲": "bike",
  "✈️": "airplane",
  "📌": "pushpin",
  "🎵": "musical_note",
  "🔴": "red_circle",
  "👀": "eyes",
  "⚽": "soccer",
  "✔️": "heavy_check_mark",
  "📖": "book",
  "📞": "phone telephone",
  "🚂": "steam_locomotive",
  "💥": "collision",
  "🌙": "crescent_moon",
  "📈": "chart chart_with_upwards_trend",
  "📉": "chart_with_downwards_trend",
  "🚨": "rotating_light",
  "⚡": "zap",
  "✋": "hand raised_hand",
  "👊": "fist punch facepunch",
  "✌️": "v",
  "🤞": "crossed_fingers",
  "🙃": "upside_down_face",
  "😋": "yum",
  "😬": "grimacing",
  "🤯": "exploding_head",
  "🥱": "yawning_face",
  "🤖": "robot_face",
  "💩": "hankey",
  "➕": "heavy_plus_sign",
  "➖": "heavy_minus_sign",
  "🆕": "new",
  "🥇": "first_place_medal 1st_place_medal",
  "🚗": "red_car",
};

/** The emoji with a word that begins so, first those whose whole name it is, then those with that word.
 * @param {string} begun */
function matching(begun) {
  const words = begun.split(/_|(?<=[a-z])-(?=[a-z])/).filter(Boolean);
  const ranked = EMOJI.map(([emoji, about]) => {
    const named = ALIASES[emoji]?.split(" ") ?? [];
    const all = [...about.split(" "), ...named];
    const whole =
      named.includes(begun) || named.includes(words.join("_")) || about === words.join(" ");
    const isName = all.includes(begun) || words.every((word) => all.includes(word));
    const begins = (/** @type {string} */ word) => all.some((one) => one.startsWith(word));
    const rank = whole ? 0 : isName ? 1 : begins(begun) || words.every(begins) ? 2 : NONE;
    return { emoji, about, rank: words.length > 0 ? rank : NONE };
  }).filter(({ rank }) => rank < NONE);
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, MOST);
}

/** The name of an emoji that begins as it was typed, else all that it is found by.
 * @param {string} emoji @param {string} about @param {string} begun */
const nameOf = (emoji, about, begun) =>
  ALIASES[emoji]?.split(" ").find((name) => name.startsWith(begun)) ?? about.replaceAll(" ", "_");

/** @type {import("./completion.js").Source} */
export const emojiNames = (text, at) => {
  const found = BEGUN.exec(text.slice(Math.max(0, at - 30), at));
  if (!found) return null;
  const [, all, typed] = found;
  const begun = typed.toLowerCase();
  const choices = matching(begun).map(({ emoji, about }) => ({
    text: `${emoji} `,
    shown: [emoji, ` :${nameOf(emoji, about, begun)}:`],
  }));
  return choices.length > 0 ? { from: at - all.length, choices } : null;
};

/** The emoji that a name between colons before the cursor means, and its length; null for none.
 * @param {string} text @param {number} at */
export function namedEmoji(text, at) {
  const [, all = "", name = ""] = CLOSED.exec(text.slice(Math.max(0, at - 30), at)) ?? [];
  const [first] = matching(name.toLowerCase());
  return first && first.rank < 2 ? { emoji: first.emoji, length: all.length } : null;
}
