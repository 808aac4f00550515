/** Reports of abuse: opening one message to the room's leaders or to the site, and reading them. */

import { unb64 } from "../../crypto/bytes.js";
import { MessageError } from "../../crypto/message.js";
import { openMessage } from "../../crypto/open-message.js";
import { openReport, ROOM, receivers, reportKeyId, sealReport } from "../../crypto/report.js";
import { fetchAll } from "../pagination.js";

/** @typedef {import("../account/account.js").Account} Account */
/** @typedef {import("./room-session.js").RoomSession} RoomSession */
/** @typedef {import("../../crypto/message.js").SealedMessage} SealedMessage */
/** @typedef {import("../../crypto/report.js").OpenedReport} OpenedReport */
/**
 * @typedef {object} Reportable a message that can be reported, and to whom
 * @property {SealedMessage} row verified
 * @property {Uint8Array} key of its epoch
 * @property {string} author uid
 * @property {number} files how many are attached
 * @property {string[]} leaders kids of who would get it in the room
 * @property {string[]} names of the leaders
 * @property {string[]} unapproved names of leaders whose keys nobody approved: nothing is sealed to
 *   them
 * @property {SiteKey | null} site null where the site takes no reports
 *
 * @typedef {object} SiteKey the site's report key
 * @property {string} rk
 * @property {string} spki b64
 * @property {string} previous the key that was reported to before, where it is another; else ""
 *
 * @typedef {object} RoomReport a report to the room's leaders, with all checks done
 * @property {OpenedReport} opened
 * @property {string} state the server's word
 * @property {string} handler uid, the server's word; "" for nobody
 */

/** The name of the setting with the site's report key that was believed. */
const SETTING = "report-key";

/** A message that cannot be reported: it is not there, or does not verify. */
export class NotReportableError extends Error {
  /** @override */
  name = "NotReportableError";
}

/**
 * Fetches a message anew and verifies it, and finds who may get a report about it.
 * @param {Account} me @param {RoomSession} session
 * @param {readonly [number, string]} ref seq and id of the message, as it is shown
 * @returns {Promise<Reportable>}
 * @throws {NotReportableError} if the server has another message there, or none
 */
export async function reportable(me, session, [seq, id]) {
  const { row, key, author, files } = await verified(me, session, seq, id);
  const { state, identities } = session;
  const leaders = receivers(state, author);
  const names = leaders.map((kid) => identities.get(kid)?.name ?? "");
  const doubted = session.unapproved.filter(({ kid }) => leaders.includes(kid));
  const unapproved = doubted.map(({ kid }) => identities.get(kid)?.name ?? "");
  return { row, key, author, files, leaders, names, unapproved, site: await siteKey(me) };
}

/** @param {Account} me @param {RoomSession} session @param {number} seq @param {string} id */
async function verified(me, session, seq, id) {
  const page = await me.api.get(`chatrooms/${session.id}/messages?around=${seq}&limit=1`);
  const row = page.messages.find((one) => one.seq === seq);
  if (!row || !("ct" in row)) throw new NotReportableError();
  const { state, identities } = session;
  const keys = await heldKeys(session);
  const opened = await openMessage(row, { state, identities, keys });
  const { header, content } = opened;
  const key = header && keys.get(header.e);
  if (opened.outcome !== "ok" || opened.id !== id || !header || !key) {
    throw new NotReportableError();
  }
  const { files } = /** @type {{files?: unknown}} */ (content);
  return { row, key, author: header.uid, files: Array.isArray(files) ? files.length : 0 };
}

/** @param {RoomSession} session @returns {Promise<Map<number, Uint8Array>>} */
async function heldKeys({ keys }) {
  const held = await Promise.all(
    [...keys.epochs].map(async (e) => /** @type {const} */ ([e, await keys.get(e)])),
  );
  return new Map(held.flatMap(([e, key]) => (key ? [[e, key]] : [])));
}

/** @param {Account} me @returns {Promise<SiteKey | null>} */
async function siteKey(me) {
  const { key } = await me.api.get("report_key");
  if (!key) return null;
  const rk = await reportKeyId(key.spki);
  const pinned = await me.store.settings.setting(SETTING);
  return { rk, spki: key.spki, previous: pinned && pinned !== rk ? String(pinned) : "" };
}

/**
 * Seals, signs and sends a report.
 * @param {Account} me @param {RoomSession} session
 * @param {Reportable} message
 * @param {{to: "room" | "site", why: import("../../crypto/report.js").Reason, note: string}} said
 *   a changed key of the site was approved by the user
 */
export async function sendReport(me, session, message, { to, why, note }) {
  const { state, identities } = session;
  const { row, key, site, leaders } = message;
  const about = {
    uid: me.uid,
    kid: me.kid,
    lh: /** @type {[number, string]} */ ([state.seq, state.hash]),
    ts: me.clock.now(),
  };
  const edPrivate = me.keys.ed.privateKey;
  const readers = new Map();
  if (to === "site") {
    if (!site) throw new NotReportableError();
    readers.set(site.rk, unb64(site.spki));
    await me.store.settings.saveSetting(SETTING, site.rk);
  } else {
    if (message.unapproved.length > 0) throw new NotReportableError();
    for (const kid of leaders) readers.set(kid, identities.get(kid)?.rsa);
  }
  const receiver = to === "site" ? /** @type {SiteKey} */ (site).rk : ROOM;
  const words = { why, note };
  const report = await sealReport(row, key, readers, { ...about, for: receiver }, words, edPrivate);
  await me.api.post(`chatrooms/${session.id}/reports`, report);
}

/**
 * The reports to the room's leaders that prove what they say, newest first.
 * @param {Account} me @param {RoomSession} session
 * @returns {Promise<{reports: RoomReport[], refused: number}>} `refused`: how many do not
 */
export async function fetchReports(me, session) {
  const { reports } = await fetchAll(me.api, `chatrooms/${session.id}/reports`, "reports");
  const keys = await heldKeys(session);
  const found = new Map();
  let refused = 0;
  for (const given of reports) {
    const opened = await opening(me, session, given, keys);
    if (!opened) refused += 1;
    else if (!found.has(opened.report.rid)) {
      const { state, handler } = given;
      found.set(opened.report.rid, { opened, state: String(state), handler: handler ?? "" });
    }
  }
  return { reports: [...found.values()], refused };
}

/** @param {Account} me @param {RoomSession} session
 * @param {import("../../crypto/report.js").GivenReport} given
 * @param {Map<number, Uint8Array>} keys @returns {Promise<OpenedReport | null>} */
async function opening(me, session, given, keys) {
  const reader = { to: me.kid, rsaPrivate: me.keys.rsa.privateKey };
  const open = () => openReport(given, reader, session.state, session.identities, keys);
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof MessageError && error.reason === "ahead")) return null;
  }
  await session.fetchLog();
  return open().catch(() => null);
}

/** Notes what a leader did about a report. @param {Account} me @param {RoomSession} session
 * @param {string} rid @param {"dismissed" | "erased" | "removed" | "banned"} outcome */
export const noteHandled = (me, session, rid, outcome) =>
  me.api.post(`chatrooms/${session.id}/reports/${rid}`, { outcome });
