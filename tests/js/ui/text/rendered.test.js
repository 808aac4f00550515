/** Texts of many kinds as they are shown: rendered.json has each as an outline of its elements. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { plainText } from "../../../../static/js/ui/text/plain-text.js";
import { mentionedIn, renderText } from "../../../../static/js/ui/text/text.js";
import { installDom, outline } from "../fake-dom.js";

installDom();

const { mentions, ...KINDS } = JSON.parse(
  readFileSync(new URL("rendered.json", import.meta.url), "utf8"),
);
const COPY = "<button><svg><use /icons.svg#copy></use></svg></button>";
const NAMES = ["eve", "_eve_", "ada.l", "e-v"];
const shown = (text) => renderText(text).map(outline).join("").replaceAll(COPY, "");
const lettersOf = (text) => text.match(/[\p{L}\p{N}]/gu) ?? [];

/** Tells whether letters stand among others in their order. */
const isKept = (found, wanted) => {
  let at = 0;
  for (const letter of wanted) at = found.indexOf(letter, at) + 1 || Number.POSITIVE_INFINITY;
  return at <= found.length;
};

for (const [kind, cases] of Object.entries(KINDS)) {
  test(`shows ${kind} as CommonMark has them, or as they were typed`, () => {
    for (const [text, expected] of cases) assert.equal(shown(text), expected, JSON.stringify(text));
  });
}

test("a mention counts where it is shown as one", () => {
  for (const [text, expected] of mentions) {
    const about = JSON.stringify(text);
    assert.equal(mentionedIn(text, NAMES).join(" "), expected, about);
    const marked = renderText(text, NAMES).flatMap((node) => node.querySelectorAll(".mention"));
    const called = new Set(marked.map(({ textContent }) => textContent.slice(1).toLowerCase()));
    assert.deepEqual(called, new Set(expected.split(" ").filter(Boolean)), about);
  }
});

test("no letter is lost, on the page and in a preview, but those of addresses", () => {
  for (const [text] of Object.values(KINDS).flat()) {
    const words = lettersOf(
      text.replace(/(?:https?:\/\/|www\.)[^\s<]*|^[>\s]*\d+[.)]|\[[ xX]\]|<[^>]*>/gimu, " "),
    );
    const page = renderText(text)
      .map(({ textContent }) => textContent)
      .join("");
    assert.ok(isKept(lettersOf(page), words), `${JSON.stringify(text)}: ${page}`);
    assert.ok(isKept(lettersOf(plainText(text)), words), `${JSON.stringify(text)}: its preview`);
  }
});

test("a word of 10,000 characters is whole, and can be broken", () => {
  for (const letter of ["a", "字", "ש", "👍", "e\u0301", "\u200d", "-", "_a", "a."]) {
    const word = letter.repeat(10_000 / letter.length);
    const [paragraph] = renderText(`${word} end`);
    assert.equal(paragraph.textContent, `${word} end`);
    assert.ok(paragraph.querySelectorAll("wbr").length >= 9 || letter === "👍", letter);
  }
});

test("lines end alike, whatever their signs are", () => {
  for (const [text] of Object.values(KINDS).flat()) {
    const written = text.replace(/\r\n?/g, "\n");
    assert.equal(shown(written.replaceAll("\n", "\r\n")), shown(written), JSON.stringify(text));
    assert.equal(shown(written.replaceAll("\n", "\r")), shown(written), JSON.stringify(text));
  }
});
