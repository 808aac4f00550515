/** Downloads of files that the page makes or opens. */

const REVOKE_AFTER = 60_000; // ms; the download has started by then

/**
 * Saves a text as a file on the person's device.
 * @param {string} text JSON
 * @param {string} name of the file
 */
export const download = (text, name) => hand(new Blob([text], { type: "application/json" }), name);

/**
 * Saves a file of somebody else. Whatever its claimed type, the browser opens nothing of it.
 * @param {Blob} blob
 * @param {string} name
 */
export const save = (blob, name) =>
  hand(new Blob([blob], { type: "application/octet-stream" }), name);

/** @param {Blob} blob @param {string} name */
function hand(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER);
}
