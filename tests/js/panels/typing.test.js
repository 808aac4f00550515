import assert from "node:assert/strict";
import { test } from "node:test";
import { startTyping } from "../../../static/js/panels/typing.js";

test("who is blocked while they type is not shown as typing any more", (t) => {
  const hidden = new Set();
  const blocks = Object.assign(new EventTarget(), { isHidden: (uid) => hidden.has(uid) });
  const chat = Object.assign(new EventTarget(), { blocks });
  const members = new Map(["ben", "eve"].map((name) => [name, { name }]));
  const line = { textContent: "" };
  const leaving = new AbortController();
  t.after(() => leaving.abort());
  startTyping(line, chat, "room", () => members, leaving.signal);
  for (const uid of members.keys())
    chat.dispatchEvent(new CustomEvent("typing", { detail: { room: "room", uid, on: true } }));
  assert.match(line.textContent, /ben.*eve/);
  hidden.add("eve");
  blocks.dispatchEvent(new Event("changed"));
  assert.match(line.textContent, /ben/);
  assert.doesNotMatch(line.textContent, /eve/);
});
