/** Passkeys in this browser: makes and uses them, and says in plain words why that did not work. */

import { b64, unb64 } from "../crypto/bytes.js";
import { accountStrings as strings } from "../ui/strings/account.js";

/** @typedef {import("../net/types.js").PasskeyOptions} Options */
/** @typedef {import("../net/types.js").PasskeyCredential} Credential */

/** Tells whether this browser knows passkeys at all. They belong to a host's name, never to a bare
 * address. */
export const canUsePasskeys = () =>
  "PublicKeyCredential" in globalThis && /[a-z]/i.test(location.hostname.replace(/^\[.*\]$/, ""));

/** Makes a passkey. @param {Options} options of the server @returns {Promise<Credential>}
 * @throws {Error} with a sentence for people */
export async function makePasskey(options) {
  const publicKey = /** @type {any} */ (decodeOptions(options));
  return encodeCredential(await asked(() => navigator.credentials.create({ publicKey })));
}

/** Uses a passkey. @param {Options} options of the server
 * @param {AbortSignal} [signal] aborted when the person goes another way
 * @returns {Promise<Credential>} @throws {Error} with a sentence for people */
export async function usePasskey(options, signal) {
  const publicKey = /** @type {any} */ (decodeOptions(options));
  return encodeCredential(await asked(() => navigator.credentials.get({ publicKey, signal })));
}

/**
 * Returns options as browsers take them, with bytes in place of base64url.
 * @param {Options} options
 */
export function decodeOptions(options) {
  const { user, excludeCredentials, allowCredentials } = options;
  return {
    ...options,
    challenge: unb64(options.challenge),
    ...(user && { user: { ...user, id: unb64(user.id) } }),
    ...(excludeCredentials && { excludeCredentials: excludeCredentials.map(withBytes) }),
    ...(allowCredentials && { allowCredentials: allowCredentials.map(withBytes) }),
  };
}

/** @param {{id: string}} described */
const withBytes = (described) => ({ ...described, id: unb64(described.id) });

const PARTS = /** @type {const} */ ([
  "clientDataJSON",
  "attestationObject",
  "authenticatorData",
  "signature",
  "userHandle",
]);

/**
 * Returns what the server reads of a credential, as base64url.
 * @param {unknown} credential a PublicKeyCredential
 * @returns {Credential}
 */
export function encodeCredential(credential) {
  const { rawId, response } =
    /** @type {{rawId: ArrayBuffer, response: Record<string, ArrayBuffer>}} */ (credential);
  // An attestation has authenticatorData as well, in newer browsers; it stands in the object, too.
  const wanted = PARTS.filter(
    (name) => response[name] && !(name === "authenticatorData" && response.attestationObject),
  );
  const encode = (/** @type {ArrayBuffer} */ bytes) => b64(new Uint8Array(bytes));
  return {
    id: encode(rawId),
    response: Object.fromEntries(wanted.map((name) => [name, encode(response[name])])),
  };
}

/** A sentence about what a browser said. @param {unknown} error */
export function passkeyProblem(error) {
  const name = /** @type {{name?: string}} */ (error)?.name ?? "";
  const texts = /** @type {Record<string, string>} */ (strings.passkeys.problems);
  return Object.hasOwn(texts, name) ? texts[name] : texts.other;
}

/** @param {() => Promise<Credential | globalThis.Credential | null>} work */
async function asked(work) {
  let found;
  try {
    found = await work();
  } catch (error) {
    throw new Error(passkeyProblem(error));
  }
  if (!found) throw new Error(strings.passkeys.problems.other);
  return found;
}
