/** The one place from which the page's policy takes addresses of scripts, and a short list of them. */

/** Makes keys. */
export const KEY_WORKER = new URL("../workers/make-keys.js", import.meta.url).href;
/** Verifies and decrypts messages. */
export const MESSAGE_WORKER = new URL("../workers/open-messages.js", import.meta.url).href;
/** Finds the colours of code. */
export const CODE_WORKER = new URL("../workers/colour-code.js", import.meta.url).href;
/** Keeps the shell. */
export const SERVICE_WORKER = new URL("/sw.js", import.meta.url).href;

const ADDRESSES = [KEY_WORKER, MESSAGE_WORKER, CODE_WORKER, SERVICE_WORKER];
/** @type {{createScriptURL: (address: string) => string} | undefined} the policy is made once */
let policy;

/** @param {string} address */
function allowed(address) {
  if (!ADDRESSES.includes(address)) throw new TypeError("not a script of this site");
  return address;
}

/** Starts a worker. @param {string} address one of the addresses above */
export const startWorker = (address) => new Worker(trustedScript(address), { type: "module" });

/**
 * Returns an address that the browser starts a worker from. The policy of pages names this one
 * policy and forbids a second of its name, so no other code can have an address trusted.
 * @param {string} address one of the addresses above
 * @returns {string} a TrustedScriptURL, where the browser has them
 * @throws {TypeError} for any other address
 */
export function trustedScript(address) {
  const factory = /** @type {any} */ (globalThis).trustedTypes;
  policy ??= factory?.createPolicy("sotto", { createScriptURL: allowed }) ?? {
    createScriptURL: allowed,
  };
  return /** @type {NonNullable<typeof policy>} */ (policy).createScriptURL(address);
}
