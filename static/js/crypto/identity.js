/** Identities: a signed body with a person's public keys, named by its hash (kid). */

import {
  b64Of,
  encodeBody,
  hash64 as hashCheck,
  ident,
  integer,
  oneOf,
  orEmpty,
  parseBody,
  userName,
} from "./body.js";
import { b64, hex, unb64, WireError } from "./bytes.js";
import { digest, hash64 } from "./hash.js";
import { checkSpki, SPKI_BYTES, sign, verify } from "./sign.js";

/**
 * @typedef {object} Keys somebody's private keys, which scripts can use and not read
 * @property {{publicRaw: Uint8Array, privateKey: CryptoKey}} ed
 * @property {{spki: Uint8Array, privateKey: CryptoKey}} rsa
 *
 * @typedef {object} Exported private keys in the clear, only while a kit is made or read
 * @property {Uint8Array} seed 32 bytes
 * @property {Uint8Array} pkcs8 DER
 *
 * @typedef {object} OpenedIdentity
 * @property {string} kid
 * @property {string} uid
 * @property {string} name
 * @property {number} n
 * @property {string} prev
 * @property {Uint8Array} ed raw public key
 * @property {Uint8Array} rsa SPKI
 */

/** @type {import("./body.js").Schema} */
const SCHEMA = [
  ["v", oneOf(1)],
  ["uid", ident],
  ["name", userName],
  ["ed", b64Of(32)],
  ["rsa", b64Of(SPKI_BYTES)],
  ["n", integer(1)],
  ["prev", orEmpty(hashCheck)],
];

/** The parameters of members' encryption keys. */
export const RSA = {
  name: "RSA-OAEP",
  modulusLength: 3072,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

/**
 * Generates an account's keys, with their private halves for the recovery kit. Takes seconds on a
 * slow phone.
 * @param {(done: number) => void} [onProgress] from 0 to 1
 * @returns {Promise<Keys & {export: Exported}>}
 */
export async function generateKeys(onProgress = () => {}) {
  onProgress(0.1);
  const ed = await generateEd25519();
  onProgress(0.3);
  const rsa = await crypto.subtle.generateKey(RSA, true, ["encrypt", "decrypt"]);
  onProgress(0.8);
  const jwk = await crypto.subtle.exportKey("jwk", ed.privateKey);
  const exported = {
    seed: unb64(jwk.d, 32),
    pkcs8: new Uint8Array(await crypto.subtle.exportKey("pkcs8", rsa.privateKey)),
  };
  const keys = await importKeys(exported);
  onProgress(1);
  return { ...keys, export: exported };
}

const ED25519_TRIES = 5;

/** WebKitGTK fails in about one of 130 draws; the next one succeeds. @returns {Promise<CryptoKeyPair>} */
async function generateEd25519(triesLeft = ED25519_TRIES) {
  try {
    const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    return /** @type {CryptoKeyPair} */ (pair);
  } catch (error) {
    if (triesLeft <= 1) throw error;
    return generateEd25519(triesLeft - 1);
  }
}

/**
 * Imports non-extractable keys from their private halves.
 * @param {Exported} exported
 * @returns {Promise<Keys>}
 * @throws {WireError | DOMException} if they are malformed
 */
export async function importKeys({ seed, pkcs8 }) {
  const publicRaw = await edPublic(seed);
  const privateKey = await importPair(seed, publicRaw);
  const der = /** @type {BufferSource} */ (pkcs8);
  const rsaPrivate = await crypto.subtle.importKey("pkcs8", der, RSA, false, ["decrypt"]);
  return {
    ed: { publicRaw, privateKey },
    rsa: { spki: await rsaPublic(der), privateKey: rsaPrivate },
  };
}

/** @param {Uint8Array} seed @param {Uint8Array} publicRaw @returns {Promise<CryptoKey>} its private half */
function importPair(seed, publicRaw) {
  const jwk = { kty: "OKP", crv: "Ed25519", d: b64(seed), x: b64(publicRaw) };
  return crypto.subtle.importKey("jwk", jwk, "Ed25519", false, ["sign"]);
}

const ED_PKCS8_HEAD = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);

/**
 * The public half of an Ed25519 seed. Computed, because WebCrypto has no way from a seed to its
 * public key that works everywhere: Firefox 140 refuses to export a key that was imported from
 * PKCS#8 without its public half. Pages that make or restore no keys do not load the library.
 * @param {Uint8Array} seed 32 bytes @returns {Promise<Uint8Array>} 32 bytes
 */
export async function edPublic(seed) {
  const { getPublicKeyAsync } = await import("../../vendor/@noble/ed25519/index.js");
  return getPublicKeyAsync(seed);
}

/**
 * Imports a signing key from its seed. WebKitGTK refuses PKCS#8, and takes a key with its public half.
 * @param {Uint8Array} seed 32 bytes
 * @returns {Promise<CryptoKey>} not extractable
 */
export async function edSigner(seed) {
  const der = new Uint8Array(48);
  der.set(ED_PKCS8_HEAD);
  der.set(seed, 16);
  try {
    return await crypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]);
  } catch {
    return importPair(seed, await edPublic(seed));
  }
}

/**
 * The public half of an RSA key.
 * @param {BufferSource} pkcs8 DER
 * @returns {Promise<Uint8Array>} SPKI
 * @throws {WireError} if it is no RSA-3072 key
 */
export async function rsaPublic(pkcs8) {
  const whole = await crypto.subtle.importKey("pkcs8", pkcs8, RSA, true, ["decrypt"]);
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", whole);
  const half = await crypto.subtle.importKey("jwk", { kty, n, e }, RSA, true, ["encrypt"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", half));
  checkSpki(spki);
  return spki;
}

/**
 * @param {Keys} keys
 * @param {{uid: string, name: string, n?: number, prev?: string}} about
 * @returns {Promise<{body: string, sig: string, kid: string}>}
 */
export async function makeIdentity(keys, { uid, name, n = 1, prev = "" }) {
  const body = encodeBody({
    v: 1,
    uid,
    name,
    ed: b64(keys.ed.publicRaw),
    rsa: b64(keys.rsa.spki),
    n,
    prev,
  });
  parseBody(body, SCHEMA);
  const sig = await sign(keys.ed.privateKey, "identity", body);
  return { body, sig, kid: await hash64("identity", body) };
}

/**
 * Opens an identity and checks it by its own key.
 * @param {{body: string, sig: string}} identity
 * @returns {Promise<OpenedIdentity>}
 * @throws {WireError}
 */
export async function openIdentity(identity) {
  const { body, sig } = identity ?? {}; // from the server, of any type
  /** @type {{uid: string, name: string, ed: string, rsa: string, n: number, prev: string}} */
  const value = parseBody(body, SCHEMA);
  const ed = unb64(value.ed, 32);
  const rsa = unb64(value.rsa, SPKI_BYTES);
  if ((value.n === 1) !== (value.prev === "")) throw new WireError("n and prev do not agree");
  checkSpki(rsa);
  if (!(await verify(ed, "identity", body, sig))) throw new WireError("bad signature");
  const { uid, name, n, prev } = value;
  return { kid: await hash64("identity", body), uid, name, n, prev, ed, rsa };
}

/**
 * Returns the safety number that two people compare.
 * @param {string} kidA
 * @param {string} kidB
 * @returns {Promise<string>} 60 digits
 */
export async function safetyNumber(kidA, kidB) {
  const bytes = await digest("safety", [kidA, kidB].sort().join(""));
  return String(BigInt(`0x${hex(bytes)}`) % 10n ** 60n).padStart(60, "0");
}
