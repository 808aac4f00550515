/** The words and files of a reported message, whatever its kind. */

import { filesOf } from "../../crypto/content-parts.js";

/** @typedef {import("../../crypto/content.js").FileRef} FileRef */

/**
 * The words and files of a reported message.
 * @param {import("../../crypto/content.js").Content | {t: string}} content opened, of any kind
 * @returns {{text: string | null, files: FileRef[]}} `text`: null for a kind that has no words
 */
export function reportedContent(content) {
  const known = /** @type {import("../../crypto/content.js").Content} */ (content);
  const body = "body" in known && typeof known.body === "string" ? known.body : null;
  const options = known.t === "poll" ? known.options.map((option) => `• ${option}`) : [];
  const text = body === null ? null : [body, ...options].join("\n");
  return { text, files: filesOf(known) };
}
