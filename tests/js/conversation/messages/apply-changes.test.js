import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyChanges,
  refsToDelete,
} from "../../../../static/js/conversation/messages/apply-changes.js";
import { contentFields } from "../../../../static/js/conversation/messages/decode-message.js";

/** A conversation told line by line: `say(who, content)` gives the message's ref. */
function talk() {
  const items = [];
  const add = (who, about) => {
    const stored = items.filter(({ seq }) => seq !== null).length;
    const seq = stored + 1;
    const [uid, kid = `${uid}-key`] = who.split("/");
    const author = { uid, kid, name: uid };
    const item = { key: `${uid}:${items.length}`, seq, id: `id${seq}`, author, state: "received" };
    items.push({ ...item, leads: uid === "mod", text: "", content: null, ...about });
    return [seq, item.id];
  };
  return {
    items,
    say: (who, content) => add(who, contentFields(content)),
    text: (who, body, more = {}) => add(who, contentFields({ t: "text", body, ...more })),
    unsent: (who, content, state = "sending") =>
      add(who, { ...contentFields(content), seq: null, id: "", state }),
    erased: (who, erasedBy, changes = false) => add(who, { kind: "erased", erasedBy, changes }),
    locked: (who) => add(who, { kind: "locked" }),
    texts: () => applyChanges(items).map(({ kind, text }) => (kind === "message" ? text : kind)),
    line: (at = 0) => applyChanges(items)[at],
  };
}

test("an edit by the same person and key takes the text's place; others' do not", () => {
  const { text, say, texts, line } = talk();
  const first = text("ada", "helo", { at: ["x"] });
  say("ben", { t: "edit", of: first, body: "I am a fool" });
  say("ada/other-key", { t: "edit", of: first, body: "from another key" });
  say("ada", { t: "edit", of: [1, "another id"], body: "of nothing" });
  assert.deepEqual(texts(), ["helo"]);
  const edit = say("ada", { t: "edit", of: first, body: "hello" });
  assert.deepEqual(texts(), ["hello"]);
  assert.equal(line().edited, true);
  assert.equal(line().content.at, undefined, "mentions are those of the newest text");
  assert.deepEqual(refsToDelete(line()), [first, edit]);
});

test("a change counts only for what stood before it", () => {
  const { text, say, texts } = talk();
  say("ada", { t: "edit", of: [2, "id2"], body: "foreseen" });
  text("ada", "later");
  assert.deepEqual(texts(), ["later"]);
});

test("its author and moderators delete a message, others do not", () => {
  const { text, say, texts, line } = talk();
  const [a, b, c] = [text("ada", "a"), text("ada", "b"), text("ada", "c")];
  say("ada", { t: "delete", of: [a] });
  say("ben", { t: "delete", of: [b] });
  say("mod", { t: "delete", of: [c] });
  assert.deepEqual(texts(), ["deleted", "b", "deleted"]);
  assert.deepEqual([line(0).deletedBy, line(2).deletedBy], ["ada", "mod"]);
  assert.equal(line(2).content, null);
});

test("what is deleted changes nothing, wherever its deletion stands", () => {
  const { text, say, texts, line } = talk();
  const first = text("ada", "as it was");
  const edit = say("ada", { t: "edit", of: first, body: "edited" });
  const heart = say("ben", { t: "react", of: first, emoji: "❤️", on: 1 });
  say("ada", { t: "delete", of: [edit] });
  say("ben", { t: "delete", of: [heart] });
  assert.deepEqual(texts(), ["as it was"]);
  assert.equal(line().edited, undefined);
  assert.deepEqual(line().reactions ?? [], []);
});

test("emoji that differ in their presentation are one reaction, and other texts are none", () => {
  const { text, say, line } = talk();
  const first = text("ada", "cake?");
  for (const [who, emoji, on] of [
    ["ben", "❤", 1],
    ["cem", "❤\ufe0f", 1],
    ["ada", "LOL", 1],
    ["ada", "👍👍", 1],
    ["ben", "❤\ufe0f", 0],
  ])
    say(who, { t: "react", of: first, emoji, on });
  assert.deepEqual(line().reactions, [["❤", ["cem"]]]);
});

