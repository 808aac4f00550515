import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { keyHealthPanel, lacking, ranges } from "../../../../static/js/ui/people/key-health.js";
import { roomStrings as strings } from "../../../../static/js/ui/strings/room.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const _NOON = new Date(2026, 4, 4, 12).getTime();
const _HOUR = 3600_000;

const epochs = (count) => Array.from({ length: count }, (_, at) => ({ e: at + 1, ts: 0 }));
const holder = (name, since, have) => ({ uid: name, name, since, have });
const health = (about) =>
  put(keyHealthPanel({ missing: 0, mendable: 0, onMend: async () => {}, ...about }));

test("a member lacks what they are entitled to and do not have", () => {
  assert.deepEqual(lacking(epochs(5), holder("ben", 3, [4])), [3, 5]);
});

test("numbers are said as people write them", () => {
  assert.equal(ranges([1, 2, 3, 5, 7, 8]), "1–3, 5, 7–8");
  assert.equal(ranges([]), "");
});

test("each cell says in words what its dot means", () => {
  const body = health({ epochs: epochs(3), members: [holder("ben", 2, [3])] });
  const cells = body.querySelectorAll("td").map((cell) => cell.textContent);
  const { before, misses, has } = strings.health;
  assert.deepEqual(cells, [before, misses, has]);
});

test("many keys are ranges, and those who lack nothing are counted", () => {
  const all = epochs(30).map(({ e }) => e);
  const whole = Array.from({ length: 50 }, (_, n) => holder(`m${n}`, 1, all));
  const members = [...whole, holder("ben", 1, all.slice(0, 28))];
  const body = health({ epochs: epochs(30), members, missing: 2, mendable: 2 });
  assert.equal(body.querySelectorAll("tr").length, 2);
  assert.ok(body.textContent.includes("29–30"));
  assert.ok(body.textContent.includes(strings.health.rest(50)));
});

test("what cannot be handed over is not offered", () => {
  health({ epochs: epochs(1), members: [holder("ben", 1, [])], missing: 1 });
  assert.equal(button(strings.health.mend), undefined);
  assert.ok(document.body.textContent.includes(strings.health.none));
});

test("handing over is one click", async () => {
  let mended = 0;
  const about = { epochs: epochs(1), members: [holder("ben", 1, [])], missing: 2, mendable: 1 };
  health({ ...about, onMend: async () => mended++ });
  assert.ok(document.body.textContent.includes(strings.health.some(1, 2)));
  await button(strings.health.mend).click();
  assert.equal(mended, 1);
});
