import assert from "node:assert/strict";
import { test } from "node:test";
import { rulesInSight } from "../../../../static/js/ui/rooms/rules-in-sight.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";

const POLICY = { ttl: 0, ai: "off", search: "server", history: "all" };
const { rules } = strings;

test("an ordinary room says nothing beside its name, and everything on its invitation", () => {
  assert.deepEqual(rulesInSight(POLICY), []);
  assert.deepEqual(rulesInSight(POLICY, { all: true }), [
    rules.forever,
    rules.noAi,
    rules.search.server,
    rules.history.all,
  ]);
});

test("each rule that changes what happens to words is in sight", () => {
  const strict = { ttl: 1, ai: "auto", search: "device", history: "join" };
  const said = ["Deleted after 1 day", rules.ai.auto, rules.search.device, rules.history.join];
  assert.deepEqual(rulesInSight(strict), said);
  assert.deepEqual(rulesInSight(strict, { all: true }), said);
  assert.deepEqual(rulesInSight({ ...POLICY, ttl: 30 }), ["Deleted after 30 days"]);
});
