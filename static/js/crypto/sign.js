/** Signatures over DSSE's pre-authentication encoding. */

import { b64, equal, hex, unb64, unhex, WireError } from "./bytes.js";
import { pae, sha256 } from "./hash.js";

/** @typedef {import("./hash.js").Body} Body */

/**
 * Signs a typed body with Ed25519.
 * @param {CryptoKey} privateKey
 * @param {string} type
 * @param {Body} body
 * @returns {Promise<string>} b64
 */
export async function sign(privateKey, type, body) {
  const message = /** @type {BufferSource} */ (pae(type, body));
  return b64(new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, message)));
}

/**
 * Tells whether a signature over a typed body is good. The key and the signature's first half are
 * checked before an engine sees them, because engines disagree on small and non-canonical points; so
 * is S < L.
 * @param {Uint8Array} ed raw public key
 * @param {string} type
 * @param {Body} body
 * @param {unknown} sig b64
 * @returns {Promise<boolean>}
 */
export async function verify(ed, type, body, sig) {
  try {
    return await verifyBytes(ed, pae(type, body), unb64(sig, 64));
  } catch {
    return false;
  }
}

/**
 * Tells whether a signature over untyped bytes is good. The protocol signs nothing so; test vectors do.
 * @param {Uint8Array} ed raw public key
 * @param {Uint8Array} message
 * @param {Uint8Array} raw signature
 * @returns {Promise<boolean>}
 * @throws {WireError} for points that are not allowed
 */
export async function verifyBytes(ed, message, raw) {
  checkPoint(raw.subarray(0, 32));
  if (raw.length !== 64 || !isBelow(raw.subarray(32), ORDER)) return false;
  const key = await publicKey(ed);
  const [sig, text] = /** @type {BufferSource[]} */ ([raw, message]);
  return crypto.subtle.verify("Ed25519", key, sig, text);
}

/** @type {Map<string, Promise<CryptoKey>>} */
const imported = new Map();

/** @param {Uint8Array} ed @throws {WireError} for points that are not allowed */
function publicKey(ed) {
  const name = b64(ed);
  let key = imported.get(name);
  if (key === undefined) {
    checkPoint(ed);
    if (imported.size > 500) imported.clear();
    key = crypto.subtle.importKey("raw", /** @type {BufferSource} */ (ed), "Ed25519", true, [
      "verify",
    ]);
    imported.set(name, key);
  }
  return key;
}

const P = 2n ** 255n - 19n;
const FIELD = littleEndian(P);
/** The group's order. */
const ORDER = littleEndian(2n ** 252n + 27742317777372353535851937790883648493n);
/** y of the points of small order. */
const SMALL = [
  littleEndian(0n),
  littleEndian(1n),
  littleEndian(P - 1n),
  unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
  unhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
];

/** The 32 bytes of a number, the least significant first. @param {bigint} number */
function littleEndian(number) {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((number >> BigInt(8 * at)) & 255n));
}

/** Tells whether a number is smaller than another one, both as `littleEndian` makes them. They are
 * public: how long it takes tells nothing.
 * @param {Uint8Array} number @param {Uint8Array} limit */
function isBelow(number, limit) {
  for (let at = 31; at >= 0; at -= 1) if (number[at] !== limit[at]) return number[at] < limit[at];
  return false;
}

/**
 * Refuses points that are not canonical or of small order.
 * @param {Uint8Array} point
 * @returns {void}
 * @throws {WireError}
 */
export function checkPoint(point) {
  if (point.length !== 32) throw new WireError("a point that is not allowed");
  const y = Uint8Array.from(point);
  y[31] &= 0x7f; // the top bit is the sign of x
  if (!isBelow(y, FIELD) || SMALL.some((one) => equal(one, y)))
    throw new WireError("a point that is not allowed");
}

const SPKI_HEAD = "308201a2300d06092a864886f70d01010105000382018f003082018a0282018100";
const SPKI_TAIL = "0203010001";
/** The size of an RSA-3072 public key as SPKI. */
export const SPKI_BYTES = 422;

/**
 * Checks that a key is RSA with exactly 3072 bits and e = 65537.
 * @param {Uint8Array} der SPKI
 * @returns {void}
 * @throws {WireError}
 */
export function checkSpki(der) {
  const text = hex(der);
  const good =
    der.length === SPKI_BYTES &&
    text.startsWith(SPKI_HEAD) &&
    text.endsWith(SPKI_TAIL) &&
    (der[SPKI_HEAD.length / 2] & 0x80) !== 0;
  if (!good) throw new WireError("not an RSA-3072 public key");
}

/** The id of an RSA key: the hash of its SPKI.
 * @param {unknown} spki b64 @returns {Promise<string>} b64
 * @throws {WireError} if it is no RSA-3072 key */
export async function rsaKeyId(spki) {
  const der = unb64(spki, SPKI_BYTES);
  checkSpki(der);
  return b64(await sha256(der));
}
