/** Notices that the site was restored from a backup, signed by the site. */

import { openRestoreNotice } from "../../crypto/restore-notice.js";

/** @typedef {import("../../crypto/restore-notice.js").SignedRestoreNotice} SignedRestoreNotice */
/** @typedef {import("../../crypto/restore-notice.js").RestoreTimes} RestoreTimes */
/** @typedef {RestoreTimes & {signed: SignedRestoreNotice}} RestoreNotice `signed` is for the evidence */

const MOST = 20;

/**
 * Fetches the server's notices. Their absence proves nothing: it may hide them.
 * @param {Pick<import("../../net/api.js").Api, "get">} api
 * @returns {Promise<RestoreNotice[]>} those that are well signed, the newest first
 */
export async function fetchRestoreNotices(api) {
  const { restored } = await api.get("site");
  const given = Array.isArray(restored) ? restored.slice(0, MOST) : [];
  const opened = await Promise.all(given.map((one) => opening(one)));
  return opened.filter((one) => one !== null);
}

/** @param {SignedRestoreNotice} given still unchecked
 * @returns {Promise<RestoreNotice | null>} null if no site signed it */
async function opening(given) {
  try {
    const { body, sig, key } = given;
    return { ...(await openRestoreNotice(given)), signed: { body, sig, key } };
  } catch {
    return null;
  }
}
