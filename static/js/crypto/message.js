/** Messages: sealed for a room, bound to sender, place in their chain, and the log they saw. */

import {
  encodeBody,
  hash64 as hashCheck,
  ident,
  integer,
  oneOf,
  orEmpty,
  pair,
  parseBody,
} from "./body.js";
import { aesKey, aesOpen, aesSeal, pad, unpad } from "./box.js";
import { b64, concat, randomBytes, unb64, WireError } from "./bytes.js";
import { readContent, writeContent } from "./content.js";
import { pae, sha256 } from "./hash.js";
import { isTombstone } from "./message-row.js";
import { atLog } from "./room-state.js";
import { messageAes } from "./roomkeys.js";
import { sign, verify } from "./sign.js";

/** @typedef {import("./message-types.js").Header} Header */
/** @typedef {import("./message-types.js").SealedMessage} SealedMessage */
/** @typedef {import("./message-types.js").Tombstone} Tombstone */
/** @typedef {import("./message-types.js").StoredMessage} StoredMessage */
/**
 * @typedef {object} OpenedHeader
 * @property {Header} header
 * @property {string} id
 * @property {Uint8Array} sealed s, 76 bytes
 * @property {Uint8Array} aad PAE of the header
 * @property {Uint8Array} iv
 * @property {Uint8Array | null} ct null of a tombstone
 *
 * @typedef {(bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array} Sha256 WebCrypto's, or hash-here.js
 */

/** @type {import("./body.js").Schema} */
export const HEADER = [
  ["v", oneOf(1)],
  ["room", ident],
  ["e", integer(1)],
  ["uid", ident],
  ["kid", hashCheck],
  ["dev", ident],
  ["n", integer(1)],
  ["pm", orEmpty(hashCheck)],
  ["lh", pair(integer(), hashCheck)],
  ["sh", pair(integer(), orEmpty(hashCheck))],
  ["cid", ident],
  ["ts", integer()],
];

/**
 * Encrypts and signs a message.
 * @param {Omit<Header, "v">} about
 * @param {Uint8Array} key K_e
 * @param {CryptoKey} edPrivate
 * @param {object} content
 * @returns {Promise<{h: string, iv: string, ct: string, sig: string, id: string}>} bytes as b64
 */
export async function sealMessage(about, key, edPrivate, content) {
  const { room, e, uid, kid, dev, n, pm, lh, sh, cid, ts } = about;
  const h = encodeBody({ v: 1, room, e, uid, kid, dev, n, pm, lh, sh, cid, ts });
  const iv = randomBytes(12);
  const aad = pae("message", h);
  const aes = await messageAes(key, about, "encrypt");
  const ct = await aesSeal(aes, iv, pad(writeContent(content)), aad);
  const sealed = concat(await sha256(aad), iv, await sha256(ct));
  const sig = await sign(edPrivate, "sealed", sealed);
  return { h, iv: b64(iv), ct: b64(ct), sig, id: await idOf(sealed, sha256) };
}

/** @param {Uint8Array} sealed s, 76 bytes: the input of a message's signature and id
 * @param {Sha256} hash */
const idOf = async (sealed, hash) => b64(await hash(pae("sealed", sealed)));

/** The hash of the ciphertext that is gone. @param {Tombstone} row */
function hashOfErased(row) {
  // Otherwise the signature would cover another ciphertext than the one shown.
  if ("ct" in row) throw new WireError("a tombstone of what is still there");
  integer(1)(row.del);
  return unb64(row.sha, 32);
}

/**
 * Parses a message's header and computes its id. The signature stays unchecked.
 * @param {StoredMessage} row
 * @param {Sha256} [hash]
 * @returns {Promise<OpenedHeader>}
 * @throws {WireError}
 */
export async function openHeader(row, hash = sha256) {
  /** @type {OpenedHeader["header"]} */
  const header = parseBody(row.h, HEADER);
  const ct = isTombstone(row) ? null : unb64(row.ct);
  const hashed = ct ? await hash(ct) : hashOfErased(/** @type {Tombstone} */ (row));
  const [aad, iv] = [pae("message", row.h), unb64(row.iv, 12)];
  const sealed = concat(await hash(aad), iv, hashed);
  return { header, id: await idOf(sealed, hash), sealed, aad, iv, ct };
}

/** A message that is refused, or (`ahead`) refers to log events that must be fetched first. */
export class MessageError extends Error {
  /** @override */
  name = "MessageError";
  /** @param {"ahead" | "refused"} reason */
  constructor(reason) {
    super(`message ${reason}`);
    this.reason = reason;
  }
}

/** @param {boolean} right @returns {asserts right} */
function must(right) {
  if (!right) throw new MessageError("refused");
}

/**
 * Checks one message against the verified log.
 * @param {StoredMessage} row
 * @param {OpenedHeader} opened
 * @param {import("./log.js").RoomState} state
 * @param {Map<string, import("./identity.js").OpenedIdentity>} identities by kid
 * @returns {Promise<void>}
 * @throws {MessageError} if it is refused, or names log events that are not here yet
 */
export async function verifyMessage(row, { header, sealed }, state, identities) {
  must(header.room === state.room);
  const [seq, hash] = header.lh;
  if (seq > state.seq) throw new MessageError("ahead");
  must(state.hashes[seq] === hash);
  const then = atLog(state, seq, header.uid);
  must(then.kid === header.kid && then.open && then.e === header.e);
  must(header.sh[0] < row.seq && (header.sh[0] === 0) === (header.sh[1] === ""));
  must((header.n === 1) === (header.pm === ""));
  const identity = identities.get(header.kid);
  must(identity !== undefined && identity.uid === header.uid);
  must(await verify(identity.ed, "sealed", sealed, row.sig));
}

/**
 * Decrypts a verified message; its `t` may be of a newer version.
 * @param {OpenedHeader} opened
 * @param {Uint8Array} key K_e
 * @returns {Promise<import("./content.js").Content | {t: string}>}
 * @throws {WireError}
 */
export const decryptMessage = async (opened, key) =>
  contentOf(opened, await messageAes(key, opened.header, "decrypt"));

/**
 * Decrypts a message with its own key, which opens no other one.
 * @param {OpenedHeader} opened
 * @param {Uint8Array} mk 32 bytes
 * @returns {Promise<import("./content.js").Content | {t: string}>}
 * @throws {WireError}
 */
export const decryptWith = async (opened, mk) => contentOf(opened, await aesKey(mk, "decrypt"));

/** @param {OpenedHeader} opened @param {CryptoKey} aes */
async function contentOf({ iv, ct, aad }, aes) {
  if (!ct) throw new WireError("erased");
  return readContent(unpad(await aesOpen(aes, iv, ct, aad)));
}
