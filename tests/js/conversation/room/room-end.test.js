import assert from "node:assert/strict";
import { test } from "node:test";
import { declines, roomEnd } from "../../../../static/js/conversation/room/room-end.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";

const NAMES = { ada: "Ada", ben: "Ben", me: "Me" };
const member = (role = "member") => ({ kid: "k", role, since: 1, name: "", n: 1 });

/** A room of ada, who owns it, ben and me. */
function facts({ state = {}, ...changes } = {}) {
  return {
    uid: "me",
    state: {
      kind: "group",
      ts: 50,
      ended: false,
      open: true,
      members: new Map([
        ["ada", member("owner")],
        ["ben", member()],
        ["me", member()],
      ]),
      exits: new Map(),
      ...state,
    },
    frozen: "",
    evidence: "",
    missing: false,
    stopped: false,
    strangers: false,
    awaitsReset: false,
    replaced: false,
    refused: false,
    hasKey: true,
    signedOut: false,
    peer: null,
    blocked: false,
    nameOf: (uid) => NAMES[uid] ?? "",
    ...changes,
  };
}

const without = (...uids) => {
  const members = new Map(facts().state.members);
  for (const uid of uids) members.delete(uid);
  return members;
};
const out = (t, by, ban = false) => ({
  members: without("me"),
  exits: new Map([["me", { t, by, ts: 40, ban }]]),
});
const ben = { uid: "ben", name: "Ben" };

test("a member who can write sees no bar", () => {
  assert.equal(roomEnd(facts()), null);
});

/** What ends writing, whose name is said, and when it was. */
const TABLE = [
  ["signed-out", "", 0, { signedOut: true }],
  ["frozen", "", 0, { frozen: "cheated", evidence: "message" }],
  ["closed", "Ada", 50, { state: { ended: true } }],
  ["removed", "Ben", 40, { state: out("remove", "ben") }],
  ["banned", "Ada", 40, { state: out("remove", "ada", true) }],
  ["left", "", 40, { state: out("leave", "me") }],
  ["succeeded", "Ben", 40, { state: out("succeed", "ben") }],
  ["missing", "", 0, { missing: true }],
  ["missing", "", 0, { state: { members: without("me"), exits: undefined } }],
  ["stopped", "", 0, { stopped: true }],
  ["newer", "", 0, { frozen: "newer" }],
  ["replaced", "", 0, { replaced: true, hasKey: false }],
  ["strangers", "", 0, { strangers: true }],
  ["new-keys", "Ada", 0, { awaitsReset: true }],
  ["new-keys", "Ada or Ben", 0, { awaitsReset: true, state: { kind: "direct" } }],
  ["not-let-in", "Ada", 0, { awaitsReset: true, refused: true }],
  ["blocked", "Ben", 0, { state: { kind: "direct" }, peer: ben, blocked: true }],
  [
    "alone",
    "Ben",
    30,
    {
      peer: ben,
      state: {
        kind: "direct",
        members: without("ada", "ben"),
        exits: new Map([["ben", { t: "leave", by: "ben", ts: 30, ban: false }]]),
      },
    },
  ],
  ["no-key", "", 0, { hasKey: false }],
];

for (const [kind, who, at, changes] of TABLE) {
  test(`${kind} names who caused it, and when: ${JSON.stringify(Object.keys(changes))}`, () => {
    assert.deepEqual(roomEnd(facts(changes)), { kind, who, at });
  });
}

test("every end has its sentences, and none of them lacks a word", () => {
  const { what, next } = strings.ends;
  for (const kind of new Set(TABLE.map(([one]) => one))) {
    for (const say of [what[kind], next[kind]]) {
      for (const [who, when] of [
        ["Ada", "today"],
        ["", ""],
      ]) {
        const text = say(who, when);
        assert.match(text, /^[A-Z].*\.$/);
        assert.ok(!/undefined|,\s*\./.test(text), text);
      }
    }
    assert.equal(typeof strings.ended[kind], "string");
  }
});

test("a closed room's lost messages are no lie, but a false log is", () => {
  const closed = { ended: true };
  assert.equal(
    roomEnd(facts({ frozen: "cheated", evidence: "message", state: closed })).kind,
    "closed",
  );
  assert.equal(
    roomEnd(facts({ frozen: "cheated", evidence: "log", state: closed })).kind,
    "frozen",
  );
});

test("a removed member has nothing to decide about keys, and a waiting key says nothing", () => {
  const removed = facts({ state: out("remove", "ben"), strangers: true, hasKey: false });
  assert.equal(roomEnd(removed).kind, "removed");
});

test("in a direct room the other person lets new keys in", () => {
  const changes = { awaitsReset: true, state: { kind: "direct", members: without("ada") } };
  assert.equal(roomEnd(facts(changes)).who, "Ben");
});

test("where this browser kept no message, it does not say that it keeps some", () => {
  const { next } = strings.ends;
  for (const kind of ["closed", "removed", "banned", "left", "succeeded", "missing"]) {
    assert.match(next[kind]("Ada", "", false, false), /This browser keeps/, kind);
    assert.doesNotMatch(next[kind]("Ada", "", false, true), /This browser keeps/, kind);
  }
});

test("a conversation of two is not called a room where it ends", () => {
  for (const kind of ["frozen", "closed", "left", "missing", "stopped", "newer", "no-key"])
    assert.doesNotMatch(strings.ends.what[kind]("Ada", "", true), /room/, kind);
});

test("who was asked to talk and left has declined it, perhaps; nobody else has", () => {
  const span = (from) => [{ kid: "k", role: "member", from, to: 9 }];
  const left = (t) => new Map([["ben", { t, by: "ben", ts: 30, ban: false }]]);
  const state = {
    members: new Map([["me", member("owner")]]),
    spans: new Map([
      ["me", span(0)],
      ["ben", span(1)],
    ]),
    exits: left("leave"),
  };
  const asks = { asker: "me", asked: "ben" };
  assert.equal(declines(state, asks), true);
  assert.equal(declines({ ...state, exits: left("remove") }, asks), false, "taken out by me");
  assert.equal(declines({ ...state, exits: undefined }, asks), false, "the log was not read so");
  assert.equal(declines(state, { asker: "ben", asked: "me" }), false, "they began it");
  const both = new Map([...state.members, ["ben", member()]]);
  assert.equal(declines({ ...state, members: both }, asks), false, "they are here");
});
