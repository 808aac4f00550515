import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { compare, groups, safetyPanel } from "../../../../static/js/ui/people/safety.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const DIGITS = "991986030540055084141971758036729775843692116887943841557552";

test("a number is said in twelve groups of five", () => {
  assert.equal(groups(DIGITS).length, 12);
  assert.ok(groups(DIGITS).every((group) => group.length === 5));
});

test("what the other reads out is compared at once", () => {
  const spaced = groups(DIGITS).join(" ");
  const cases = [
    ["", "none", 0],
    ["hello", "none", 0],
    ["99198 6", "so-far", 6],
    [spaced, "same", 60],
    ["９９１９８", "so-far", 5],
    ["99198 60306", "differs", 2],
    [`${spaced} 1`, "long", 60],
  ];
  for (const [heard, state, at] of cases) {
    assert.deepEqual(compare(DIGITS, heard), { state, at }, heard);
  }
});

const safety = (about = {}) =>
  put(
    safetyPanel({
      name: "ben",
      digits: DIGITS,
      verified: false,
      changed: false,
      onVerified: async () => {},
      onApprove: async () => {},
      ...about,
    }),
  );

test("another number keeps one from saying that they are the same", () => {
  const field = safety().querySelector("textarea");
  field.value = "12345";
  field.dispatchEvent(new Event("input"));
  assert.equal(button(strings.safety.verify).disabled, true);
  field.value = "99198";
  field.dispatchEvent(new Event("input"));
  assert.equal(button(strings.safety.verify).disabled, false);
});

test("a new key is approved before it is verified", async () => {
  const done = [];
  safety({
    changed: true,
    verified: true,
    onVerified: async (yes) => done.push(yes),
    onApprove: async () => done.push("approved"),
  });
  await button(strings.safety.verify).click();
  assert.deepEqual(done, ["approved", true]);
});

test("trusting a new key without comparing asks first", async () => {
  const done = [];
  safety({ changed: true, onApprove: async () => done.push("approved") });
  const approving = button(strings.safety.approve).click();
  await button(strings.cancel).click();
  await approving;
  assert.deepEqual(done, []);
});

test("what was verified can be taken back", async () => {
  const done = [];
  safety({ verified: true, onVerified: async (yes) => done.push(yes) });
  assert.equal(button(strings.safety.verify), undefined);
  await button(strings.safety.unverify).click();
  assert.deepEqual(done, [false]);
});
