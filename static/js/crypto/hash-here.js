/**
 * SHA-256 and HKDF in this thread. WebCrypto hands each call to another thread and back, which takes longer
 * than the work itself where that is as short as a message's. For workers that open many of them.
 */

import { expand, extract } from "../../vendor/@noble/hashes/hkdf.js";
import { sha256 } from "../../vendor/@noble/hashes/sha2.js";
import { equal, utf8 } from "./bytes.js";

/** Inputs of HKDF after its first half: a room's key has a derived key for each message.
 * @type {WeakMap<Uint8Array, {salt: Uint8Array, prk: Uint8Array}>} */
const extracted = new WeakMap();

/** @param {Uint8Array} ikm that never changes @param {Uint8Array} salt */
function extractOnce(ikm, salt) {
  const known = extracted.get(ikm);
  if (known && equal(known.salt, salt)) return known.prk;
  const prk = extract(sha256, ikm, salt);
  extracted.set(ikm, { salt, prk });
  return prk;
}

/** @type {import("./message.js").Hashing} */
export const HERE = {
  sha256,
  hkdf: (ikm, salt, info) => expand(sha256, extractOnce(ikm, salt), utf8(info), 32),
};
