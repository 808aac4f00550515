import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { LateToolbar } from "../../../../static/js/ui/composer/late-toolbar.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";
import { installDom } from "../fake-dom.js";

beforeEach(installDom);

/** A list whose toolbar comes when the test lets it, and what it was told then. */
function late() {
  const list = new EventTarget();
  const told = [];
  const toolbar = {
    catchUp: (event) => told.push(event.type),
    replaced: () => told.push("replaced"),
  };
  const loads = [];
  const made = new LateToolbar(
    list,
    () =>
      new Promise((resolve, reject) => loads.push({ come: () => resolve(toolbar), fail: reject })),
  );
  const happens = (...types) => {
    for (const type of types) list.dispatchEvent(new Event(type));
  };
  return { made, told, loads, happens };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("nothing is loaded before somebody points at a message", () => {
  const { made, loads } = late();
  made.replaced({}, {});
  assert.equal(loads.length, 0);
});

test("it is loaded once, and learns of the last thing that was done", async () => {
  const { made, told, loads, happens } = late();
  happens("pointerover", "focusin");
  assert.equal(loads.length, 1);
  loads[0].come();
  await settled();
  made.replaced({}, {});
  happens("pointerover");
  await settled();
  assert.deepEqual([told, loads.length], [["focusin", "replaced"], 1]);
});

test("a key waits, whatever the pointer does meanwhile", async () => {
  const { told, loads, happens } = late();
  happens("focusin", "keydown", "pointerover");
  loads[0].come();
  await settled();
  assert.deepEqual(told, ["keydown"]);
});

test("a finger that was lifted meanwhile was no long press; one that is down may become one", async () => {
  const lifted = late();
  lifted.happens("pointerdown", "pointerup");
  lifted.loads[0].come();
  const down = late();
  down.happens("pointerdown");
  down.loads[0].come();
  await settled();
  assert.deepEqual([lifted.told, down.told], [[], ["pointerdown"]]);
});

test("where it does not come, the next try loads it again; only a press says so", async () => {
  const { told, loads, happens } = late();
  happens("pointerover");
  loads[0].fail(new TypeError("no network"));
  await settled();
  assert.equal(document.body.textContent, "");
  happens("keydown");
  loads[1].fail(new TypeError("no network"));
  await settled();
  assert.ok(document.body.textContent.includes(strings.part.title));
  happens("keydown");
  loads[2].come();
  await settled();
  assert.deepEqual(told, ["keydown"]);
});
