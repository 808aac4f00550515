/** Parts of a content that readers ask for, once content.js has checked it. */

/** @typedef {import("./content.js").Content} Content */
/** @typedef {import("./content.js").FileRef} FileRef */

const LONGEST_EMOJI = 64; // UTF-16 units
/** @type {Record<Content["t"], true>} */
const KINDS = {
  text: true,
  edit: true,
  delete: true,
  react: true,
  pin: true,
  poll: true,
  vote: true,
};

/**
 * Tells whether this version knows a content's type.
 * @param {{t: string}} content that was checked
 * @returns {content is Content}
 */
export const isKnown = (content) => Object.hasOwn(KINDS, content.t);

/** Returns a message's attachments. @param {Content | null} content @returns {FileRef[]} */
export const filesOf = (content) => (content?.t === "text" ? (content.files ?? []) : []);

/** An emoji: a flag, a key, or a picture with its colour and what is joined to it. */
const PICTURE =
  "(?:[\\u{1f000}-\\u{1fbff}\\u203c\\u2049\\u2139\\u3030\\u303d]|(?![\\0-\\u{a8}])[\\p{So}\\p{Sm}])[\\u{1f3fb}-\\u{1f3ff}]?[\\u{e0020}-\\u{e007f}]*";
const REACTION = new RegExp(
  `^(?:[\\u{1f1e6}-\\u{1f1ff}]{2}|[0-9#*]\\u20e3|${PICTURE}(?:\\u200d${PICTURE}){0,9})$`,
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

/** Returns the uids of the people that a text mentions.
 * @param {Content | null} content @returns {string[]} */
export const mentionsOf = (content) => (content?.t === "text" ? (content.at ?? []) : []);
