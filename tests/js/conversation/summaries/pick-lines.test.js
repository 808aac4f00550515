/** What is picked of conversations on this device: the same as by the worker. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  pickLines,
  wordsIn,
  written,
} from "../../../../static/js/conversation/summaries/pick-lines.js";
import { load } from "../../crypto/shared.js";

const { talks, words } = load("picking");

for (const [name, { lines, slices, text }] of Object.entries(talks))
  test(`the lines of ${name}`, () => {
    assert.deepEqual(pickLines(lines), slices);
    assert.equal(written(slices), text);
  });

test("the words of many scripts", () => {
  for (const [text, expected] of words) assert.deepEqual(wordsIn(text), expected);
});
