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
import { gcmOpen, gcmSeal, hkdf, pad, unpad } from "./box.js";
import { b64, concat, randomBytes, unb64, WireError } from "./bytes.js";
import { readContent, writeContent } from "./content.js";
import { pae, sha256 } from "./hash.js";
import { isTombstone } from "./message-row.js";
import { atLog } from "./room-state.js";
import { messageKey } from "./roomkeys.js";
import { sign, verify } from "./sign.js";

/** @typedef {import("./message-types.js").Header} Header */
/** @typedef {import("./message-types.js").SealedMessage} SealedMessage */
/** @typedef {import("./message-types.js").Tombstone} Tombstone */
/** @typedef {import("./message-types.js").StoredMessage} StoredMessage */
/** @typedef {{header: Header, id: string, sealed: Uint8Array}} OpenedHeader */
/**
 * @typedef {object} Hashing what hashes and derives keys: WebCrypto, or hash-here.js
 * @property {(bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array} sha256
 * @property {(ikm: Uint8Array, salt: Uint8Array, info: string) => Promise<Uint8Array> | Uint8Array} hkdf
 *   32 bytes
 */

/** @type {Hashing} */
const WEB_CRYPTO = { sha256, hkdf };

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
  const mk = await messageKey(key, room, e, uid, dev, n);
  const ct = await gcmSeal(mk, iv, pad(writeContent(content)), pae("message", h));
  const sealed = await sealedBytes(h, iv, await sha256(ct), WEB_CRYPTO);
  const sig = await sign(edPrivate, "sealed", sealed);
  return { h, iv: b64(iv), ct: b64(ct), sig, id: await idOf(sealed, WEB_CRYPTO) };
}

/** s, 76 bytes: the input of a message's signature and id.
 * @param {string} h @param {Uint8Array} iv @param {Uint8Array} hashed SHA-256 of the ciphertext
 * @param {Hashing} hashing */
async function sealedBytes(h, iv, hashed, { sha256 }) {
  return concat(await sha256(pae("message", h)), iv, hashed);
}

/** @param {Uint8Array} sealed @param {Hashing} hashing */
const idOf = async (sealed, { sha256 }) => b64(await sha256(pae("sealed", sealed)));

/** @param {StoredMessage} row @param {Hashing} hashing */
async function hashOfCt(row, { sha256 }) {
  if (!isTombstone(row)) return sha256(unb64(row.ct));
  // Otherwise the signature would cover another ciphertext than the one shown.
  if ("ct" in row) throw new WireError("a tombstone of what is still there");
  integer(1)(row.del);
  return unb64(row.sha, 32);
}

/**
 * Parses a message's header and computes its id. The signature stays unchecked.
 * @param {StoredMessage} row
 * @param {Hashing} [hashing]
 * @returns {Promise<OpenedHeader>}
 * @throws {WireError}
 */
export async function openHeader(row, hashing = WEB_CRYPTO) {
  /** @type {OpenedHeader["header"]} */
  const header = parseBody(row.h, HEADER);
  const hashed = await hashOfCt(row, hashing);
  const sealed = await sealedBytes(row.h, unb64(row.iv, 12), hashed, hashing);
  return { header, id: await idOf(sealed, hashing), sealed };
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
 * @param {StoredMessage} row
 * @param {Header} header
 * @param {Uint8Array} key K_e
 * @param {Hashing} [hashing]
 * @returns {Promise<import("./content.js").Content | {t: string}>}
 * @throws {WireError}
 */
export async function decryptMessage(row, header, key, { hkdf } = WEB_CRYPTO) {
  if (isTombstone(row)) throw new WireError("erased");
  const { room, e, uid, dev, n } = header;
  return decryptWith(row, await messageKey(key, room, e, uid, dev, n, hkdf));
}

/**
 * Decrypts a message with its own key, which opens no other one.
 * @param {SealedMessage} row
 * @param {Uint8Array} mk 32 bytes
 * @returns {Promise<import("./content.js").Content | {t: string}>}
 * @throws {WireError}
 */
export async function decryptWith(row, mk) {
  const plain = await gcmOpen(mk, unb64(row.iv, 12), unb64(row.ct), pae("message", row.h));
  return readContent(unpad(plain));
}
