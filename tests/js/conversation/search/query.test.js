import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt, mark } from "../../../../static/js/conversation/search/excerpt.js";
import { Matcher, score } from "../../../../static/js/conversation/search/matching.js";
import {
  asksAnything,
  findByName,
  hasAll,
  parseQuery,
  timesOf,
} from "../../../../static/js/conversation/search/query.js";
import { fold, wordsIn } from "../../../../static/js/crypto/tokens.js";
import { load } from "../../crypto/shared.js";

const vectors = load("search");

for (const { name, given, ...query } of vectors.queries) {
  test(`a query: ${name}`, () => {
    const found = parseQuery(given);
    for (const [key, value] of Object.entries(query)) assert.deepEqual(found[key], value, key);
  });
}

/** The frequency of terms among the words of version 1. */
function count(text, terms) {
  const words = [...wordsIn(fold(text))].map((word) => word.text);
  const fits = (term) => (word) => (term.prefix ? word.startsWith(term.text) : word === term.text);
  return { tf: terms.map((term) => words.filter(fits(term)).length), length: words.length };
}

for (const { query, text, tf, length, scores } of vectors.times) {
  test(`${query} in ${text}`, () => {
    const found = count(text, parseQuery(query).terms);
    assert.deepEqual(found, { tf, length });
    for (const { score: expected, ...room } of scores) {
      assert.ok(Math.abs(score(found, room) - expected) <= 1e-12 * Math.max(1, expected));
    }
  });
}

test("what is rarer, more often or in fewer words counts more", () => {
  const room = { df: [1, 100], total: 200, average: 10 };
  const of = (tf, length) => score({ tf, length }, room);
  assert.ok(of([1, 0], 10) > of([0, 1], 10));
  assert.ok(of([2, 0], 10) > of([1, 0], 10));
  assert.ok(of([1, 0], 5) > of([1, 0], 50));
  assert.equal(of([0, 0], 10), 0);
});

test("operators alone are a question, and so are very common words", () => {
  for (const asked of [
    "apple",
    "the",
    "from:ada",
    "has:link",
    "before:2026-01-01",
    "after:2026-01-01",
  ])
    assert.ok(asksAnything(parseQuery(asked)), asked);
  for (const none of ["", "-apple", "in:kitchen", "has:nothing", "…"])
    assert.ok(!asksAnything(parseQuery(none)), none);
});

test("days begin at midnight here: before leaves the day out, after too", () => {
  const { since, until } = timesOf({ after: "2026-01-31", before: "2026-03-01" });
  assert.equal(since, new Date(2026, 1, 1).getTime());
  assert.equal(until, new Date(2026, 2, 1).getTime());
  assert.deepEqual(timesOf({ after: "", before: "" }), {});
});

test("who is called exactly so is meant, else all whose names begin so", () => {
  const people = ["ada", "adam", "Ben"].map((name) => ({ name }));
  const names = (wanted) => findByName(people, wanted).map(({ name }) => name);
  assert.deepEqual(names("ada"), ["ada"]);
  assert.deepEqual(names("ad"), ["ada", "adam"]);
  assert.deepEqual(names("ben"), ["Ben"]);
  assert.deepEqual(names("eve"), []);
});

/** The hits stand in brackets. */
const marked = (text, query) =>
  mark(text, new Matcher(parseQuery(query)))
    .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
    .join("");

for (const [text, query, expected] of [
  ["Die Straße ist lang", "stras", "Die [Straß]e ist lang"],
  ["garden gardening", "garden gard", "[garden] [gard]ening"],
  ["gardening garden", "garden now", "gardening [garden]"],
  ["cafe\u0301 Café", "cafe", "[cafe\u0301] [Café]"],
  ["İstanbul", "istan", "[İstan]bul"],
  ["我们明天在北京见面", "明天 北京", "我们[明天]在[北京]见面"],
  ["สวัสดีชาวโลก", "สวัส", "[สวัส]ดีชาวโลก"],
  ["नमस्ते दुनिया", "नमस्ते", "[नमस्ते] दुनिया"],
  ["ΣΟΦΟΣ σοφός", "σοφος", "[ΣΟΦΟΣ] [σοφός]"],
  ["ﬁne print", "fine", "[ﬁne] print"],
  ["send_message(x)", "message", "send_[message](x)"],
  ["<b>bold</b>", "bold", "<b>[bold]</b>"],
  ["👩‍👩‍👧 family", "fam", "👩‍👩‍👧 [fam]ily"],
  ["the of and", "the", "[the] of and"],
  ["getUserName()", "username", "get[UserName]()"],
  ["an e-mail now", "email", "an [e-mail] now"],
  ["", "apple", ""],
]) {
  test(`hits in ${text}`, () => assert.equal(marked(text, query), expected));
}

test("of a long text the part around the first hit is shown, on one line", () => {
  const text = `${"before it ".repeat(50)}\n\nthe needle\nis ${"after it ".repeat(80)}`;
  const shown = excerpt(mark(text, new Matcher(parseQuery("needle"))));
  const all = shown.map((piece) => piece.text).join("");
  assert.ok(all.startsWith("… "));
  assert.ok(all.endsWith(" …"));
  assert.ok(all.length < 320, all.length);
  assert.ok(!/\n/.test(all));
  assert.equal(
    shown
      .filter(({ hit }) => hit)
      .map((piece) => piece.text)
      .join(),
    "needle",
  );
  const elsewhere = excerpt(mark(text, new Matcher(parseQuery("absent"))));
  assert.ok(elsewhere[0].text.startsWith("before it before it"), "found by the name of a file");
  assert.deepEqual(excerpt(mark("short", new Matcher(parseQuery("")))), [
    { text: "short", hit: false },
  ]);
});

test("a message has files, images or links", () => {
  const line = (text, ...types) => ({
    text,
    content: { t: "text", files: types.map((type) => ({ type })) },
  });
  assert.ok(hasAll(line("", "text/plain"), ["file"]));
  assert.ok(!hasAll(line("", "text/plain"), ["image"]));
  assert.ok(hasAll(line("", "image/png"), ["file", "image"]));
  assert.ok(!hasAll(line("x"), ["file"]));
  assert.ok(hasAll(line("see HTTPS://example.org"), ["link"]));
  assert.ok(!hasAll(line("see example.org"), ["link"]));
  assert.ok(!hasAll({ text: "https:// ", content: null }, ["link"]));
});
