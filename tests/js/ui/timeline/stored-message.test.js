import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { roomStrings as strings } from "../../../../static/js/ui/strings/room.js";
import { facts, storedMessagePanel } from "../../../../static/js/ui/timeline/stored-message.js";
import { installDom, put, texts } from "../fake-dom.js";

beforeEach(installDom);

const NOON = new Date(2026, 4, 4, 12).getTime();
const _HOUR = 3600_000;

const STORED = {
  seq: 12,
  uid: "0".repeat(31),
  dev: "32".repeat(16),
  n: 3,
  cid: "ab".repeat(16),
  e: 2,
  ct: "c2VhbGVk",
  sig: "x".repeat(86),
  at: NOON,
  tokens: [1, 2, 3],
  size: 80,
};
const fact = (stored, name) => facts(stored, "").find(([what]) => what === name);

test("each thing that the server keeps is said, with what it tells", () => {
  const { names, says } = strings.stored;
  assert.equal(fact(STORED, names.tokens)[1], strings.stored.words(3));
  assert.equal(fact(STORED, names.dev)[2], says.dev(3));
  assert.equal(fact(STORED, names.re), undefined);
  assert.ok(facts(STORED, "ben")[0][1].startsWith("ben, "));
  for (const [, value, text] of facts(STORED, "ben")) assert.ok(value && text);
});

test("of a deleted message it says what is left", () => {
  const { ct: _, ...left } = STORED;
  const tombstone = { ...left, ct: null, sha: "y".repeat(43), del: 15, tokens: [] };
  assert.equal(fact(tombstone, strings.stored.names.ct)[1], strings.stored.gone);
  assert.equal(fact(tombstone, strings.stored.names.tokens)[2], strings.stored.says.noTokens);
  assert.ok(texts(storedMessagePanel({ stored: tombstone })).includes(strings.stored.deleted));
});

test("the raw message is shown as text", () => {
  const body = put(storedMessagePanel({ stored: { ...STORED, h: "<b>" } }));
  assert.deepEqual(JSON.parse(body.querySelector("pre").textContent), { ...STORED, h: "<b>" });
});
