/** The recovery kit: a file that alone brings an account's keys to another browser. */

import { hash64 as hashCheck, ident } from "./body.js";
import { hkdf, open, seal } from "./box.js";
import { b64, fromUtf8, randomBytes, unb64, utf8, WireError } from "./bytes.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Bytes of a recovery code. */
export const CODE_BYTES = 20;

/**
 * Formats a recovery code: 8 groups of 4 letters in Crockford's base32.
 * @param {Uint8Array} bytes 20
 * @returns {string}
 */
export function formatCode(bytes) {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]);
  return (letters.join("").match(/.{4}/g) ?? []).join("-");
}

/**
 * Parses a recovery code as people type it: any case, spaces, O for 0, I and L for 1.
 * @param {string} text
 * @returns {Uint8Array} 20 bytes
 * @throws {WireError}
 */
export function parseCode(text) {
  const clean = text.toUpperCase().replace(/[-\s]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const digits = Array.from(clean, (letter) => ALPHABET.indexOf(letter));
  if (digits.length !== 32 || digits.includes(-1)) throw new WireError("not a recovery code");
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (eight) => Number.parseInt(eight, 2));
}

/** @param {Uint8Array} code @param {Uint8Array} salt @param {string} uid */
const recoveryKey = (code, salt, uid) => hkdf(code, salt, `sotto/v1/recovery|${uid}`);

/**
 * Makes a recovery kit: the account's private keys, sealed under a code.
 * @param {{uid: string, kid: string, seed: Uint8Array, pkcs8: Uint8Array}} account
 * @returns {Promise<{file: string, code: string}>}
 */
export async function makeKit({ uid, kid, seed, pkcs8 }) {
  const code = randomBytes(CODE_BYTES);
  const salt = randomBytes(32);
  const context = { v: 1, uid, kid, salt: b64(salt) };
  const plain = utf8(JSON.stringify({ ed: b64(seed), rsa: b64(pkcs8) }));
  const box = await seal(await recoveryKey(code, salt, uid), "kit", context, plain);
  const written = formatCode(code);
  const kit = { ...context, box };
  return {
    code: written,
    file: `${JSON.stringify({ sotto: "recovery kit", code: written, kit }, null, 1)}\n`,
  };
}

/**
 * Opens a recovery kit's file.
 * @param {string} file
 * @returns {Promise<{uid: string, kid: string, seed: Uint8Array, pkcs8: Uint8Array}>}
 * @throws {WireError} with a text that is safe to show
 */
export async function openKit(file) {
  const { code, kit } = parseFile(file);
  const { v, uid, kid, salt, box } = kit; // still unchecked
  if (v !== 1) throw new WireError("this recovery kit needs a newer version");
  ident(uid);
  hashCheck(kid);
  const key = await recoveryKey(parseCode(code), unb64(salt, 32), uid);
  const opened = await open(key, "kit", { v: 1, uid, kid, salt }, box);
  const inner = JSON.parse(fromUtf8(opened)) ?? {};
  return { uid, kid, seed: unb64(inner.ed, 32), pkcs8: unb64(inner.rsa) };
}

/** @param {string} file @returns {{code: string, kit: {v: number, uid: string, kid: string, salt: string, box: string}}} */
function parseFile(file) {
  let value;
  try {
    value = JSON.parse(file);
  } catch {
    throw new WireError("not a recovery kit");
  }
  if (value?.sotto !== "recovery kit" || typeof value.code !== "string" || !value.kit) {
    throw new WireError("not a recovery kit");
  }
  return value;
}
