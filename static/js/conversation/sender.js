/** Returns the sender that a header names, unverified: for the typing indicator and counts only.
 * @param {string} header */
export function senderOf(header) {
  try {
    return String(JSON.parse(header).uid);
  } catch {
    return "";
  }
}
