import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MessageOpener,
  WorkerMessageOpener,
} from "../../../../static/js/conversation/messages/message-opener.js";
import { b64, unb64 } from "../../../../static/js/crypto/bytes.js";
import { sha256 } from "../../../../static/js/crypto/hash.js";
import { ben, flip } from "../../crypto/cast.js";
import { stage } from "./timeline-stage.js";

const MANY = 50;

/** The worker's own script, with the page's end of it: what is sent is cloned, as browsers do. */
async function realWorker() {
  const page = { sent: [], said: [], onmessage: null, onerror: null, terminate() {} };
  globalThis.self = {
    postMessage(data) {
      page.said.push(data);
      page.onmessage?.({ data: structuredClone(data) });
    },
  };
  await import(`../../../../static/js/workers/open-messages.js?${Math.random()}`);
  const { onmessage } = globalThis.self;
  while (page.said.length === 0) await new Promise(setImmediate); // it loads its code
  page.postMessage = (data) => {
    page.sent.push(data);
    onmessage({ data: structuredClone(data) });
  };
  return page;
}

/** Two workers of which one does the work: its script is there once. */
function twoOf(real) {
  const faces = [0, 1].map((which) => ({
    sent: [],
    terminate() {},
    postMessage(data) {
      this.sent.push(data);
      real.postMessage({ ...data, job: 2 * data.job + which });
    },
  }));
  real.onmessage = ({ data }) =>
    faces[data.job % 2].onmessage({ data: { ...data, job: Math.floor(data.job / 2) } });
  return faces;
}

/** An opener whose worker has started. */
function startedOpener(worker, ...more) {
  const opener = new WorkerMessageOpener(() => worker, ...more);
  opener.prepare();
  for (const data of worker.said) worker.onmessage({ data });
  return opener;
}

/** Rows of every kind: good, altered, badly signed, erased, of another epoch. */
async function rowsOfAllKinds() {
  const { say, session } = await stage();
  const rows = [];
  for (let seq = 1; seq <= MANY; seq += 1) rows.push({ ...(await say(ben, `m${seq}`)) });
  rows[1].ct = flip(rows[1].ct, 3);
  rows[2].sig = flip(rows[2].sig, 40);
  rows[3].h = "{}";
  const { ct, ...kept } = rows[4];
  rows[4] = { ...kept, sha: b64(await sha256(unb64(ct))), del: 9 };
  return { rows, session };
}

/** How many messages each worker was asked for, job by job. */
const sizesOf = (workers) => workers.map(({ sent }) => sent.map(({ rows }) => rows.length));

const openAll = (opener, rows, session) =>
  Promise.all(rows.map((row) => opener.open(row, session)));

test("a worker opens what the page opens, and refuses what it refuses", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const here = await openAll(new MessageOpener(), rows, session);
  assert.deepEqual(
    here.slice(0, 6).map(({ outcome }) => outcome),
    ["ok", "refused", "refused", "refused", "erased", "ok"],
  );
  const worker = await realWorker();
  const opener = startedOpener(worker);
  assert.deepEqual(await openAll(opener, rows, session), here);
  assert.equal(worker.sent.length, 1, "all in one message");
});

test("the page opens messages itself until the worker has started", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const here = await openAll(new MessageOpener(), rows, session);
  const worker = await realWorker();
  let made = 0;
  const opener = new WorkerMessageOpener(() => {
    made += 1;
    return worker;
  });
  assert.deepEqual(await openAll(opener, rows, session), here);
  assert.deepEqual([made, worker.sent.length], [1, 0]);
  worker.onmessage({ data: { started: true } });
  assert.deepEqual(await openAll(opener, rows, session), here);
  assert.deepEqual([made, worker.sent.length], [1, 1]);
});

test("two workers open many messages, each its half, and refuse what the page refuses", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const many = [...rows, ...rows.toReversed()];
  const here = await openAll(new MessageOpener(), many, session);
  const workers = twoOf(await realWorker());
  const left = [...workers];
  const opener = new WorkerMessageOpener(() => left.shift() ?? assert.fail("a third worker"));
  opener.prepare();
  assert.equal(left.length, 1, "the second one waits until there is more to do");
  workers[0].onmessage({ data: { started: true } });
  assert.deepEqual(await openAll(opener, many, session), here);
  assert.deepEqual(sizesOf(workers), [[100], []], "until it has started, the first does all");
  workers[1].onmessage({ data: { started: true } });
  assert.deepEqual(await openAll(opener, many, session), here);
  assert.deepEqual(await openAll(opener, rows, session), here.slice(0, rows.length));
  assert.deepEqual(sizesOf(workers), [[100, 50, 50], [50]]);
});

