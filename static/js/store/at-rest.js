/** Encryption at rest: what the browser keeps is sealed under a key that scripts cannot read. */

/** @typedef {{iv: Uint8Array, ct: ArrayBuffer}} Sealed */

/**
 * Makes a key for this browser's records. Scripts can use it and never read it.
 * @returns {Promise<CryptoKey>}
 */
export const newDeviceKey = () =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

/**
 * Encrypts bytes for this browser's records.
 * @param {CryptoKey} key
 * @param {Uint8Array} plain
 * @returns {Promise<Sealed>}
 */
export async function sealAtRest(key, plain) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = /** @type {BufferSource} */ (plain);
  return { iv, ct: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

/**
 * Decrypts what `sealAtRest` encrypted.
 * @param {CryptoKey} key
 * @param {Sealed} sealed
 * @returns {Promise<Uint8Array>}
 * @throws {DOMException} if it does not authenticate
 */
export async function openAtRest(key, { iv, ct }) {
  const parameters = { name: "AES-GCM", iv: /** @type {BufferSource} */ (iv) };
  return new Uint8Array(await crypto.subtle.decrypt(parameters, key, ct));
}
