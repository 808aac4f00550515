import assert from "node:assert/strict";
import { test } from "node:test";
import { clamped, firstView, fitting, moved, zoomed } from "../../../../static/js/ui/files/zoom.js";

const STAGE = { w: 1000, h: 800 };
const NEAR = 1e-9;

test("a picture begins whole, and never above its own size", () => {
  assert.deepEqual(firstView({ w: 2000, h: 800 }, STAGE), { scale: 0.5, x: 0, y: 0 });
  assert.deepEqual(firstView({ w: 400, h: 300 }, STAGE), { scale: 1, x: 0, y: 0 });
  const phone = { w: 320, h: 640 };
  assert.deepEqual(firstView({ w: 960, h: 320 }, phone), { scale: 1 / 3, x: 0, y: 0 });
});

test("a picture 20 times as tall as wide begins at its top, wide enough to be read", () => {
  const tall = { w: 500, h: 10_000 };
  const view = firstView(tall, STAGE);
  assert.equal(view.scale, 1);
  assert.equal(view.y, (10_000 - STAGE.h) / 2, "its top is the stage's");
  assert.equal(firstView({ w: 4000, h: 80_000 }, STAGE).scale, 0.25, "as wide as the stage");
  const wide = firstView({ w: 10_000, h: 500 }, STAGE);
  assert.deepEqual([wide.scale, wide.x], [1, (10_000 - STAGE.w) / 2]);
  assert.deepEqual(firstView({ w: 20, h: 400 }, STAGE), { scale: 1, x: 0, y: 0 });
});

test("what is under the pointer stays there when it comes nearer", () => {
  const picture = { w: 2000, h: 1600 };
  const at = { x: 120, y: -80 };
  const before = moved({ scale: 1, x: 0, y: 0 }, 40, 30, picture, STAGE);
  const after = zoomed(before, 1.5, at, picture, STAGE);
  const spot = ({ scale, x, y }) => [(at.x - x) / scale, (at.y - y) / scale];
  for (const [i, place] of spot(after).entries())
    assert.ok(Math.abs(place - spot(before)[i]) < NEAR);
});

test("a picture is never lost, whatever is asked", () => {
  for (const picture of [
    { w: 1, h: 1 },
    { w: 30, h: 600 },
    { w: 10_000, h: 400 },
  ]) {
    let view = firstView(picture, STAGE);
    for (const [factor, x, y] of [
      [1e6, 1e9, -1e9],
      [1e-6, -1e9, 1e9],
      [3, 77, -5000],
      [0.4, 9, 9],
    ]) {
      view = moved(zoomed(view, factor, { x: 300, y: 300 }, picture, STAGE), x, y, picture, STAGE);
      assert.deepEqual(clamped(view, picture, STAGE), view);
      assert.ok(view.scale >= fitting(picture, STAGE));
      assert.ok(Math.abs(view.x) <= Math.max(0, (picture.w * view.scale - STAGE.w) / 2));
      assert.ok(Math.abs(view.y) <= Math.max(0, (picture.h * view.scale - STAGE.h) / 2));
    }
  }
});
