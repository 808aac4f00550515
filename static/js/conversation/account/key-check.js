/** Checks that this browser can make, keep and use keys, with known answers. */

import { b64, equal, unb64, utf8 } from "../../crypto/bytes.js";
import { sha256 } from "../../crypto/hash.js";
import { edSigner, importKeys, makeIdentity, openIdentity } from "../../crypto/identity.js";
import { oaepOpen, oaepSeal } from "../../crypto/roomkeys.js";
import { newDeviceKey, openAtRest, sealAtRest } from "../../store/at-rest.js";
import { ED_PUBLIC, ED_SEED, RSA_SPKI_SHA256, rsaPkcs8 } from "./test-key.js";

/** @typedef {import("../../crypto/identity.js").Keys} Keys */

/** A step of the check that failed; `step` names it for a bug report. */
export class KeyCheckError extends Error {
  /** @override */
  name = "KeyCheckError";

  /** @param {string} step @param {unknown} cause */
  constructor(step, cause) {
    super(`${step}: ${cause instanceof Error ? cause.name : "wrong result"}`, { cause });
    this.step = step;
  }
}

const SAMPLE = utf8("a text that is nobody's");
const PERSON = { uid: "0".repeat(32), name: "key-check" };

/**
 * @param {<T>(value: T) => Promise<T>} storeAndReadBack see store/persistence-check
 * @returns {Promise<void>}
 * @throws {KeyCheckError} at the first step that this browser cannot do
 */
export async function checkKeys(storeAndReadBack) {
  const made = await step("import", importKnownKeys);
  const device = await step("device key", newDeviceKey);
  const kept = await step("storage", () => storeAndReadBack({ keys: made, device }));
  await step("sign", () => signAndVerify(kept.keys));
  await step("invitation", () => edSigner(ED_SEED));
  await step("unwrap", () => wrapAndUnwrap(kept.keys));
  await step("seal", () => sealAndOpen(kept.device));
}

/** @template T @param {string} name @param {() => Promise<T>} run @returns {Promise<T>} */
async function step(name, run) {
  try {
    return await run();
  } catch (error) {
    throw new KeyCheckError(name, error);
  }
}

/** @param {boolean} right */
function require(right) {
  if (!right) throw new TypeError("not the known result");
}

async function importKnownKeys() {
  const keys = await importKeys({ seed: ED_SEED, pkcs8: rsaPkcs8() });
  require(b64(keys.ed.publicRaw) === ED_PUBLIC);
  require(b64(await sha256(keys.rsa.spki)) === RSA_SPKI_SHA256);
  return keys;
}

/** @param {Keys} keys */
async function signAndVerify(keys) {
  const identity = await makeIdentity(keys, PERSON);
  require((await openIdentity(identity)).kid === identity.kid);
}

/** @param {Keys} keys */
async function wrapAndUnwrap({ rsa }) {
  const sealed = await oaepSeal(rsa.spki, SAMPLE, ED_SEED);
  require(equal(await oaepOpen(rsa.privateKey, SAMPLE, unb64(sealed)), ED_SEED));
}

/** @param {CryptoKey} device */
async function sealAndOpen(device) {
  require(equal(await openAtRest(device, await sealAtRest(device, SAMPLE)), SAMPLE));
}
