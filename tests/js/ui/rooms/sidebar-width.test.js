import assert from "node:assert/strict";
import { test } from "node:test";
import { widthAfter } from "../../../../static/js/ui/rooms/sidebar-width.js";

test("arrows move the edge of the list, within bounds", () => {
  assert.equal(widthAfter("ArrowRight", 280, false), 300);
  assert.equal(widthAfter("ArrowLeft", 280, false), 260);
  assert.equal(widthAfter("ArrowLeft", 225, false), 220);
  assert.equal(widthAfter("End", 280, false), 560);
  assert.equal(widthAfter("Home", 280, false), 220);
  assert.equal(widthAfter("a", 280, false), null);
});

test("where the list is at the right, arrows do the opposite", () => {
  assert.equal(widthAfter("ArrowLeft", 280, true), 300);
  assert.equal(widthAfter("ArrowRight", 280, true), 260);
});
