/** Reports of abuse: one message, opened for those who handle it, with the proof of who wrote it
 *  (docs/protocol.md, "Reports"). */

import { encodeBody, hash64 as hashCheck, ident, integer, oneOf, pair, parseBody } from "./body.js";
import { open, pad, seal, unpad } from "./box.js";
import { b64, equal, fromUtf8, newId, randomBytes, unb64, utf8, WireError } from "./bytes.js";
import { checkStoredMessage } from "./check-row.js";
import { pae, sha256 } from "./hash.js";
import { decryptWith, MessageError, openHeader, verifyMessage } from "./message.js";
import { isTombstone } from "./message-row.js";
import { atLog, leads } from "./room-state.js";
import { messageKey, oaepOpen, oaepSeal } from "./roomkeys.js";
import { rsaKeyId, sign, verify } from "./sign.js";

/**
 * @typedef {"spam" | "abuse" | "illegal" | "other"} Reason
 * @typedef {Map<string, import("./identity.js").OpenedIdentity>} Identities by kid
 * @typedef {import("./log.js").RoomState} RoomState
 *
 * @typedef {object} Report a report's signed body
 * @property {string} rid
 * @property {string} room
 * @property {string} uid of the reporter
 * @property {string} kid of the reporter
 * @property {string} for "room", or the hash (rk) of the site's report key
 * @property {number} seq of the message
 * @property {string} id of the message
 * @property {[number, string]} lh newest log event that the reporter had verified
 * @property {number} ts ms
 * @property {string} box hash of the box
 *
 * @typedef {object} GivenReport as its reader gets it; anything may be wrong with it
 * @property {string} body
 * @property {string} sig
 * @property {string} box
 * @property {string} key the report's key, sealed to the reader
 * @property {import("./message.js").StoredMessage} row
 *
 * @typedef {{mk: Uint8Array, why: Reason, note: string}} Disclosure the content of a report's box
 * @typedef {{report: Report, header: import("./message.js").Header,
 *   content: import("./content.js").Content | {t: string}, why: Reason, note: string}} OpenedReport
 */

/** @type {readonly Reason[]} */
export const REASONS = ["spam", "abuse", "illegal", "other"];
/** Characters that a note may have. */
export const MAX_NOTE = 1000;
const MAX_RECEIVERS = 100;
/** The `for` of a report to a room's leaders. */
export const ROOM = "room";

/** @param {unknown} value */
function receiver(value) {
  if (value !== ROOM) hashCheck(value);
}

/** @type {import("./body.js").Schema} */
const SCHEMA = [
  ["v", oneOf(1)],
  ["rid", ident],
  ["room", ident],
  ["uid", ident],
  ["kid", hashCheck],
  ["for", receiver],
  ["seq", integer(1)],
  ["id", hashCheck],
  ["lh", pair(integer(), hashCheck)],
  ["ts", integer()],
  ["box", hashCheck],
];

/** @param {boolean} right @param {string} otherwise @returns {asserts right} */
function must(right, otherwise) {
  if (!right) throw new WireError(otherwise);
}

/** @param {Report} report */
const contextOf = ({ rid, room, uid, seq, id }) => ({ v: 1, rid, room, uid, seq, id });
/** @param {string} rid @param {string} room @param {string} to */
const label = (rid, room, to) => pae("report", encodeBody({ v: 1, rid, room, to }));
/** @param {unknown} box */
const hashOf = async (box) => b64(await sha256(unb64(box)));

/**
 * Returns the id (rk) of a site's report key: its hash.
 * @param {unknown} spki b64
 * @returns {Promise<string>} b64
 * @throws {WireError} if it is no RSA-3072 key
 */
export const reportKeyId = (spki) => rsaKeyId(spki);

/**
 * Returns the leaders who get a report about a message of `author`: all but the author, and of more
 * than 100 the first. A direct room has none.
 * @param {RoomState} state
 * @param {string} author uid
 * @returns {string[]} their kids, sorted
 */
export const receivers = (state, author) =>
  [...(state.kind === "direct" ? [] : state.members)]
    .filter(([uid, member]) => leads(member) && uid !== author)
    .map(([, { kid }]) => kid)
    .sort()
    .slice(0, MAX_RECEIVERS);

/**
 * Seals and signs a report of one message. Only the message's own key goes into it.
 * @param {import("./message.js").SealedMessage} row verified
 * @param {Uint8Array} key K_e of the message's epoch
 * @param {Map<string, Uint8Array>} to RSA keys (SPKI) by kid, or the site's by its rk
 * @param {{for: string, uid: string, kid: string, lh: [number, string], ts: number}} about
 *   `uid`, `kid` of the reporter
 * @param {{why: Reason, note: string}} words
 * @param {CryptoKey} edPrivate the reporter's
 * @returns {Promise<{body: string, sig: string, box: string, keys: {to: string, ct: string}[]}>}
 * @throws {WireError} if the key does not open the message
 */
