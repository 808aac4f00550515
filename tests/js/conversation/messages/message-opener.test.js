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
  const page = { sent: [], onmessage: null, onerror: null, terminate() {} };
  globalThis.self = { postMessage: (data) => page.onmessage?.({ data: structuredClone(data) }) };
  await import(`../../../../static/js/workers/open-messages.js?${Math.random()}`);
  const { onmessage } = globalThis.self;
  page.postMessage = (data) => {
    page.sent.push(data);
    onmessage({ data: structuredClone(data) });
  };
  return page;
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
  const opener = new WorkerMessageOpener(() => worker);
  assert.deepEqual(await openAll(opener, rows, session), here);
  assert.equal(worker.sent.length, 1, "all in one message");
});

test("a message without its key stays locked in a worker", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const { id, state, identities } = session;
  const room = { id, state, identities, keys: { get: () => undefined } };
  const opener = new WorkerMessageOpener(await realWorker().then((worker) => () => worker));
  const [first] = await openAll(opener, rows, room);
  assert.deepEqual([first.outcome, first.content], ["locked", undefined]);
});

test("the log is sent to the worker once, and again when it has moved", async () => {
  const { rows, session } = await rowsOfAllKinds();
  const worker = await realWorker();
  const opener = new WorkerMessageOpener(() => worker);
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

const BROKEN = {
  "cannot be started": () => {
    throw new Error("blocked");
  },
  "dies at work": () => {
    const worker = { terminate() {}, postMessage: () => queueMicrotask(() => worker.onerror()) };
    return worker;
  },
  "cannot be understood": () => {
    const worker = {
      terminate() {},
      postMessage: () => queueMicrotask(() => worker.onmessageerror()),
    };
    return worker;
  },
  "never answers": () => ({ terminate() {}, postMessage() {} }),
  "answers something else": () => {
    const worker = {
      terminate() {},
      postMessage: ({ job }) =>
        queueMicrotask(() => worker.onmessage({ data: { job, opened: [] } })),
    };
    return worker;
  },
};

for (const [how, make] of Object.entries(BROKEN))
  test(`the page goes on by itself with a worker that ${how}, and says so once`, async () => {
    const { rows, session } = await rowsOfAllKinds();
    const here = await openAll(new MessageOpener(), rows, session);
    const opener = new WorkerMessageOpener(make, 10);
    let told = 0;
    opener.addEventListener("failed", () => (told += 1));
    assert.deepEqual(await openAll(opener, rows, session), here);
    assert.deepEqual(await openAll(opener, rows, session), here);
    assert.equal(told, 1);
  });
