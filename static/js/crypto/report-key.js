/** The site's report key, which administrators hold in their browsers, and its kit
 *  (docs/protocol.md, "Reports"). */

import { hash64 as hashCheck } from "./body.js";
import { hkdf, open, seal } from "./box.js";
import { b64, fromUtf8, randomBytes, unb64, utf8, WireError } from "./bytes.js";
import { RSA, rsaPublic } from "./identity.js";
import { CODE_BYTES, formatCode, parseCode } from "./kit.js";
import { reportKeyId } from "./report.js";

/** @typedef {{rk: string, spki: string, privateKey: CryptoKey}} ReportKey `spki` as b64; the private
 *    key is not extractable */

/** @param {Uint8Array} code @param {Uint8Array} salt @param {string} rk */
const kitKey = (code, salt, rk) => hkdf(code, salt, `sotto/v1/report-recovery|${rk}`);

/**
 * Makes a report key, with the kit that brings it to other browsers.
 * @returns {Promise<{key: ReportKey, file: string}>}
 */
export async function makeReportKey() {
  const pair = await crypto.subtle.generateKey(RSA, true, ["encrypt", "decrypt"]);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const key = await imported(pkcs8);
  const code = randomBytes(CODE_BYTES);
  const salt = randomBytes(32);
  const context = { v: 1, rk: key.rk, salt: b64(salt) };
  const plain = utf8(JSON.stringify({ rsa: b64(pkcs8) }));
  const box = await seal(await kitKey(code, salt, key.rk), "report-kit", context, plain);
  const file = { sotto: "report key", code: formatCode(code), kit: { ...context, box } };
  return { key, file: `${JSON.stringify(file, null, 1)}\n` };
}

/**
 * Opens a report key's kit.
 * @param {string} file
 * @returns {Promise<ReportKey>}
 * @throws {WireError} with a text that is safe to show
 */
export async function openReportKit(file) {
  const value = parsed(file);
  if (value?.sotto !== "report key" || typeof value.code !== "string" || !value.kit) {
    throw new WireError("not the kit of a report key");
  }
  const { v, rk, salt, box } = value.kit;
  if (v !== 1) throw new WireError("this kit needs a newer version");
  hashCheck(rk);
  const key = await kitKey(parseCode(value.code), unb64(salt, 32), rk);
  const inner = parsed(fromUtf8(await open(key, "report-kit", { v: 1, rk, salt }, box)));
  const found = await imported(unb64(inner?.rsa));
  if (found.rk !== rk) throw new WireError("not the kit of this key");
  return found;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireError("not the kit of a report key");
  }
}

/** @param {Uint8Array} pkcs8 @returns {Promise<ReportKey>} */
async function imported(pkcs8) {
  const der = /** @type {BufferSource} */ (pkcs8);
  const privateKey = await crypto.subtle.importKey("pkcs8", der, RSA, false, ["decrypt"]);
  const spki = b64(await rsaPublic(der));
  return { rk: await reportKeyId(spki), spki, privateKey };
}
