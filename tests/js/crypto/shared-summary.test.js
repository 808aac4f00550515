/** Summaries against tests/vectors: what a program and what a browser wrote is read alike. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { open as unbox } from "../../../static/js/crypto/box.js";
import { fromUtf8, unb64 } from "../../../static/js/crypto/bytes.js";
import { oaepOpen } from "../../../static/js/crypto/roomkeys.js";
import {
  openAnswer,
  openSummary,
  parseSummary,
  verifySummary,
} from "../../../static/js/crypto/summary.js";
import { keysOf, load } from "./shared.js";

const vectors = load("summary");
const cast = load("cast");
const wire = { name: "WireError" };

for (const { by, ctx, label, ek, box, question } of vectors.asks) {
  test(`a question by ${by} holds what was asked`, async () => {
    const { rsa } = await keysOf(cast[vectors.worker.name]);
    const bytes = new TextEncoder().encode(label);
    const key = await oaepOpen(rsa.privateKey, bytes, unb64(ek));
    assert.deepEqual(JSON.parse(fromUtf8(await unbox(key, "ask", ctx, box))), question);
  });
}

test("answers open", async () => {
  for (const { reply, rid, box, answer } of vectors.answers) {
    assert.deepEqual(await openAnswer(unb64(reply), rid, box), answer);
  }
});

for (const { name, reply, rid, box } of vectors.answers_refused) {
  test(`refused as an answer: ${name}`, async () => {
    await assert.rejects(openAnswer(unb64(reply), rid, box), wire);
  });
}

const keysIn = ({ keys }) => keys.map((key) => unb64(key));
const verified = (given, summary) =>
  verifySummary(given, summary, unb64(cast[given.author].ed)).catch((error) => {
    assert.equal(error.name, "WireError");
    return false;
  });

for (const given of vectors.summaries) {
  test(`a summary by ${given.by} opens`, async () => {
    const { box: _hash, ...told } = parseSummary(given.body);
    const summary = parseSummary(given.body);
    assert.deepEqual(told, given.told);
    assert.ok(await verified(given, summary));
    assert.deepEqual(await openSummary(keysIn(given), summary, given.box), given.answer);
  });
}

for (const given of vectors.summaries_refused) {
  test(`refused as a summary: ${given.name}`, async () => {
    if (given.stage === "read") return assert.throws(() => parseSummary(given.body), wire);
    const summary = parseSummary(given.body);
    assert.equal(await verified(given, summary), given.stage === "open");
    if (given.stage === "open")
      await assert.rejects(openSummary(keysIn(given), summary, given.box), wire);
  });
}
