/** Reactions: which texts are one emoji, and which emoji are the same. */

const LONGEST_EMOJI = 64; // UTF-16 units
/** Characters that are emoji by themselves, with what is free for new ones in their blocks. */
const SIGNS =
  "\\u00a9\\u00ae\\u203c\\u2049\\u2122\\u2139\\u2194-\\u2199\\u21a9-\\u21aa" +
  "\\u231a-\\u231b\\u2328\\u23cf\\u23e9-\\u23f3\\u23f8-\\u23fa\\u24c2\\u25aa-\\u25ab" +
  "\\u25b6\\u25c0\\u25fb-\\u25fe\\u2600-\\u2604\\u260e\\u2611\\u2614-\\u2615\\u2618" +
  "\\u261d\\u2620\\u2622-\\u2623\\u2626\\u262a\\u262e-\\u262f\\u2638-\\u263a\\u2640" +
  "\\u2642\\u2648-\\u2653\\u265f-\\u2660\\u2663\\u2665-\\u2666\\u2668\\u267b" +
  "\\u267e-\\u267f\\u2692-\\u2697\\u2699\\u269b-\\u269c\\u26a0-\\u26a1\\u26a7" +
  "\\u26aa-\\u26ab\\u26b0-\\u26b1\\u26bd-\\u26be\\u26c4-\\u26c5\\u26c8\\u26ce-\\u26cf" +
  "\\u26d1\\u26d3-\\u26d4\\u26e9-\\u26ea\\u26f0-\\u26f5\\u26f7-\\u26fa\\u26fd\\u2702" +
  "\\u2705\\u2708-\\u270d\\u270f\\u2712\\u2714\\u2716\\u271d\\u2721\\u2728" +
  "\\u2733-\\u2734\\u2744\\u2747\\u274c\\u274e\\u2753-\\u2755\\u2757\\u2763-\\u2764" +
  "\\u2795-\\u2797\\u27a1\\u27b0\\u27bf\\u2934-\\u2935\\u2b05-\\u2b07\\u2b1b-\\u2b1c" +
  "\\u2b50\\u2b55\\u3030\\u303d\\u3297\\u3299\\u{1f004}\\u{1f0cf}\\u{1f170}-\\u{1f171}" +
  "\\u{1f17e}-\\u{1f17f}\\u{1f18e}\\u{1f191}-\\u{1f19a}\\u{1f201}-\\u{1f202}\\u{1f21a}" +
  "\\u{1f22f}\\u{1f232}-\\u{1f23a}\\u{1f250}-\\u{1f251}\\u{1f300}-\\u{1f64f}" +
  "\\u{1f680}-\\u{1f6ff}\\u{1f7e0}-\\u{1f7ff}\\u{1f90c}-\\u{1f9ff}\\u{1fa70}-\\u{1faff}";
const TONE = "[\\u{1f3fb}-\\u{1f3ff}]?";
/** England, Scotland and Wales. */
const REGION =
  "\\u{1f3f4}\\u{e0067}\\u{e0062}(?:\\u{e0065}\\u{e006e}\\u{e0067}|" +
  "\\u{e0073}\\u{e0063}\\u{e0074}|\\u{e0077}\\u{e006c}\\u{e0073})\\u{e007f}";
const PICTURE = `[${SIGNS}]${TONE}`;
/** An emoji: a flag, a key, or a picture with its colour and what is joined to it. */
const REACTION = new RegExp(
  `^(?:[\\u{1f1e6}-\\u{1f1ff}]{2}|[0-9#*]\\u20e3|${REGION}|${PICTURE}(?:\\u200d${PICTURE}){0,9})$`,
  "u",
);

/**
 * The reaction that a text stands for. Emoji that differ only in their presentation, U+FE0E or
 * U+FE0F, are one.
 * @param {string} emoji @returns {string} "" if the text is not one emoji
 */
export function reactionKey(emoji) {
  const key = emoji.replace(/[\ufe0e\ufe0f]/g, "");
  return key.length <= LONGEST_EMOJI && REACTION.test(key) ? key : "";
}
