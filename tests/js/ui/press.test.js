import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { PressGuard } from "../../../static/js/ui/press.js";

const soon = () => new Promise((resolve) => setTimeout(resolve, 1));

let root;
let guard;
let drawn;
const draw = (name) => guard.draw(() => drawn.push(name));
const press = (button = 0) =>
  root.dispatchEvent(Object.assign(new Event("pointerdown"), { button }));
const happens = (type) => globalThis.dispatchEvent(new Event(type));

beforeEach(() => {
  const page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  globalThis.dispatchEvent = page.dispatchEvent.bind(page);
  root = new EventTarget();
  guard = new PressGuard(root);
  drawn = [];
});

test("what nobody presses is drawn at once", () => {
  draw("one");
  press(2); // the other button opens a menu, and clicks nothing
  draw("two");
  assert.deepEqual(drawn, ["one", "two"]);
});

for (const end of ["pointerup", "pointercancel", "dragend", "contextmenu", "blur"]) {
  test(`under a press nothing is drawn until ${end}, and then the last`, async () => {
    press();
    draw("one");
    draw("two");
    assert.deepEqual(drawn, []);
    happens(end);
    assert.deepEqual(drawn, [], "the click comes first");
    await soon();
    assert.deepEqual(drawn, ["two"]);
    draw("three");
    assert.deepEqual(drawn, ["two", "three"]);
  });
}

test("a press with nothing to draw leaves nothing behind", async () => {
  press();
  happens("pointerup");
  await soon();
  happens("pointerup");
  draw("one");
  assert.deepEqual(drawn, ["one"]);
});

test("a second press that begins before the first has ended holds drawing back as well", async () => {
  press();
  happens("pointerup");
  press();
  draw("one");
  await soon();
  assert.deepEqual(drawn, []);
  happens("pointerup");
  await soon();
  assert.deepEqual(drawn, ["one"]);
});

test("what works on the drawing waits for it", async () => {
  guard.afterDrawing(() => drawn.push("at once"));
  press();
  guard.afterDrawing(() => drawn.push("focus"));
  draw("one");
  assert.deepEqual(drawn, ["at once"]);
  happens("pointerup");
  await soon();
  assert.deepEqual(drawn, ["at once", "one", "focus"]);
});
