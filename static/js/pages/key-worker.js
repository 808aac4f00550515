/** The worker that makes keys. */

import { KEY_WORKER, startWorker } from "./trusted-scripts.js";

const OTHERWISE =
  "Try again, or use another browser: Chrome or Edge 137, Firefox 140 or Safari 17, or newer.";

const SILENT = 180_000; // ms; an RSA key takes half a minute on a slow phone

/** No keys were made; its message is for people. */
export class KeyWorkerError extends Error {
  /** @override */
  name = "KeyWorkerError";
}

/**
 * Makes keys in a worker. Rejects with a KeyWorkerError.
 * @type {import("../conversation/account/account-keys.js").Generate}
 */
export function generateKeysInWorker(onProgress) {
  const worker = startWorker(KEY_WORKER);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return new Promise((resolve, reject) => {
    const listen = () => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(problem("did not finish the keys")), SILENT);
    };
    worker.onmessage = ({ data }) => {
      listen();
      if (data.done !== undefined) onProgress(data.done);
      if (data.keys) resolve(data.keys);
      if (data.failed) reject(problem(`could not make keys (${data.failed})`));
    };
    worker.onerror = () => reject(problem("could not start the worker that makes keys"));
    worker.postMessage("generate");
    listen();
  }).finally(() => {
    clearTimeout(timer);
    worker.terminate();
  });
}

/** @param {string} what this browser could not do */
const problem = (what) => new KeyWorkerError(`This browser ${what}. ${OTHERWISE}`);
