import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyHandover } from "../../../../static/js/conversation/room/key-handover.js";

const MINUTE = 60_000;

/** A hand-over whose requests are noted, under a clock that the test moves. */
function stage(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const given = [];
  const trouble = [];
  const handover = new KeyHandover(async (wanted) => {
    if (trouble.length > 0) throw trouble.pop();
    given.push(wanted.map(({ e, to }) => `${e}${to}`).sort());
  });
  const asks = (...names) => names.map((name) => handover.ask({ e: Number(name[0]), to: name[1] }));
  const passes = async (ms) => {
    t.mock.timers.tick(ms);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { handover, given, trouble, asks, passes };
}

test("abuse: what is asked within a moment goes in one request, each once", async (t) => {
  const { given, asks, passes } = stage(t);
  for (let flood = 0; flood < 200; flood += 1) asks("1b", "2b", "1c");
  await passes(3000);
  assert.deepEqual(given, [["1b", "1c", "2b"]]);
});

test("abuse: nobody gets the same key twice within a minute", async (t) => {
  const { given, asks, passes } = stage(t);
  asks("1b");
  await passes(3000);
  for (let second = 0; second < 50; second += 1) {
    asks("1b");
    await passes(1000);
  }
  assert.deepEqual(given, [["1b"]]);
  await passes(MINUTE);
  asks("1b");
  await passes(3000);
  assert.deepEqual(given, [["1b"], ["1b"]]);
});

test("what somebody else has given is not given again", async (t) => {
  const { handover, given, asks, passes } = stage(t);
  asks("1b", "2b");
  handover.wasGiven({ e: 1, to: "b" });
  await passes(3000);
  assert.deepEqual(given, [["2b"]]);
});

test("what is asked while an answer is under way has an answer of its own", async (t) => {
  const { given, asks, passes } = stage(t);
  asks("1b");
  await passes(3000);
  asks("2b");
  await passes(3000);
  assert.deepEqual(given, [["1b"], ["2b"]]);
});

test("an answer that failed may be asked for again at once", async (t) => {
  const { given, trouble, asks, passes } = stage(t);
  trouble.push(new Error("offline"));
  const [asked] = asks("1b");
  const failed = assert.rejects(asked, /offline/);
  await passes(3000);
  await failed;
  asks("1b");
  await passes(3000);
  assert.deepEqual(given, [["1b"]]);
});
