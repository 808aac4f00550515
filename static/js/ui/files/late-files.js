/** The files of messages, drawn by a part that is loaded once a message has some. */

import { h } from "../dom.js";
import { loadPart } from "../load-part.js";

/** @typedef {typeof import("./attachments.js")} Part */

/** @type {Part | null} */
let part = null;

/** Loads what draws files; from then on they are drawn at once. */
export async function loadFiles() {
  part ??= await import("./attachments.js");
  return part;
}

/** Shows a message's files: see `fileList` of attachments.js.
 * @param {Parameters<Part["fileList"]>} about @returns {HTMLElement} */
export function lateFiles(...about) {
  if (part) return part.fileList(...about);
  const place = h("div", { class: "files" });
  loadPart(loadFiles).then((loaded) => {
    if (loaded) place.replaceWith(loaded.fileList(...about));
  });
  return place;
}

/** Forgets the opened pictures of a conversation that is left. */
export const forgetPictures = () => part?.forgetPictures();
