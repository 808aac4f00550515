/** What is written: completion, input methods, blank lines, drafts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomDrafts } from "../../../../static/js/panels/room-drafts.js";
import { emojiNames, namedEmoji } from "../../../../static/js/ui/composer/emoji-names.js";
import { begunName, names } from "../../../../static/js/ui/composer/mentions.js";
import { isComposing } from "../../../../static/js/ui/dom.js";
import { until } from "../../conversation/world.js";
import { installDom } from "../fake-dom.js";

installDom();
globalThis.matchMedia = () => ({ matches: false });
const { withoutBlankLines } = await import("../../../../static/js/ui/composer/composer.js");

test("keys of an input method are told apart, also those of Safari", () => {
  assert.ok(isComposing({ isComposing: true, keyCode: 13 }));
  assert.ok(isComposing({ isComposing: false, keyCode: 229 }));
  assert.ok(!isComposing({ isComposing: false, keyCode: 13 }));
});

test("only blank lines at the ends go", () => {
  for (const [text, kept] of [
    ["\n \n    def f():\n        return 1\n\n", "    def f():\n        return 1"],
    ["a\n\n b ", "a\n\n b "],
    ["  ", ""],
    ["", ""],
  ])
    assert.equal(withoutBlankLines(text), kept);
});

test("a name begins at an @ that is not within a word", () => {
  for (const [text, begun] of [
    ["hi @ev", "ev"],
    ["@", ""],
    ["你好@ev", "ev"],
    ["(@Eve", "eve"],
    ["**@eve_", "eve_"],
    ["mail a@ev", null],
    ["x/@ev", null],
    ["@eve ", null],
  ])
    assert.equal(begunName(text, text.length), begun, text);
});

test("a name that is typed whole is complete, whatever else begins so", () => {
  const source = names(() => ["evelyn", "eve"].map((name) => ({ uid: "0".repeat(32), name })));
  const typed = source("hi @eve", 7);
  assert.ok(typed.complete);
  assert.deepEqual(
    typed.choices.map(({ text }) => text),
    ["eve ", "evelyn "],
  );
  assert.ok(!source("hi @ev", 6).complete);
});

test("names come in the order of the people, those that begin so first", () => {
  const people = ["zoe", "ada", "amber", "adam"].map((name) => ({ uid: "0".repeat(32), name }));
  const offered = (text) => names(() => people)(text, text.length).choices.map((one) => one.text);
  assert.deepEqual(offered("@"), ["zoe ", "ada ", "amber ", "adam "]);
  assert.deepEqual(offered("@a"), ["ada ", "amber ", "adam "]);
  assert.deepEqual(offered("@b"), ["amber "]);
});

test("emoji are found by the names that people know, also after words of Chinese", () => {
  for (const [name, emoji] of [
    ["thumbsup", "👍"],
    ["+1", "👍"],
    ["tada", "🎉"],
    ["100", "💯"],
    ["heart_eyes", "😍"],
    ["ok_hand", "👌"],
    ["heart", "❤️"],
    ["star", "⭐"],
    ["eyes", "👀"],
    ["rofl", "🤣"],
    ["shrug", "🤷"],
    ["facepalm", "🤦"],
    ["airplane", "✈️"],
    ["zap", "⚡"],
    ["beers", "🍻"],
    ["purple_heart", "💜"],
  ]) {
    assert.equal(emojiNames(`:${name}`, name.length + 1)?.choices[0].text, `${emoji} `, name);
    assert.deepEqual(namedEmoji(`:${name}:`, name.length + 2), { emoji, length: name.length + 2 });
  }
  assert.ok(emojiNames("好:smile", 7).choices.length > 0);
  assert.equal(namedEmoji("好:smile:", 8)?.length, 7);
  for (const text of ["12:30", "at 7:100", "a_:tada"])
    assert.equal(emojiNames(text, text.length), null);
});

test("the newest words of a draft are written while older ones still are, when the page may end", async () => {
  const begun = [];
  const saveDraft = (_room, draft) => {
    begun.push(draft?.text);
    return begun.length === 1 ? new Promise(() => {}) : Promise.resolve();
  };
  const channel = () => ({ postMessage: () => {}, close: () => {} });
  const drafts = new RoomDrafts(
    { uid: "u", store: { drafts: { saveDraft } } },
    "r",
    () => {},
    channel,
  );
  for (const text of ["h", "he", "hel"]) drafts.save({ text });
  assert.deepEqual(begun, ["h"]);
  drafts.flush();
  assert.deepEqual(begun, ["h", "hel"]);
});

test("emoji are found by their names between colons", () => {
  assert.ok(emojiNames("so :part", 8).choices.some(({ text }) => text === "🎉 "));
  assert.deepEqual(namedEmoji("yes :party:", 11), { emoji: "🎉", length: 7 });
  assert.deepEqual(namedEmoji(":x:", 3), { emoji: "❌", length: 3 });
  assert.equal(emojiNames(":x", 2), null, "one letter is a face: :x");
  for (const text of ["10:30", "a:party", "http://x", ":)", ":p", "::party", ":nothingofthekind"])
    assert.equal(emojiNames(text, text.length), null, text);
  for (const text of [":part:", "a:party:", ":party", "12:30:"])
    assert.equal(namedEmoji(text, text.length), null, text);
});

test("emoji are completed whatever stands before them, and however their name is written", () => {
  for (const before of [
    "(",
    "*",
    '"',
    "\n",
    "，",
    "。",
    "ß",
    "я",
    "ع",
    "한",
    "👍",
    "\u00a0",
    "—",
  ]) {
    assert.equal(emojiNames(`${before}:smile`, before.length + 6)?.choices[0].text, "😄 ", before);
    assert.equal(namedEmoji(`${before}:smile:`, before.length + 7)?.emoji, "😄", before);
  }
  for (const [name, emoji] of [
    ["SMILE", "😄"],
    ["thumbs_up", "👍"],
    ["thumbs-up", "👍"],
    ["-1", "👎"],
    ["white-check-mark", "✅"],
    ["heart-eyes", "😍"],
    ["see_no_evil", "🙈"],
    ["hand", "✋"],
    ["raised_hand", "✋"],
    ["fist", "👊"],
    ["upside_down_face", "🙃"],
    ["yum", "😋"],
    ["robot_face", "🤖"],
    ["heavy_plus_sign", "➕"],
    ["hankey", "💩"],
    ["new", "🆕"],
    ["v", "✌️"],
    ["x", "❌"],
  ])
    assert.equal(namedEmoji(`:${name}:`, name.length + 2)?.emoji, emoji, name);
  for (const [begun, name] of [
    [":hea", " :heart:"],
    [":thumbs", " :thumbsup:"],
    [":green", " :green_heart:"],
  ])
    assert.equal(emojiNames(begun, begun.length).choices[0].shown[1], name);
  for (const text of [":s", ":-)", ":D", ":___", ":__a", "：smile", ":smi le", ":❤", ":家"])
    assert.equal(emojiNames(text, text.length), null, text);
  for (const text of [":_:", ":-:", ":+:", ":0:", ":10:30:", ":smile::", ":man-woman-boy:", "a:x:"])
    assert.equal(namedEmoji(text, text.length), null, text);
});

/** Two tabs of one account over one store. */
function tabs() {
  const stored = new Map();
  const store = {
    drafts: {
      draft: async (room) => stored.get(room) ?? null,
      saveDraft: async (room, draft) => {
        if (draft) stored.set(room, structuredClone(draft));
        else stored.delete(room);
      },
    },
  };
  const channels = [];
  const makeChannel = () => {
    const channel = { onmessage: null, closed: false };
    channel.close = () => {
      channel.closed = true;
    };
    channel.postMessage = (data) => {
      if (channel.closed) throw new Error("the channel is closed");
      for (const other of channels) if (other !== channel) other.onmessage({ data });
    };
    channels.push(channel);
    return channel;
  };
  const seen = { one: [], two: [] };
  const make = (tab) =>
    new RoomDrafts({ uid: "u", store }, "r", (draft) => seen[tab].push(draft), makeChannel);
  return { one: make("one"), two: make("two"), stored, seen };
}

