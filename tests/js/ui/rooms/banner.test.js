import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Banner } from "../../../../static/js/ui/rooms/banner.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";
import { installDom } from "../fake-dom.js";

beforeEach(installDom);

/** A banner of a connection whose state is set. */
function banner() {
  const root = document.createElement("div");
  root.hidden = true;
  const line = { state: "open" };
  const made = new Banner(
    root,
    () => line.state,
    () => "/accounts/login/",
  );
  return { root, line, made };
}

test("a connection that is back is said for a moment, however often it changes meanwhile", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { root, line, made } = banner();
  line.state = "away";
  made.update(0);
  t.mock.timers.tick(1500);
  assert.equal(root.textContent, strings.connection.away);
  line.state = "open";
  made.update(1);
  assert.equal(root.textContent, strings.back);
  t.mock.timers.tick(1000);
  made.update(0); // what was waiting is sent
  t.mock.timers.tick(1000);
  made.update(0);
  assert.equal(root.hidden, false);
  t.mock.timers.tick(600);
  assert.equal(root.hidden, true);
});

test("a short break is not said", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { root, line, made } = banner();
  line.state = "connecting";
  made.update(0);
  t.mock.timers.tick(1000);
  line.state = "open";
  made.update(0);
  t.mock.timers.tick(5000);
  assert.equal(root.hidden, true);
});
