import assert from "node:assert/strict";
import { test } from "node:test";
import { linkedMessage, UnreadStart } from "../../../static/js/conversation/counting.js";

const from = (first, last, mine = false) =>
  Array.from({ length: last - first + 1 }, (_, at) => ({ seq: first + at, mine, kind: "message" }));

/** A room opened with everything read, ten messages long. */
function readRoom() {
  const unread = new UnreadStart(10, false);
  unread.start(10);
  unread.see(10);
  return unread;
}

test("a visit's line stands at the read mark, and what comes in sight does not move it", () => {
  const unread = new UnreadStart(4, true);
  unread.start(10);
  assert.equal(unread.after, 4);
  unread.see(10);
  unread.arrive(from(11, 11), false);
  assert.equal(unread.after, 4);
  assert.equal(readRoom().after, -1);
});

test("what comes to a hidden page gets a line, where the first of it begins", () => {
  const unread = readRoom();
  unread.arrive(from(11, 11), true);
  unread.arrive(from(12, 60), true);
  assert.equal(unread.after, 10);
  unread.see(60);
  unread.arrive(from(61, 61), false);
  assert.equal(unread.after, 10, "the line stays until the room is left or something is missed");
  unread.arrive(from(62, 62), true);
  assert.equal(unread.after, 60);
});

test("several messages after a lost connection get a line, a single one does not", () => {
  const unread = readRoom();
  unread.lose();
  unread.arrive(from(11, 60), false);
  assert.equal(unread.after, 10);
  const other = readRoom();
  other.lose();
  other.arrive(from(11, 11), false);
  other.arrive(from(12, 20), false);
  assert.equal(other.after, -1);
});

test("own messages, changes and older pages get no line", () => {
  const unread = readRoom();
  unread.arrive(from(11, 12, true), true);
  unread.arrive([{ seq: 13, mine: false, kind: "change" }], true);
  unread.arrive(from(1, 9), true);
  assert.equal(unread.after, -1);
});

test("a link names a message, none, or is damaged", () => {
  const links = { "#m12": 12, "#m12.": 12, "": 0, "#conversation": 0, "#m": Number.NaN };
  for (const damaged of ["#mabc", "#m12x", "#m0", "#m-1", "#m99999999999999999999", "#m1e3"])
    links[damaged] = Number.NaN;
  for (const [hash, seq] of Object.entries(links)) assert.equal(linkedMessage(hash), seq, hash);
});
