/** What a content says, once content.js has read it: what it changes, names and mentions. */

/** @typedef {import("./content.js").Content} Content */
/** @typedef {import("./content.js").FileRef} FileRef */
/** @typedef {import("./content.js").Ref} Ref */

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

/**
 * Returns the messages that a content changes: those that `re` beside it must name. A text's own
 * `re` is not among them, because a reply changes nothing.
 * @param {Content} content
 * @returns {Ref[]}
 */
export function refsOf(content) {
  if (content.t === "delete") return content.of;
  return "of" in content ? [content.of] : [];
}

/** Returns a message's attachments. @param {Content | null} content @returns {FileRef[]} */
export const filesOf = (content) => (content?.t === "text" ? (content.files ?? []) : []);

/** Returns the ids of all files that a message names: attachments and their smaller pictures.
 * @param {Content | null} content @returns {string[]} */
export const fileIdsOf = (content) =>
  filesOf(content).flatMap(({ id, thumb: small }) => (small ? [id, small.id] : [id]));

/** Returns all words by which a content can be found, on lines of their own: its text, the names of
 * its files, the options of its poll. @param {Content | null} content @returns {string} */
export function searchableText(content) {
  const body = content && "body" in content ? content.body : "";
  const options = content?.t === "poll" ? content.options : [];
  const lines = [body, ...filesOf(content).map(({ name }) => name), ...options];
  return lines.filter((line) => line !== "").join("\n");
}

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
