/** Whether the operator says that this site was restored: shown beside a stopped room. */

import { openRestored } from "../../crypto/restore-notice.js";

/** @typedef {import("../../crypto/restore-notice.js").SignedNotice} SignedNotice */
/** @typedef {import("../../crypto/restore-notice.js").Restored} Restored */
/** @typedef {Restored & {signed: SignedNotice}} Restoration `signed` is for the evidence */

const MOST = 20;

/**
 * Ask the server for its notices. It may have none, or hide them: nothing follows from that.
 * @param {{get(path: string): Promise<any>}} api
 * @returns {Promise<Restoration[]>} those that are well signed, the newest first
 */
export async function restorations(api) {
  const { restored } = await api.get("site");
  const given = Array.isArray(restored) ? restored.slice(0, MOST) : [];
  const opened = await Promise.all(given.map((one) => opening(one)));
  return opened.filter((one) => one !== null);
}

/** @param {any} given @returns {Promise<Restoration | null>} null for what no site signs */
async function opening(given) {
  try {
    const { body, sig, key } = given;
    return { ...(await openRestored(given)), signed: { body, sig, key } };
  } catch {
    return null;
  }
}