export async function sealReport(row, key, to, about, { why, note }, edPrivate) {
  checkWords(why, note);
  const opened = await openHeader(row);
  const { header, id } = opened;
  const { room, e, uid, dev, n } = header;
  const mk = await messageKey(key, room, e, uid, dev, n);
  await decryptWith(opened, mk);
  const rid = newId();
  const secret = randomBytes(32);
  const context = { v: 1, rid, room, uid: about.uid, seq: row.seq, id };
  const plain = pad(utf8(JSON.stringify({ mk: b64(mk), why, note })));
  const box = await seal(secret, "report", context, plain);
  const body = encodeBody({
    ...{ v: 1, rid, room, uid: about.uid, kid: about.kid, for: about.for },
    ...{ seq: row.seq, id, lh: about.lh, ts: about.ts, box: await hashOf(box) },
  });
  parseReport(body);
  const keys = [...to].map(async ([one, spki]) => ({
    to: one,
    ct: await oaepSeal(spki, label(rid, room, one), secret),
  }));
  return { body, sig: await sign(edPrivate, "report", body), box, keys: await Promise.all(keys) };
}

/**
 * Parses a report's signed body, without verifying it.
 * @param {unknown} body
 * @returns {Report}
 * @throws {WireError}
 */
export function parseReport(body) {
  /** @type {Report & {v: 1}} */
  const { v: _one, ...report } = parseBody(body, SCHEMA);
  return report;
}

/**
 * Verifies who reported: a member at the log event that the report names.
 * @param {GivenReport} given
 * @param {Report} report of its body
 * @param {RoomState} state
 * @param {Identities} identities
 * @returns {Promise<void>}
 * @throws {WireError} it is forged, changed, or of another room
 * @throws {MessageError} `ahead`: it names log events that are not here yet
 */
export async function verifyReport({ body, sig, box }, report, state, identities) {
  must(report.room === state.room, "a report of another room");
  const [seq, hash] = report.lh;
  if (seq > state.seq) throw new MessageError("ahead");
  must(state.hashes[seq] === hash, "a report that saw another log");
  must(atLog(state, seq, report.uid).kid === report.kid, "a report of no member");
  const identity = identities.get(report.kid);
  must(identity !== undefined && identity.uid === report.uid, "an unknown reporter");
  must((await hashOf(box)) === report.box, "another box");
  must(await verify(identity.ed, "report", body, sig), "a bad signature");
}

/**
 * Opens a verified report's box.
 * @param {Report} report
 * @param {GivenReport} given
 * @param {string} to the reader's kid, or the site's rk
 * @param {CryptoKey} rsaPrivate
 * @returns {Promise<Disclosure>}
 * @throws {WireError} it does not open, or holds something else
 */
export async function openDisclosure(report, { box, key }, to, rsaPrivate) {
  const secret = await oaepOpen(rsaPrivate, label(report.rid, report.room, to), unb64(key));
  must(secret.length === 32, "not a key");
  const text = fromUtf8(unpad(await open(secret, "report", contextOf(report), box)));
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WireError("not a report");
  }
  const { mk, why, note } = value ?? {};
  checkWords(why, note);
  return { mk: unb64(mk, 32), why, note };
}

/**
 * Verifies the reported message as any other, and opens it with its own key.
 * @param {Report} report
 * @param {unknown} given the row, as the server kept it with the report
 * @param {Disclosure} disclosure
 * @param {RoomState} state
 * @param {Identities} identities
 * @param {Map<number, Uint8Array>} [keys] of epochs, where the reader is a member: then the
 *   message's key must follow from them
 * @returns {Promise<OpenedReport>}
 * @throws {WireError} it is another message, or the key is not its key
 * @throws {MessageError} the message is refused, or `ahead`
 */
export async function openReported(report, given, disclosure, state, identities, keys) {
  const row = checkStoredMessage(given);
  if (isTombstone(row)) throw new WireError("an erased message");
  const opened = await openHeader(row);
  must(row.seq === report.seq && opened.id === report.id, "another message");
  await verifyMessage(row, opened, state, identities);
  const { room, e, uid, dev, n } = opened.header;
  const epoch = keys?.get(e);
  if (epoch) {
    const own = await messageKey(epoch, room, e, uid, dev, n);
    must(equal(own, disclosure.mk), "the key of another message");
  }
  const content = await decryptWith(opened, disclosure.mk);
  return { report, header: opened.header, content, why: disclosure.why, note: disclosure.note };
}

/**
 * Opens a report, with all checks.
 * @param {GivenReport} given
 * @param {{to: string, rsaPrivate: CryptoKey}} reader `to`: the reader's kid, or the site's rk
 * @param {RoomState} state
 * @param {Identities} identities
 * @param {Map<number, Uint8Array>} [keys] of epochs, where the reader is a member
 * @returns {Promise<OpenedReport>}
 * @throws {WireError | MessageError} as the steps
 */
export async function openReport(given, { to, rsaPrivate }, state, identities, keys) {
  const report = parseReport(given?.body);
  must(report.for === ROOM || report.for === to, "a report to somebody else");
  await verifyReport(given, report, state, identities);
  const disclosure = await openDisclosure(report, given, to, rsaPrivate);
  return openReported(report, given.row, disclosure, state, identities, keys);
}

/** @param {unknown} why @param {unknown} note */
function checkWords(why, note) {
  must(REASONS.includes(/** @type {Reason} */ (why)), "a reason that is not known");
  must(typeof note === "string" && Array.from(note).length <= MAX_NOTE, "a note that is too long");
  utf8(/** @type {string} */ (note));
}