test("reactions are counted once a person, in the order they came, and can be taken back", () => {
  const { text, say, line } = talk();
  const first = text("ada", "cake?");
  for (const [who, emoji, on] of [
    ["ben", "👍", 1],
    ["ada", "🎂", 1],
    ["cem", "👍", 1],
    ["ben", "👍", 1],
    ["ada", "🎂", 0],
  ])
    say(who, { t: "react", of: first, emoji, on });
  assert.deepEqual(line().reactions, [["👍", ["cem", "ben"]]]);
});

test("no emoji, whatever it is called, breaks the conversation", () => {
  const { text, say, line } = talk();
  const first = text("ada", "hm");
  for (const emoji of ["__proto__", "constructor", ""])
    say("ben", { t: "react", of: first, emoji, on: 1 });
  assert.deepEqual(line().reactions ?? [], []);
});

test("pins come and go; votes are a person's last, and must fit the poll", () => {
  const { text, say, line } = talk();
  const first = text("ada", "read me");
  say("ben", { t: "pin", of: first, on: 1 });
  assert.equal(line().pinned, true);
  say("cem", { t: "pin", of: first, on: 0 });
  assert.equal(line().pinned, false);
  const poll = say("ada", { t: "poll", body: "When?", options: ["now", "later"], multi: 0 });
  for (const picks of [[0], [1], [0, 1], [2]]) say("ben", { t: "vote", of: poll, picks });
  say("cem", { t: "vote", of: first, picks: [0] });
  assert.deepEqual(line(1).votes, { ben: [1] });
  say("ben", { t: "vote", of: poll, picks: [] });
  assert.deepEqual(line(1).votes, { ben: [] });
});

test("a tombstone needs a deletion by somebody who may; else it is a gap", () => {
  const { erased, say, texts, line, items } = talk();
  erased("ada", 3);
  erased("ada", 4);
  say("ada", { t: "delete", of: [[1, "id1"]] });
  assert.deepEqual(texts(), ["deleted", "erased"]);
  assert.equal(line(1).gap, undefined, "the deletion it names has not come yet");
  say("ben", { t: "delete", of: [[2, "id2"]] });
  assert.deepEqual(texts(), ["deleted", "erased"]);
  assert.equal(applyChanges(items)[1].gap, true);
});

test("an erased change leaves no line, unless nobody says why", () => {
  const { text, erased, say, texts } = talk();
  text("ada", "stays");
  erased("ada", 3, true);
  say("ada", { t: "delete", of: [[2, "id2"]] });
  erased("ada", 5, true);
  text("ada", "no deletion");
  assert.deepEqual(texts(), ["stays", "erased", "no deletion"]);
});

test("what is on its way shows already, and what failed does not count but stays to be decided", () => {
  const { text, unsent, texts, line } = talk();
  const first = text("ada", "one");
  unsent("ada", { t: "edit", of: first, body: "two" });
  assert.deepEqual(texts(), ["two"]);
  assert.deepEqual(refsToDelete(line()), [first]);
  unsent("ada", { t: "edit", of: first, body: "three" }, "failed");
  assert.deepEqual(texts(), ["two", "change"]);
  unsent("ada", { t: "delete", of: [first] }, "failed");
  assert.deepEqual(texts(), ["two", "change", "change"]);
});

test("a message that cannot be opened yet can be deleted, and is not changed by others", () => {
  const { locked, say, texts } = talk();
  locked("ada");
  say("ada", { t: "edit", of: [1, "id1"], body: "blind" });
  assert.deepEqual(texts(), ["locked"]);
  say("mod", { t: "delete", of: [[1, "id1"]] });
  assert.deepEqual(texts(), ["deleted"]);
});
