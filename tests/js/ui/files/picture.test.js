import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleOf } from "../../../../static/js/ui/files/picture.js";

const after = (width, height) => {
  const scale = scaleOf({ width, height });
  return [Math.round(width * scale), Math.round(height * scale)];
};

test("a picture is shrunk by its area: a long one stays wide enough to be read", () => {
  assert.deepEqual(after(4096, 3072), [4096, 3072], "as it is");
  assert.deepEqual(after(8192, 6144), [4096, 3072]);
  assert.deepEqual(after(600, 12_000), [600, 12_000], "20 times as tall as wide");
  assert.deepEqual(after(12_000, 600), [12_000, 600]);
  const [width, height] = after(1080, 21_600);
  assert.ok(width > 790 && height <= 16_383, `${width} by ${height}`);
  assert.deepEqual(after(10, 65_535), [2, 16_383], "no longer than a WebP can be");
});
