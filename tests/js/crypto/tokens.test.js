import assert from "node:assert/strict";
import { test } from "node:test";
import { tokensFor } from "../../../static/js/conversation/search/search-terms.js";
import { fold, hasher, words } from "../../../static/js/crypto/tokens.js";
import { KEY } from "./cast.js";

const list = (text) => words(text).map((word) => word.text);

for (const [text, folded] of [
  ["Straße GROẞ", "strasse gross"],
  ["École Ångström", "ecole angstrom"],
  ["İstanbul", "istanbul"],
  ["ΑΣ Ὀδυσσεύς", "ασ οδυσσευσ"],
  ["ﬁx x² ＡＢＣ", "fix x2 abc"],
  ["한국어", "한국어"],
  ["がぎ", "がぎ"],
]) {
  test(`${text} is compared as ${folded}`, () => assert.equal(fold(text), folded));
}

for (const [text, found] of [
  ["Die Straße, die Straße!", ["die", "strasse"]],
  ["the cat is on a mat", ["cat", "mat"]],
  ["ışık IŞIK", ["ısık", "isik"]],
  ["snake_case foo-bar 3.14", ["snake", "case", "foo", "bar", "3", "14"]],
  ["日本語", ["日本", "本語"]],
  ["木", ["木"]],
  ["x東京y", ["x", "東京", "y"]],
  ["สวัสดี", ["สว", "วั", "ัส", "สด", "ดี"]],
  ["हिन्दी भाषा", ["हिन्दी", "भाषा"]],
  ["한국어 검색", ["한국어", "검색"]],
  ["𠮷野", ["𠮷野"]],
  ["🦊 … !", []],
]) {
  test(`the words of ${text}`, () => assert.deepEqual(list(text), found));
}

test("a word is found by itself and by its first 3 to 5 letters, a pair by itself", async () => {
  const token = await hasher(KEY);
  const expect = async (text, terms) => {
    const { t } = await tokensFor(KEY, text, 1);
    for (const term of terms) assert.ok(t.includes(await token(term)), term);
  };
  await expect("Hello", ["w:hello", "p:hel", "p:hell", "p:hello"]);
  await expect("हिन्दी", ["w:हिन्दी", "p:हिन"]);
  await expect("日本語", ["w:日本", "w:本語"]);
});

test("tokens are distinct, ascending, of 24 bits, and fill up eights", async () => {
  for (const text of ["", "hi", "hello", "hello there world", "x ".repeat(300)]) {
    const { g, t } = await tokensFor(KEY, text, 7);
    assert.equal(g, 7);
    assert.equal(t.length % 8, 0);
    assert.ok(t.every((one, i) => one >= 0 && one < 2 ** 24 && (i === 0 || one > t[i - 1])));
  }
  assert.deepEqual((await tokensFor(KEY, "the", 1)).t, []);
});

test("the first 256 words count", () => {
  const text = Array.from({ length: 300 }, (_, i) => `word${i}`).join(" ");
  assert.deepEqual([words(text).length, list(text).at(-1)], [256, "word255"]);
});
