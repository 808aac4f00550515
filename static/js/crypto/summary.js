/** Summaries: sealed to the worker, answered to one reader, kept for the room
 *  (docs/protocol.md, "AI summaries"). */

import { b64Of, encodeBody, hash64, ident, integer, oneOf, parseBody } from "./body.js";
import { open, pad, seal, unpad } from "./box.js";
import { b64, fromUtf8, randomBytes, unb64, utf8, WireError } from "./bytes.js";
import { pae, sha256 } from "./hash.js";
import { oaepSeal, summaryKey } from "./roomkeys.js";
import { rsaKeyId, SPKI_BYTES, sign, verify } from "./sign.js";

/** @typedef {{seq: number, name: string, ts: number, text: string}} RequestLine `ts` in ms */
/** @typedef {{model: string, lang: string, messages: RequestLine[], earlier?: string}} SummaryQuestion
 *   `earlier`: the summary that this one goes on from */
/** @typedef {{text: string, model: string}} Answer */
/** @typedef {{rid: string, room: string, uid: string}} AskContext */
/** @typedef {{room: string, a: number, b: number, from: number, to: number}} Range messages
 *   `from` … `to`, of epochs a … b */
/** @typedef {Range & {uid: string, kid: string, dis: number, box: string}} Summary `dis` is the
 *   disclose event; `box` the hash of what is sealed */

/** @type {import("./body.js").Schema} */
const SCHEMA = [
  ["v", oneOf(1)],
  ["room", ident],
  ["uid", ident],
  ["kid", hash64],
  ["dis", integer(1)],
  ["from", integer(1)],
  ["to", integer(1)],
  ["a", integer(1)],
  ["b", integer(1)],
  ["box", b64Of(32)],
];

/**
 * Returns a worker's id: the hash of its public key.
 * @param {string} spki b64
 * @returns {Promise<string>} wk, b64
 * @throws {WireError} if it is no RSA-3072 key
 */
export const workerId = (spki) => rsaKeyId(spki);

/**
 * Seals a request to the worker.
 * @param {AskContext} context @param {string} spki b64, of the worker
 * @param {SummaryQuestion} question @param {Uint8Array} reply the key of the answer, 32 bytes
 * @returns {Promise<{ek: string, box: string}>}
 */
export async function sealAsk({ rid, room, uid }, spki, question, reply) {
  const { model, lang, messages, earlier } = question;
  const context = { v: 1, rid, room, uid };
  const plain = { reply: b64(reply), model, lang, messages, ...(earlier && { earlier }) };
  const key = randomBytes(32);
  const label = pae("ask", encodeBody(context));
  return {
    ek: await oaepSeal(unb64(spki, SPKI_BYTES), label, key),
    box: await seal(key, "ask", context, utf8(JSON.stringify(plain))),
  };
}

/**
 * Opens the worker's answer.
 * @param {Uint8Array} reply the key of the answer
 * @param {string} rid
 * @param {unknown} box b64
 * @returns {Promise<Answer>}
 * @throws {WireError}
 */
export async function openAnswer(reply, rid, box) {
  return parseAnswer(await open(reply, "answer", { v: 1, rid }, box));
}

/** @param {Uint8Array} padded @returns {Answer} */
function parseAnswer(padded) {
  let value;
  try {
    value = JSON.parse(fromUtf8(unpad(padded)));
  } catch {
    throw new WireError("not an answer");
  }
  const { text, model } = value ?? {};
  if (typeof text !== "string" || typeof model !== "string") throw new WireError("not an answer");
  return { text, model };
}

/**
 * Seals an answer for the room, and signs it with its range.
 * @param {Uint8Array[]} keys K_a … K_b
 * @param {Range & {uid: string, kid: string, dis: number}} about
 * @param {Answer} answer @param {CryptoKey} edPrivate
 * @returns {Promise<{body: string, sig: string, box: string}>}
 */
export async function sealSummary(keys, about, { text, model }, edPrivate) {
  const { room, uid, kid, dis, from, to, a, b } = about;
  const key = await summaryKey(keys, room, a, b);
  const plain = pad(utf8(JSON.stringify({ text, model })));
  const box = await seal(key, "cache", { v: 1, room, a, b, from, to }, plain);
  const hash = b64(await sha256(unb64(box)));
  const body = encodeBody({ v: 1, room, uid, kid, dis, from, to, a, b, box: hash });
  parseSummary(body);
  return { body, sig: await sign(edPrivate, "summary", body), box };
}

/**
 * Parses a shared summary's signed body, without verifying it.
 * @param {unknown} body
 * @returns {Summary}
 * @throws {WireError}
 */
export function parseSummary(body) {
  /** @type {Summary & {v: 1}} */
  const { v: _one, ...summary } = parseBody(body, SCHEMA);
  if (summary.from > summary.to || summary.a > summary.b) throw new WireError("no range");
  return summary;
}

/**
 * Tells whether a shared summary's author signed it and the box is the signed one.
 * @param {{body: string, sig: string, box: string}} shared
 * @param {Summary} summary of `body`
 * @param {Uint8Array} ed the author's key
 * @returns {Promise<boolean>}
 */
export async function verifySummary({ body, sig, box }, summary, ed) {
  const same = b64(await sha256(unb64(box))) === summary.box;
  return same && verify(ed, "summary", body, sig);
}

/**
 * Opens a shared summary.
 * @param {Uint8Array[]} keys K_a … K_b
 * @param {Range} range
 * @param {string} box b64
 * @returns {Promise<Answer>}
 * @throws {WireError}
 */
export async function openSummary(keys, { room, a, b, from, to }, box) {
  const key = await summaryKey(keys, room, a, b);
  return parseAnswer(await open(key, "cache", { v: 1, room, a, b, from, to }, box));
}
