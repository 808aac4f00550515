import assert from "node:assert/strict";
import { test } from "node:test";
import { MissingCodeError } from "../../../../static/js/conversation/load-code.js";
import { LateOpener } from "../../../../static/js/conversation/messages/late-opener.js";
import { ben } from "../../crypto/cast.js";
import { stage } from "./timeline-stage.js";

const MANY = 40;

/** @param {number} many */
async function messages(many) {
  const { say, session } = await stage();
  const rows = [];
  for (let seq = 1; seq <= many; seq += 1) rows.push(await say(ben, `m${seq}`));
  return { rows, session };
}

test("messages that come together while it is loaded go to the worker together", async () => {
  const { rows, session } = await messages(MANY);
  const sent = [];
  const worker = {
    terminate() {},
    postMessage({ job, rows: asked }) {
      sent.push(asked.length);
      const opened = asked.map(() => ({ outcome: "refused" }));
      queueMicrotask(() => worker.onmessage({ data: { job, opened } }));
    },
  };
  const opener = new LateOpener(async () => () => {
    queueMicrotask(() => worker.onmessage({ data: { started: true } }));
    return worker;
  });
  await opener.prepare();
  await Promise.all(rows.map((row) => opener.open(row, session)));
  await Promise.all(rows.map((row) => opener.open(row, session)));
  assert.deepEqual(sent, [MANY, MANY]);
});

test("without a worker messages are opened in the page", async () => {
  const { rows, session } = await messages(1);
  const { outcome, content } = await new LateOpener().open(rows[0], session);
  assert.deepEqual([outcome, content.body], ["ok", "m1"]);
});

test("what could not be loaded is no verdict on the message, and is loaded again", async () => {
  const { rows, session } = await messages(1);
  let tries = 0;
  const opener = new LateOpener(async () => {
    tries += 1;
    if (tries === 1) throw new TypeError("the network is gone");
    return () => assert.fail("one message needs no worker");
  });
  await assert.rejects(opener.open(rows[0], session), MissingCodeError);
  assert.equal((await opener.open(rows[0], session)).outcome, "ok");
});

test("what could not be loaded ahead is loaded with the first message", async () => {
  const { rows, session } = await messages(1);
  let tries = 0;
  const opener = new LateOpener(async () => {
    tries += 1;
    if (tries === 1) throw new TypeError("the network is gone");
    return () => assert.fail("one message needs no worker");
  });
  await opener.prepare();
  assert.equal((await opener.open(rows[0], session)).outcome, "ok");
  assert.equal(tries, 2);
});
