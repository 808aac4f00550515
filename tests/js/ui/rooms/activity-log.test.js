import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { activityLogPanel, byDay } from "../../../../static/js/ui/rooms/activity-log.js";
import { roomStrings as strings } from "../../../../static/js/ui/strings/room.js";
import { button, installDom, put, texts } from "../fake-dom.js";

beforeEach(installDom);

const NOON = new Date(2026, 4, 4, 12).getTime();
const HOUR = 3600_000;

const happened = (seq, ts, t = "epoch") => ({
  seq,
  ts,
  t,
  by: "a",
  whom: "",
  text: `event ${seq}`,
});

test("the log is grouped by day", () => {
  const lines = [happened(0, NOON), happened(1, NOON + HOUR), happened(2, NOON + 24 * HOUR)];
  assert.deepEqual(
    byDay(lines).map((some) => some.map(({ seq }) => seq)),
    [[0, 1], [2]],
  );
});

test("the newest stands first, and a day is not begun twice where more is shown", async () => {
  const lines = Array.from({ length: 450 }, (_, seq) => happened(seq, NOON));
  const body = put(activityLogPanel({ lines, loading: false }));
  assert.ok(body.querySelector("li").textContent.startsWith("event 449"));
  assert.equal(body.querySelectorAll("li").length, 200);
  await button(strings.log.earlier).click();
  await button(strings.log.earlier).click();
  assert.equal(body.querySelectorAll("li").length, 450);
  assert.equal(body.querySelectorAll("h3").length, 1);
  assert.equal(button(strings.log.earlier).hidden, true);
});

test("an empty log says so, and one that loads shows that", () => {
  assert.ok(texts(activityLogPanel({ lines: [], loading: false })).includes(strings.log.none));
  assert.ok(put(activityLogPanel({ lines: [], loading: true })).querySelector(".skeleton"));
});