test("a draft is kept at once, with what it answers, and shown in other tabs", async () => {
  const { one, two, stored, seen } = tabs();
  const mode = { kind: "answer", line: { seq: 3, id: "x", text: "t", author: { name: "ada" } } };
  for (const text of ["h", "he", "hel"]) one.save({ text, mode });
  await until(() => stored.get("r")?.text === "hel", "the last one is kept");
  await until(() => seen.two.at(-1)?.text === "hel", "the other tab shows it");
  assert.deepEqual(await two.load(), { text: "hel", mode });
  assert.deepEqual(seen.one, []);
});

test("the last words of a room that is left are kept", async () => {
  const { one, stored } = tabs();
  for (const text of ["h", "he", "hel"]) one.save({ text });
  one.close();
  await until(() => stored.get("r")?.text === "hel", "the last one is kept");
  one.save({ text: "what could not be sent" });
  await until(() => stored.get("r")?.text === "what could not be sent", "a later one, too");
});

test("a draft that cannot be stored stays with its room in this page, and leaving that is asked about", async () => {
  let full = true;
  const stored = new Map();
  const store = {
    drafts: {
      draft: async (room) => stored.get(room) ?? null,
      saveDraft: async (room, draft) => {
        if (full) throw new Error("full");
        if (draft) stored.set(room, draft);
        else stored.delete(room);
      },
    },
  };
  const channel = () => ({ postMessage: () => {}, close: () => {} });
  const visit = (room) => new RoomDrafts({ uid: "full", store }, room, () => {}, channel);
  const isAsked = () => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  };
  const first = visit("r");
  first.save({ text: "hello" });
  await until(isAsked, "who leaves the page is asked");
  first.close();
  assert.deepEqual(await visit("r").load(), { text: "hello" });
  assert.deepEqual(await visit("other").load(), { text: "" });
  full = false;
  const second = visit("r");
  second.save({ text: "hello again" });
  await until(() => !isAsked(), "it is stored now");
  assert.deepEqual(stored.get("r"), { text: "hello again" });
  full = true;
  second.save({ text: "" });
  await until(async () => (await second.load()).text === "hello again", "none to be lost");
  assert.ok(!isAsked());
});

test("a draft that was sent in one tab is gone in the other", async () => {
  const { one, two, stored, seen } = tabs();
  two.save({ text: "hello" });
  await until(() => seen.one.at(-1)?.text === "hello", "the first tab shows it");
  one.save({ text: "" });
  await until(() => seen.two.at(-1)?.text === "", "the second tab is empty");
  assert.ok(!stored.has("r"));
});
