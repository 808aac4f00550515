/** Downloads of files that the page makes. */

const REVOKE_AFTER = 60_000; // ms; the download has started by then

/**
 * Saves a text as a file on the person's device.
 * @param {string} text JSON
 * @param {string} name of the file
 */
export function download(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER);
}
