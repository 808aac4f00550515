/** What people read where the worker makes no keys. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKeysInWorker, KeyWorkerError } from "../../../static/js/pages/key-worker.js";

/** @param {(worker: any) => void} act called once keys are asked for */
function withWorker(act) {
  globalThis.Worker = /** @type {any} */ (
    class {
      postMessage() {
        queueMicrotask(() => act(this));
      }

      terminate() {}
    }
  );
}

test("fault: a worker that does not start says which browser to use", async () => {
  withWorker((worker) => worker.onerror());
  await assert.rejects(
    generateKeysInWorker(() => {}),
    (error) =>
      error instanceof KeyWorkerError && /another browser: .*Safari 17/.test(error.message),
  );
});

test("fault: a worker that makes no keys says why", async () => {
  withWorker((worker) => worker.onmessage({ data: { failed: "OperationError" } }));
  await assert.rejects(
    generateKeysInWorker(() => {}),
    /could not make keys \(OperationError\)/,
  );
});
