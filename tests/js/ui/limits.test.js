import assert from "node:assert/strict";
import { test } from "node:test";
import {
  breakable,
  brief,
  CHARACTERS,
  fewerMarks,
  MARKS,
  RUN,
} from "../../../static/js/ui/limits.js";
import { longText } from "../../../static/js/ui/text/long-text.js";
import { parse, Steps } from "../../../static/js/ui/text/markdown.js";
import { ELEMENTS, isShort, LINES } from "../../../static/js/ui/text/page-limits.js";
import { pages } from "../../../static/js/ui/text/pages.js";
import { renderText } from "../../../static/js/ui/text/text.js";
import { until } from "../conversation/world.js";
import { installDom } from "./fake-dom.js";

installDom();

const MOST = 65_535; // bytes of a message
const RATIO = 2.5; // of the steps for twice as much
const PER_CHARACTER = 60; // steps; what is nested as deep as it may be costs most

/** Texts that are hard to parse or to lay out, by how they are made of a length. */
const of = (piece) => (length) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
const around = (before, after) => (length) =>
  before.repeat(Math.floor(length / (before.length + after.length))) +
  after.repeat(Math.floor(length / (before.length + after.length)));
const NASTY = {
  "stars and lines": of("*a_"),
  lines: of("_a"),
  "mail without an end": (length) => `${"a".repeat(length - 1)}@`,
  "strong that never ends": of("**a"),
  "stars of all lengths": of("*a **b ***c ****d "),
  "closing stars": of("a*** "),
  "opening and closing stars": around("*a ", "a* "),
  "deep emphasis": around("*a", "a*"),
  "deep strong": around("**a ", " b**"),
  tildes: of("~~a~"),
  "opening brackets": of("["),
  "brackets and parentheses": of("[a]("),
  "links that never close": of("[a](b"),
  "links with titles": of('[a](b "'),
  "links with both titles": of(`[a](b "c') `),
  "pictures in pictures": around("![", "](a)"),
  "links in links": around("[", "](a)"),
  "empty brackets": of("[]"),
  "escaped brackets": of("\\["),
  backslashes: of("\\"),
  ticks: of("`a``b```c"),
  "ticks of every length": (length) => {
    let text = "";
    for (let n = 1; text.length < length; n += 1) text += `${"`".repeat(n)} `;
    return text.slice(0, length);
  },
  angles: of("<"),
  "angles with addresses": of("<http://a"),
  addresses: of("http://a.b "),
  "an address": (length) => `https://a.b/${"a".repeat(length - 12)}`,
  "an address in parentheses": (length) => `https://a.b/${"(".repeat(length / 2)}`,
  "addresses that end in dots": of("www.a......"),
  www: of("www."),
  mentions: of("@ada "),
  "one at after the other": of("@"),
  quotes: of("> "),
  "deep quotes": of(">"),
  "lists in lists": of("- "),
  items: of("- a\n"),
  "deeper and deeper items": (length) => {
    let text = "";
    for (let n = 0; text.length < length; n += 1) text += `${" ".repeat(2 * (n % 200))}- a\n`;
    return text.slice(0, length);
  },
  numbered: of("1. a\n"),
  "quotes and lists": of("> - "),
  headings: of("# a\n"),
  hashes: of("#"),
  "a heading of hashes": (length) => `# ${"# ".repeat(length / 2)}`,
  fences: of("```\na\n"),
  "fences of tildes": of("~~~\n```\n"),
  rules: of("- - - "),
  spaces: of(" "),
  "spaces before code": of("    a\n\n"),
  "blank lines": of("\n"),
  tables: of("|a|b|\n|-|-|\n"),
  "dashes of a table": of("|-"),
  definitions: of("[a]: b\n"),
  markup: of("<a b='"),
  entities: of("&amp"),
  "marks on a letter": (length) => `a${"\u0301".repeat(length - 1)}`,
  "marks on each letter": of(`a${"\u0301".repeat(20)}`),
  "letters of one run": of("\u0628"),
  "alternating directions": of("a\u0628"),
  "turns of direction": of("\u202ea\u202c"),
  "pictures of people": of("\u{1f469}\u200d"),
  halves: of("\ud83d"),
};
const SIZES = [500, 2000, 8000, MOST >> 1]; // twice the last is what a message may be at most

/** With a word at the end: marks alone are shown as they are. */
const stepsOf = (text) => {
  const steps = new Steps();
  parse(`${text} a`, { steps });
  return steps.count;
};

