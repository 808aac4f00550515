/** The worker that makes keys. */

import { KEY_WORKER, startWorker } from "./trusted-scripts.js";

/**
 * Makes keys in a worker.
 * @type {import("../conversation/account/account-keys.js").Generate}
 */
export function generateKeysInWorker(onProgress) {
  const worker = startWorker(KEY_WORKER);
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data.done !== undefined) onProgress(data.done);
      if (data.keys) resolve(data.keys);
      if (data.failed) reject(new Error(`This browser could not make keys (${data.failed}).`));
    };
    worker.onerror = () => reject(new Error("This browser could not start a worker."));
    worker.postMessage("generate");
  }).finally(() => worker.terminate());
}
