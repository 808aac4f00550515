import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import {
  isPlain,
  lacksText,
  loadText,
  messageText,
  preview,
} from "../../../../static/js/ui/text/late-text.js";
import { preview as fullPreview } from "../../../../static/js/ui/text/plain-text.js";
import { renderText } from "../../../../static/js/ui/text/text.js";
import { installDom, outline } from "../fake-dom.js";

installDom();

/** What Markdown is made of, and words between. */
const PIECES = [
  ..."*_~`[]()<>#+-=|\\!@.:;,'\"&/?1 9 \t",
  ..."\u00a0\u2028\u200b\u202e\u0301",
  "word",
  "HTTP://a.example",
  "https:",
  "www.a.example",
  "mail@a.example",
  "12. ",
  "1) ",
  "- ",
  "    ",
  "\u{1f600}",
  "\u5b57",
];
const shown = (nodes) => nodes.map(outline).join("");

/** Numbers of a linear congruential generator: the same in every run. */
function* numbers() {
  for (let state = 1; ; ) {
    state = (state * 1103515245 + 12345) % 2147483648;
    yield state >> 8;
  }
}

/** @param {number} many */
function* texts(many) {
  const next = numbers();
  for (let at = 0; at < many; at += 1) {
    const length = 1 + (next.next().value % 7);
    yield Array.from({ length }, () => PIECES[next.next().value % PIECES.length]).join("");
  }
}

const MARKED = ["**a**", "a\nb", "see www.a.example", "- a", "> a", "1. a", "    a", "ada@b"];

describe("before the part is loaded", () => {
  test("a line of words is drawn as the part would draw it", () => {
    const plain = [...texts(20_000)].filter(isPlain);
    assert.ok(plain.length > 500);
    for (const text of plain) {
      assert.equal(shown(messageText("k", text)), shown(renderText(text)), JSON.stringify(text));
      assert.equal(preview(text), fullPreview(text), JSON.stringify(text));
    }
  });

  test("a text with marks waits for it", () => {
    for (const text of MARKED) assert.ok(lacksText(["words", text]), text);
    assert.ok(!lacksText(["words", "", "more (of) them: 3, 4!"]));
    assert.equal(preview("**a**\nb"), "**a** b");
  });

  test("nothing is drawn for an empty text", () => assert.deepEqual(messageText("k", ""), []));
});

describe("once it is loaded", () => {
  before(() => loadText());

  test("texts with marks are drawn at once", () => {
    for (const text of MARKED)
      assert.equal(shown(messageText(text, text)), shown(renderText(text)), text);
    assert.ok(!lacksText(MARKED));
    assert.equal(preview("**a**"), "a");
  });
});
