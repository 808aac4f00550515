import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { roomSecurityPanel, verifiedText } from "../../../../static/js/ui/people/room-security.js";
import { roomStrings as strings } from "../../../../static/js/ui/strings/room.js";
import { summaryStrings } from "../../../../static/js/ui/strings/summary.js";
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

/** Texts that groups and conversations of two share. */
const SHARED = [
  strings.health,
  { ...strings.policy, title: "", join: {}, history: {} },
  { ...strings.this },
  strings.log,
  strings.pins,
  { ...strings.stop, title: "", question: strings.stop.question("Orchard") },
  strings.stored,
  strings.actions,
  strings.linkCopied,
  { ...summaryStrings.summary, where: "" },
  { lie: strings.lie("log"), frozen: strings.frozen },
];

/** @returns {string[]} all sentences that stand there as they are */
function sentences(texts) {
  if (typeof texts === "string") return [texts];
  return texts && typeof texts === "object" ? Object.values(texts).flatMap(sentences) : [];
}

test("what groups and conversations of two share does not call either a room", () => {
  const all = SHARED.flatMap(sentences);
  assert.ok(all.length > 100);
  assert.deepEqual(
    all.filter((text) => /\brooms?\b/i.test(text)),
    [],
  );
});

test("the rules of a conversation of two are called so", () => {
  const about = {
    verified: 1,
    members: 2,
    lastRotation: NOON,
    onHealth() {},
    onLog() {},
    onPolicy() {},
  };
  put(roomSecurityPanel({ ...about, direct: true }));
  assert.ok(button(strings.direct.rules));
  assert.equal(button(strings.policy.title), undefined);
});
