import assert from "node:assert/strict";
import { test } from "node:test";

import { countUnread, groupMessages } from "../../../../static/js/ui/timeline/group-messages.js";

const NOON = new Date(2026, 4, 4, 12).getTime();
const MINUTE = 60_000;

/** A message of `uid`, `minutes` after noon. */
const said = (seq, uid, minutes, about = {}) => ({
  key: `${uid}:${seq}`,
  seq,
  kind: "message",
  author: { uid, name: uid, kid: uid },
  mine: uid === "me",
  counts: uid !== "me",
  ts: NOON + minutes * MINUTE,
  text: "",
  state: "received",
  ...about,
});
const refused = (seq) =>
  said(seq, "", 0, { kind: "refused", ts: 0, author: { uid: "", name: "", kid: "" } });

/** `day`, `unread`, `gap`; a message is its number, with a + where the name stands above. */
const lines = (items, unreadAfter = -1) =>
  groupMessages(items, { unreadAfter }).map(({ line, item, first }) =>
    line === "item" ? `${first ? "+" : ""}${item.seq}` : line,
  );

test("messages of one person within five minutes stand under one name", () => {
  const items = [said(1, "ben", 0), said(2, "ben", 4), said(3, "ben", 8), said(4, "ben", 13)];
  assert.deepEqual(lines(items), ["day", "+1", "2", "3", "+4"]);
});

test("another person begins anew, and so does the same one after them", () => {
  const items = [said(1, "ben", 0), said(2, "cleo", 1), said(3, "ben", 2)];
  assert.deepEqual(lines(items), ["day", "+1", "+2", "+3"]);
});

test("a clock that is behind by more than five minutes begins anew", () => {
  assert.deepEqual(lines([said(1, "ben", 10), said(2, "ben", 4)]), ["day", "+1", "+2"]);
});

test("each day has its line", () => {
  const items = [said(1, "ben", 0), said(2, "ben", 24 * 60), said(3, "ben", 24 * 60 + 1)];
  assert.deepEqual(lines(items), ["day", "+1", "day", "+2", "3"]);
});

test("what was refused begins no day and carries no name on", () => {
  const items = [said(1, "ben", 0), refused(2), said(3, "ben", 1)];
  assert.deepEqual(lines(items), ["day", "+1", "+2", "+3"]);
});

test("the unread line stands once, before the first message of another person", () => {
  const items = [said(1, "ben", 0), said(2, "me", 1), said(3, "ben", 2), said(4, "cleo", 3)];
  assert.deepEqual(lines(items, 1), ["day", "+1", "+2", "unread", "+3", "+4"]);
});

test("without a read mark there is no unread line", () => {
  assert.ok(!lines([said(1, "ben", 0)], -1).includes("unread"));
});

test("unsent messages are never unread", () => {
  assert.ok(!lines([said(null, "me", 0)], 0).includes("unread"));
});

test("a gap stands before the message that shows it", () => {
  const items = [said(1, "ben", 0), said(3, "ben", 1, { gap: true })];
  assert.deepEqual(lines(items), ["day", "+1", "gap", "+3"]);
});

test("no two lines share a key, even when clocks jump between days", () => {
  const items = [said(1, "ben", 0), said(2, "cleo", -24 * 60), said(3, "ben", 1)];
  const keys = groupMessages(items, { unreadAfter: 0 }).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
});

test("only messages of others after the mark count", () => {
  const items = [said(1, "ben", 0), said(2, "me", 1), said(3, "ben", 2), said(null, "me", 3)];
  assert.equal(countUnread(items, 0), 2);
  assert.equal(countUnread(items, 1), 1);
  assert.equal(countUnread(items, 3), 0);
});
