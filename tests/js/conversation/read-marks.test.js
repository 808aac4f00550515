import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadMarks } from "../../../static/js/conversation/read-marks.js";
import { FakeStore } from "./fake-store.js";

/** A page of one browser: its marks, what it sent, and whether there is a connection. */
function page(store, connected) {
  const sent = [];
  const here = { sent, connected };
  const send = (frame) => here.connected && sent.push([frame.room, frame.seq]) > 0;
  const list = { room: () => ({ accepted: true }), read: () => true };
  here.marks = new ReadMarks(list, send, store.settings);
  return here;
}

test("a mark that was made offline is sent by the next page, once, and the latest of each room", async () => {
  const store = new FakeStore();
  const before = page(store, false);
  for (const [room, seq] of [
    ["a", 3],
    ["a", 7],
    ["b", 2],
  ])
    before.marks.mark(room, seq);
  await new Promise(setImmediate);
  const after = page(store, false);
  await after.marks.flush();
  after.connected = true;
  await after.marks.flush();
  await after.marks.flush();
  assert.deepEqual(after.sent, [
    ["a", 7],
    ["b", 2],
  ]);
});

test("marks are sent without storage, too", async () => {
  const here = page({ settings: undefined }, false);
  here.marks.mark("a", 3);
  here.connected = true;
  await here.marks.flush();
  await here.marks.flush();
  assert.deepEqual(here.sent, [["a", 3]]);
});
