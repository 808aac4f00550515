import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { deletes, offered, policyPanel } from "../../../../static/js/ui/rooms/policy.js";
import { roomStrings as strings } from "../../../../static/js/ui/strings/room.js";
import { installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const _NOON = new Date(2026, 4, 4, 12).getTime();
const _HOUR = 3600_000;

const RULES = {
  join: "link",
  history: "all",
  ai: "off",
  ain: 200,
  search: "server",
  n: 0,
  days: 0,
  ttl: 0,
};

test("only a shorter life deletes messages", () => {
  const ttl = (days) => ({ ...RULES, ttl: days });
  assert.equal(deletes(ttl(0), ttl(30)), true);
  assert.equal(deletes(ttl(30), ttl(7)), true);
  assert.equal(deletes(ttl(7), ttl(30)), false);
  assert.equal(deletes(ttl(30), ttl(0)), false);
  assert.equal(deletes(ttl(30), ttl(30)), false);
});

test("a value that is not usual is offered, too", () => {
  assert.deepEqual(offered([0, 7, 30], 45), [0, 7, 30, 45]);
  assert.deepEqual(offered([0, 7], 7), [0, 7]);
});

test("who cannot change the rules reads them", () => {
  const body = put(policyPanel({ policy: RULES, mayChange: false, onSave: async () => {} }));
  assert.equal(body.querySelector("form"), null);
  assert.ok(body.textContent.includes(strings.policy.join.link[1]));
  assert.ok(body.textContent.includes(strings.policy.n.said([])));
});

test("the rules of a conversation of two say nothing of newcomers", () => {
  const about = { policy: RULES, direct: true, mayChange: false, onSave: async () => {} };
  const { textContent } = put(policyPanel(about));
  assert.ok(textContent.includes(strings.policy.search.title));
  for (const text of [strings.policy.join.title, strings.policy.history.title, "owner"])
    assert.equal(textContent.includes(text), false, text);
});