for (const [name, make] of Object.entries(NASTY)) {
  test(`abuse_ ${name}: twice as much costs about twice as many steps`, () => {
    for (const size of SIZES) {
      const [once, twice] = [stepsOf(make(size)), stepsOf(make(size * 2))];
      assert.ok(twice / once <= RATIO, `${once} and ${twice} steps at ${size}`);
      assert.ok(once <= (size + 1) * PER_CHARACTER, `${once} steps for ${size} characters`);
    }
  });

  test(`abuse_ ${name}: what is shown at once is bounded, and nothing is lost`, () => {
    const text = make(MOST);
    const found = [...pages(text)];
    const small = found.every(
      (page) => page.length <= CHARACTERS + 80 && page.split("\n").length <= LINES + 2,
    );
    assert.ok(small);
    assert.ok(joined(found, text), "every character stands on a page");
    for (const page of found.slice(0, 3)) assertCheap(renderText(page, ["ada"]));
    assertCheap(longText(`k-${name}`, text, (page) => renderText(page, ["ada"])));
  });

  test(`abuse_ ${name}: a name or a preview is one short line`, () => {
    const line = brief(make(MOST));
    assert.ok(line.length <= 121 && !line.includes("\n"));
    assert.doesNotMatch(line, new RegExp(`\\p{M}{${MARKS + 1}}`, "u"));
  });
}

/** The pages are the text, but for the lines that open a block of code again. */
const joined = (found, text) =>
  found.map((page, at) => (at > 0 ? page.replace(/^(`{3,}|~{3,})\n/, "") : page)).join("") ===
    text ||
  found.join("") === text ||
  withFences(found, text);

/** Each page ends with the part of the text that comes next. */
function withFences(found, text) {
  let at = 0;
  for (const page of found) {
    let length = Math.min(page.length, text.length - at);
    while (length > 0 && !page.endsWith(text.slice(at, at + length))) length -= 1;
    at += length;
  }
  return at === text.length;
}

/** Few elements, few characters, short runs, few marks on a letter. */
function assertCheap(nodes) {
  let [elements, characters] = [0, 0];
  const walk = (node) => {
    if (node.tag || node.tagName) elements += 1;
    const children = node.children ?? [];
    if (children.length > 0) {
      for (const child of children) walk(child);
      return;
    }
    const text = node.data ?? node.textContent ?? "";
    characters += text.length;
    assert.doesNotMatch(text, new RegExp(`[^\\s]{${RUN + 2}}`), "a run that cannot be broken");
    assert.doesNotMatch(text, new RegExp(`\\p{M}{${MARKS + 1}}`, "u"));
  };
  for (const node of nodes) walk(node);
  assert.ok(elements <= ELEMENTS + LINES * 2 + 50, `${elements} elements`);
  assert.ok(characters <= CHARACTERS + 500, `${characters} characters`);
}

test("a text that is short is one page, whole", () => {
  assert.ok(isShort("hello"));
  assert.ok(isShort(""));
  assert.deepEqual([...pages("a\nb")], ["a\nb"]);
  assert.ok(isShort("x".repeat(CHARACTERS)) && !isShort("x".repeat(CHARACTERS + 1)));
  assert.ok(isShort("\n".repeat(LINES - 1)) && !isShort("\n".repeat(LINES + 1)));
});

test("a page ends between words, and never within a character", () => {
  const [first] = pages("word ".repeat(1000));
  assert.ok(first.endsWith("word "));
  for (const page of pages(`a${"\u{1f600}".repeat(5000)}`)) {
    assert.ok(page.isWellFormed(), "a half character");
  }
});

test("code that a page ends in goes on as code", () => {
  const found = [...pages(`\`\`\`\n${"# no heading\n".repeat(500)}\`\`\`\n# a heading`)];
  assert.ok(found.length > 1);
  for (const page of found.slice(0, -1)) assert.equal(parse(page)[0].type, "code");
  const last = parse(found.at(-1));
  assert.deepEqual([last[0].type, last.at(-1).type], ["code", "heading"]);
});

test("a long run may be broken, and what is copied is what was written", () => {
  const text = "x".repeat(RUN * 3 + 1);
  assert.deepEqual(
    breakable(text).map(({ length }) => length),
    [RUN, RUN, RUN, 1],
  );
  const [paragraph] = renderText(text);
  assert.equal(paragraph.textContent, text);
  assert.deepEqual(breakable("word ".repeat(1000)), ["word ".repeat(1000)]);
});

test("eight marks stay on a letter, more are one sign", () => {
  assert.equal(fewerMarks(`e${"\u0301".repeat(MARKS)}`), `e${"\u0301".repeat(MARKS)}`);
  assert.equal(fewerMarks(`e${"\u0301".repeat(9)}x`), `e${"\u0301".repeat(MARKS)}\ufffdx`);
});

test("the button shows the rest page by page, and then goes", async () => {
  const text = "word ".repeat(5000);
  const parent = document.createElement("div");
  parent.append(...longText("key", text));
  document.body.append(parent);
  const button = parent.children.at(-1);
  assert.equal(button.tag ?? button.tagName.toLowerCase(), "button");
  assert.ok(parent.textContent.length < CHARACTERS + 100);
  button.listeners.click();
  await until(() => !parent.children.includes(button), "the button went");
  assert.equal(parent.textContent.replace(/\s/g, ""), text.replace(/\s/g, ""));
});
