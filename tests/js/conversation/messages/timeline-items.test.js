import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hasChanges,
  hasLines,
  timelineItems,
} from "../../../../static/js/conversation/messages/timeline-items.js";
import * as timelineLines from "../../../../static/js/conversation/messages/timeline-lines.js";

/** One message of ada's. */
const scene = (more) => ({
  me: { uid: "ben", name: "ben", kid: "k" },
  items: [
    {
      key: "ada:1",
      seq: 1,
      id: "1",
      kind: "message",
      author: { uid: "ada", name: "ada", kid: "a" },
      content: { t: "text", body: "hello" },
      text: "hello",
      mine: false,
      leads: false,
      lh: 0,
      ts: 1,
    },
  ],
  entries: [],
  leads: true,
  log: [],
  hasOlder: false,
  isHidden: () => false,
  nameOf: (uid) => uid,
  ...more,
});

const items = (more, lines = timelineLines) =>
  timelineItems(scene(more), lines).map(({ key, kind, text }) => [key, kind, text]);

test("new keys of a member stand at the end of the conversation, until somebody has decided", () => {
  const newKeys = [{ name: "ada", kid: "new", ts: 5 }];
  const [, line] = items({ newKeys });
  const text = "ada has new keys and asks to be let in with them.";
  assert.deepEqual(line, ["keys:new", "system", text]);
  assert.equal(items({ newKeys, hasNewer: true }).length, 1, "not in the middle of it");
  assert.equal(items({ newKeys: [] }).length, 1);
});

test("where somebody went on with the server's version is marked, in its place", () => {
  const keys = (more) => items(more).map(([key]) => key);
  assert.deepEqual(keys({ accepted: [5] }), ["ada:1", "accepted:5"]);
  assert.deepEqual(keys({ accepted: [0] }), ["accepted:0", "ada:1"]);
  assert.deepEqual(keys({ accepted: [0], hasOlder: true }), ["ada:1"], "before what is loaded");
  assert.deepEqual(keys({ accepted: [5], hasNewer: true }), ["ada:1"], "perhaps after more");
});

test("before lines can be placed, messages are drawn, and it is known that lines are to come", () => {
  const newKeys = [{ name: "ada", kid: "new", ts: 5 }];
  assert.deepEqual(items({ newKeys }, null), [["ada:1", "message", "hello"]]);
  assert.equal(hasLines(scene({})), false);
  for (const more of [{ newKeys }, { accepted: [5] }, { log: [{}] }, { lost: [{}] }])
    assert.equal(hasLines(scene(more)), true, JSON.stringify(more));
});

/** A scene with a message that `more` describes, after ada's. */
const withSecond = (more) => {
  const { items } = scene({});
  return { items: [...items, { ...items[0], key: "ada:2", seq: 2, id: "2", ...more }] };
};
const entry = (content) => ({ cid: "c", at: 9, state: "queued", content });

const CHANGES = {
  "a change": withSecond({ kind: "change", content: { t: "delete", of: [[1, "1"]] }, text: "" }),
  "a tombstone": withSecond({ kind: "erased", erasedBy: 3, content: null, text: "" }),
  "a change that is not sent yet": { entries: [entry({ t: "edit", of: [1, "1"], body: "x" })] },
};
for (const [what, more] of Object.entries(CHANGES))
  test(`nothing is drawn beside ${what} before it can be applied`, () => {
    assert.equal(hasChanges(scene(more)), true);
    assert.equal(hasLines(scene(more)), true);
    assert.throws(() => items(more, null), TypeError);
    assert.ok(items(more).length > 0);
  });

test("plain messages, sent or not, are drawn without what applies changes", () => {
  const more = { entries: [entry({ t: "text", body: "more" })] };
  assert.equal(hasChanges(scene(more)), false);
  assert.deepEqual(items(more, null), items(more));
});

test("neither reactions nor votes nor quotes name somebody who is blocked", () => {
  const by = (name, seq, more) => ({
    ...scene({}).items[0],
    key: `${name}:${seq}`,
    id: String(seq),
    seq,
    author: { uid: name, name, kid: "k" },
    ...more,
  });
  const poll = { t: "poll", body: "when?", options: ["Monday", "Friday"], multi: 0 };
  const change = { kind: "change", text: "" };
  const messages = [
    by("eve", 1, { text: "mine" }),
    by("ada", 2, { content: { t: "text", body: "no", re: [1, "1"] } }),
    by("ada", 3, { content: poll }),
    by("eve", 4, { ...change, content: { t: "react", of: [2, "2"], emoji: "🍎", on: 1 } }),
    by("eve", 5, { ...change, content: { t: "react", of: [2, "2"], emoji: "👍", on: 1 } }),
    by("dora", 6, { ...change, content: { t: "react", of: [2, "2"], emoji: "👍", on: 1 } }),
    by("eve", 7, { ...change, content: { t: "vote", of: [3, "3"], picks: [0] } }),
  ];
  const drawn = (isBlocked) =>
    timelineItems(
      scene({ items: messages, isBlocked, isHidden: ({ author }) => isBlocked(author.uid) }),
      timelineLines,
    );
  const [, answer, question] = drawn((uid) => uid === "eve");
  assert.deepEqual(answer.reactions, [{ label: "👍", names: ["dora"], mine: false }]);
  assert.deepEqual(answer.quote, { seq: 1, name: "", text: "", gone: true, blocked: true });
  assert.equal(question.poll.voters, 1, "others see the same result");
  assert.deepEqual(question.poll.options[0].names, ["somebody you blocked"]);
  const [, before] = drawn(() => false);
  assert.deepEqual([before.reactions.length, before.quote.name], [2, "eve"]);
});

test("a message says that its author's account was deleted, and no other does", () => {
  const [line] = timelineItems(scene({ isDeleted: (uid) => uid === "ada" }), timelineLines);
  assert.equal(line.deleted, true);
  const [other] = timelineItems(scene({ isDeleted: (uid) => uid === "ben" }), timelineLines);
  assert.equal(other.deleted, false);
});

const event = (seq, t, uid, text) => ({ seq, ts: seq, t, uid, by: uid, whom: "", text });

test("a request for a summary is completed once its result was shared, and not before", () => {
  const asked = "ada asked to have 13 messages summarised by extractive.";
  const log = [event(1, "disclose", "ada", asked)];
  const line = (summarised) => items({ log, summarised })[1];
  assert.deepEqual(line(undefined), ["log:1", "system", asked]);
  assert.deepEqual(line(new Set([2])), ["log:1", "system", asked], "that is another one");
  assert.match(line(new Set([1]))[2], /^ada asked to have 13 messages .* The summary is there now/);
});

test("who left and whose account was deleted is told, apart from those who only left", () => {
  const log = ["ben", "cleo", "dora", "eve"].map((uid, at) =>
    event(at + 1, "leave", uid, `${uid} left.`),
  );
  const told = items({ log, isDeleted: (uid) => uid === "cleo" }).map(([, , text]) => text);
  assert.deepEqual(told.slice(1), [
    "ben left.",
    "cleo left. The server says that the account was deleted.",
    "dora and eve left.",
  ]);
});

test("lines of a conversation of two do not speak of a room", () => {
  const log = [1, 2].map((seq) => event(seq, "epoch", "ada", "ada renewed the key."));
  const told = (direct) => items({ log, accepted: [5], direct }).map(([, , text]) => text);
  for (const text of told(true)) assert.doesNotMatch(text, /\broom\b/i);
  assert.equal(told(false).filter((text) => /\broom\b/i.test(text)).length, 2);
});
