import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compose,
  reachesInto,
  unmasked,
} from "../../../../static/js/conversation/summaries/compose-request.js";
import { NOW } from "../../crypto/cast.js";
import { HOW } from "./stage.js";

const line = (seq, name, text, e = 1) => ({ seq, e, name, ts: NOW, text });
const gathered = (...said) => ({ said, hidden: 0, locked: 0, cut: false });
const composed = (found, more = {}) =>
  compose(found, {
    ...HOW,
    people: [],
    earlier: null,
    mostBytes: 100_000,
    mostMessages: 500,
    ...more,
  });

test("names become placeholders, also where they are mentioned, and come back", () => {
  const found = gathered(
    line(1, "ada", "@ben.k have you met eve?"),
    line(2, "ben.k", "Ada knows evelyn"),
    line(3, "ada", "mail ada@example.org, or ask Ben.K."),
  );
  const { question, names } = composed(found, { masked: true, people: ["eve", "ada", "ben.k"] });
  assert.deepEqual(
    question.messages.map(({ name, text }) => [name, text]),
    [
      ["P1", "@P2 have you met P3?"],
      ["P2", "P1 knows evelyn"],
      ["P1", "mail P1@example.org, or ask P2."],
    ],
  );
  assert.equal(unmasked("P1 met P2. A P12 and P3's.", names), "ada met ben.k. A P12 and eve's.");
});

test("a placeholder is no word that somebody wrote", () => {
  const found = gathered(
    line(1, "ada", "the P1 comes first"),
    line(2, "ben", "PP2, too"),
    line(3, "ada", "good"),
  );
  const { question, names } = composed(found, { masked: true, people: [] });
  assert.deepEqual(
    question.messages.map(({ name }) => name),
    ["PPP1", "PPP2", "PPP1"],
  );
  assert.equal(unmasked("PPP2 prefers PP2 to P1", names), "ben prefers PP2 to P1");
});

test("too few messages make no question; what does not fit is left out from the oldest on", () => {
  assert.equal(composed(gathered(line(1, "ada", "a"), line(2, "ada", "b"))), null);
  const long = Array.from({ length: 10 }, (_, at) => line(at + 1, "ada", "x".repeat(1000)));
  const { question, cut, range } = composed(gathered(...long), { mostBytes: 6000 });
  assert.deepEqual([cut, range.from, range.to], [true, 7, 10]);
  assert.ok(JSON.stringify(question).length <= 6000);
});

test("a range reaches no further than the worker takes, texts or not", () => {
  const found = gathered(...[1, 2, 50, 51, 52].map((seq) => line(seq, "ada", "x")));
  const { range, cut } = composed(found, { mostMessages: 10 });
  assert.deepEqual([range.from, range.to, cut], [50, 52, true]);
  const earlier = { why: "", from: 1, to: 49, a: 1, b: 1, text: "Before.", dis: 3 };
  const since = gathered(...[50, 51, 52].map((seq) => line(seq, "ada", "x")));
  assert.equal(composed(since, { earlier, mostMessages: 51 }).earlier, null);
  assert.equal(composed(since, { earlier, mostMessages: 52 }).earlier, earlier);
  const long = { ...earlier, text: "x".repeat(6000) };
  assert.equal(composed(since, { earlier: long }).earlier, null);
});

test("a summary is gone on from only where nothing lies between", () => {
  const old = { why: "", from: 1, to: 4, a: 1, b: 1, text: "" };
  const found = (...seqs) => gathered(...seqs.map((seq) => line(seq, "ada", "x")));
  assert.equal(reachesInto([old], found(3, 4, 5)), old);
  assert.equal(reachesInto([old], found(5, 6)), old);
  assert.equal(reachesInto([old], found(7, 8), 4), old); // 5 and 6 are no messages
  assert.equal(reachesInto([old], found(7, 8)), null);
  assert.equal(reachesInto([old], found(2, 3, 4)), null); // nothing new
  assert.equal(reachesInto([{ ...old, why: "keys" }], found(5, 6)), null);
});
