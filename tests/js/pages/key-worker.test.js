/** What people read where the worker makes no keys. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
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

test("fault: a worker that dies without a word is not waited for", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const heard = [];
  let ended = 0;
  withWorker((worker) => {
    worker.terminate = () => {
      ended += 1;
    };
    worker.onmessage({ data: { done: 0.3 } });
  });
  const making = generateKeysInWorker((done) => heard.push(done));
  await Promise.resolve();
  mock.timers.tick(179_999);
  await Promise.resolve();
  assert.deepEqual([heard, ended], [[0.3], 0]);
  mock.timers.tick(1);
  await assert.rejects(making, /did not finish the keys.*Try again/);
  assert.equal(ended, 1);
  mock.timers.reset();
});
