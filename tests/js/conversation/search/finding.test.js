/** Words, stems and what is found by which query, as tests/vectors has them. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { askedUnits, clauses } from "../../../../static/js/conversation/search/asking.js";
import { ENDINGS, VERBS } from "../../../../static/js/conversation/search/endings.js";
import { IRREGULAR } from "../../../../static/js/conversation/search/irregular.js";
import {
  EXACT,
  FORMS,
  Matcher,
  MOST,
  NEAR,
} from "../../../../static/js/conversation/search/matching.js";
import { parseQuery } from "../../../../static/js/conversation/search/query.js";
import { terms, tokensFor } from "../../../../static/js/conversation/search/search-terms.js";
import { read } from "../../../../static/js/conversation/search/search-text.js";
import { suggestions } from "../../../../static/js/conversation/search/spelling.js";
import { loadStemmers } from "../../../../static/js/conversation/search/stems.js";
import { unb64 } from "../../../../static/js/crypto/bytes.js";
import { hasher, terms as olderTerms } from "../../../../static/js/crypto/tokens.js";
import { load } from "../../crypto/shared.js";

const vectors = load("finding");
const NAMES = new Map([
  [EXACT, "exact"],
  [NEAR, "near"],
  [FORMS, "forms"],
  [MOST, "most"],
]);

before(() => loadStemmers(vectors.cases.flatMap(({ query }) => read(query).atoms)));

for (const { text, ...expected } of vectors.texts) {
  test(`the words of ${text}`, () => {
    const { atoms, joined } = read(text);
    const found = {
      atoms: atoms.map((atom) => [atom.text, atom.plain, atom.apart, atom.glued]),
      joined: joined.map((form) => [form.text, form.first, form.last]),
    };
    assert.deepEqual(found, expected);
  });
}

for (const [language, pairs] of Object.entries(vectors.stems)) {
  test(`stems: ${language}`, async () => {
    const { stem } = await import(`../../../../static/vendor/snowball/${language}.js`);
    for (const [word, expected] of pairs) assert.equal(stem(word), expected, word);
  });
}

test("irregular forms and endings of words are those of the Python client", () => {
  assert.deepEqual(IRREGULAR, vectors.irregular);
  assert.deepEqual(ENDINGS, vectors.endings);
  assert.deepEqual(VERBS, vectors.verbs);
});

for (const { text, query, found } of vectors.cases) {
  test(`${query} in ${text}: ${found}`, () => {
    const fit = new Matcher(parseQuery(query)).fit(read(text));
    assert.equal(NAMES.get(fit?.tier ?? -1) ?? "not", found);
  });
  test(`what ${query} asks for brings ${text}`, () => {
    if (found === "most" || found === "not") return;
    const having = new Set([...terms(text), ...olderTerms(text)]);
    for (const older of [false, true]) {
      const how = { loose: found === "forms", older };
      const asked = clauses(new Matcher(parseQuery(query)), how);
      const reached = asked.some((one) => one.every((term) => having.has(term)));
      assert.ok(asked.length === 0 || reached, JSON.stringify(asked));
    }
  });
}

for (const { text, terms: expected, tokens: wanted } of vectors.tokens.cases) {
  test(`tokens of ${text}`, async () => {
    assert.deepEqual(terms(text), expected);
    const sk = unb64(vectors.tokens.sk);
    const token = await hasher(sk);
    const { g, t, v } = await tokensFor(sk, text, 1);
    const older = await Promise.all(olderTerms(text).map(token));
    const all = new Set([...wanted, ...older]);
    assert.deepEqual([g, v, t.length % 8], [1, 2, 0]);
    assert.deepEqual(
      [...new Set(await Promise.all(expected.map(token)))].sort((a, b) => a - b),
      wanted,
    );
    for (const one of all) assert.ok(t.includes(one));
    assert.ok(t.length < all.size + 8);
  });
}

test("the last words of a long message are asked for, though they have no beginnings", async () => {
  const words = Array.from({ length: 1600 }, (_, at) => `word${(at + 37_000).toString(36)}x`);
  const sk = unb64(vectors.tokens.sk);
  const token = await hasher(sk);
  const made = new Set((await tokensFor(sk, words.join(" "), 1)).t);
  for (const at of [0, 899, 1599]) {
    const asked = clauses(new Matcher(parseQuery(words[at])), { older: false });
    const tokens = await Promise.all(asked.map((one) => Promise.all(one.map(token))));
    assert.ok(tokens.some((one) => one.every((found) => made.has(found))));
  }
});

for (const { query, exact, loose, newer, units } of vectors.asked) {
  test(`what is asked for ${query.slice(0, 40)}`, () => {
    const matcher = new Matcher(parseQuery(query));
    assert.deepEqual(clauses(matcher), exact);
    assert.deepEqual(clauses(matcher, { loose: true }), loose);
    assert.deepEqual(clauses(matcher, { older: false }), newer);
    assert.deepEqual(
      askedUnits(matcher).map((unit) => [unit.ways, unit.forms]),
      units,
    );
  });
}

for (const { query, texts, meant } of vectors.meant) {
  test(`what ${query} was meant to be`, () =>
    assert.deepEqual(suggestions(parseQuery(query), texts), meant));
}
