import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { roomSecurityPanel, verifiedText } from "../../../../static/js/ui/people/room-security.js";
import { roomStrings as strings } from "../../../../static/js/ui/strings/room.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const NOON = new Date(2026, 4, 4, 12).getTime();
const _HOUR = 3600_000;

test("it says how many were verified", () => {
  const words = strings.this;
  assert.equal(verifiedText(0, 0), words.verifiedAlone);
  assert.equal(verifiedText(0, 4), words.verifiedNone);
  assert.equal(verifiedText(2, 4), words.verifiedSome(2, 4));
  assert.equal(verifiedText(4, 4), words.verifiedAll);
});

test("the panel of a room leads on", async () => {
  const went = [];
  const body = put(
    roomSecurityPanel({
      verified: 1,
      members: 2,
      lastRotation: NOON,
      onHealth: () => went.push("health"),
      onLog: () => went.push("log"),
      onPolicy: () => went.push("policy"),
    }),
  );
  assert.ok(body.textContent.includes(strings.this.verifiedAll), "oneself is not counted");
  for (const { title } of [strings.health, strings.log, strings.policy])
    await button(title).click();
  assert.deepEqual(went, ["health", "log", "policy"]);
  assert.equal(button(strings.stored.title), undefined);
});
