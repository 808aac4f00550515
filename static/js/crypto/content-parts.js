/** Parts of a content that readers ask for, once content.js has checked it. */

/** @typedef {import("./content.js").Content} Content */
/** @typedef {import("./content.js").FileRef} FileRef */

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

/** Returns the uids of the people that a text mentions.
 * @param {Content | null} content @returns {string[]} */
export const mentionsOf = (content) => (content?.t === "text" ? (content.at ?? []) : []);