test("where one of two workers fails, the page opens what both have not", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const many = [...rows, ...rows];
  const here = await openAll(new MessageOpener(), many, session);
  const workers = [0, 1].map(() => ({ asked: 0, ended: 0 }));
  for (const worker of workers) {
    worker.postMessage = () => (worker.asked += 1);
    worker.terminate = () => (worker.ended += 1);
  }
  const left = [...workers];
  const opener = new WorkerMessageOpener(() => left.shift());
  openAll(opener, many, session); // starts both
  await new Promise(setImmediate);
  for (const worker of workers) worker.onmessage({ data: { started: true } });
  let told = 0;
  opener.addEventListener("failed", () => (told += 1));
  const opened = openAll(opener, many, session);
  await new Promise(setImmediate);
  workers[1].onerror();
  assert.deepEqual(await opened, here);
  assert.deepEqual(await openAll(opener, many, session), here);
  assert.deepEqual(
    [told, ...workers.map(({ asked, ended }) => [asked, ended])],
    [1, [1, 1], [1, 1]],
  );
});

test("where the first of two workers cannot be reached, the second is not asked", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const many = [...rows, ...rows];
  const here = await openAll(new MessageOpener(), many, session);
  let asked = 0;
  const workers = [0, 1].map(() => ({ terminate() {}, postMessage: () => (asked += 1) }));
  const left = [...workers];
  const opener = new WorkerMessageOpener(() => left.shift());
  await openAll(opener, many, session); // starts both
  for (const worker of workers) worker.onmessage({ data: { started: true } });
  workers[0].postMessage = BROKEN["cannot be reached"];
  assert.deepEqual(await openAll(opener, many, session), here);
  assert.equal(asked, 0);
});

test("a message without its key stays locked in a worker", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const { id, state, identities } = session;
  const room = { id, state, identities, keys: { get: () => undefined } };
  const worker = await realWorker();
  const [first] = await openAll(startedOpener(worker), rows, room);
  assert.equal(worker.sent.length, 1);
  assert.deepEqual([first.outcome, first.content], ["locked", undefined]);
});

test("the log is sent to the worker once, and again when it has moved", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const worker = await realWorker();
  const opener = startedOpener(worker);
  await openAll(opener, rows, session);
  await openAll(opener, rows, session);
  await session.rotate();
  await openAll(opener, rows, session);
  assert.deepEqual(
    worker.sent.map(({ log }) => log !== undefined),
    [true, false, true],
  );
});

test("few messages need no worker", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const opener = new WorkerMessageOpener(() => assert.fail("a worker was started"));
  const [opened] = await openAll(opener, rows.slice(0, 3), session);
  assert.equal(opened.content.body, "m1");
});

/** Workers that have started, and do not do what they are asked.
 * @type {Record<string, (worker: any, job: number) => void>} */
const BROKEN = {
  "cannot be reached": () => {
    throw new Error("not to be cloned");
  },
  "dies at work": (worker) => queueMicrotask(() => worker.onerror()),
  "cannot be understood": (worker) => queueMicrotask(() => worker.onmessageerror()),
  "never answers": () => {},
  "answers something else": (worker, job) =>
    queueMicrotask(() => worker.onmessage({ data: { job, opened: [] } })),
};

for (const [how, answer] of Object.entries(BROKEN))
  test(`the page goes on by itself with a worker that ${how}, and says so once`, async () => {
    const { rows, session } = await rowsOfAllKinds();
    const here = await openAll(new MessageOpener(), rows, session);
    let asked = 0;
    const worker = {
      said: [{ started: true }],
      terminate() {},
      postMessage({ job }) {
        asked += 1;
        answer(worker, job);
      },
    };
    const opener = startedOpener(worker, 10);
    let told = 0;
    opener.addEventListener("failed", () => (told += 1));
    assert.deepEqual(await openAll(opener, rows, session), here);
    assert.deepEqual(await openAll(opener, rows, session), here);
    assert.deepEqual([asked, told], [1, 1]);
  });

/** Workers that do not start. */
const LAME = {
  "cannot be made": () => {
    throw new Error("blocked");
  },
  "dies while it starts": () => {
    const worker = { terminate() {} };
    queueMicrotask(() => worker.onerror());
    return worker;
  },
  "never starts": () => ({ terminate() {} }),
};

for (const [how, make] of Object.entries(LAME))
  test(`the page goes on by itself with a worker that ${how}, and says so once`, async () => {
    const { rows, session } = await rowsOfAllKinds();
    const here = await openAll(new MessageOpener(), rows, session);
    const opener = new WorkerMessageOpener(make, 10);
    let told = 0;
    const failed = new Promise((resolve) =>
      opener.addEventListener("failed", () => {
        told += 1;
        resolve();
      }),
    );
    opener.prepare();
    assert.deepEqual(await openAll(opener, rows, session), here);
    await failed;
    assert.deepEqual(await openAll(opener, rows, session), here);
    assert.equal(told, 1);
  });
