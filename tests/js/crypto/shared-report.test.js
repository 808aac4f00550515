/** Reports against tests/vectors: what the Python client refuses, the browser refuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, unb64, WireError } from "../../../static/js/crypto/bytes.js";
import { extendLog } from "../../../static/js/crypto/log.js";
import { decryptWith, MessageError, openHeader } from "../../../static/js/crypto/message.js";
import {
  openDisclosure,
  openReport,
  openReported,
  parseReport,
  receivers,
  reportKeyId,
  sealReport,
  verifyReport,
} from "../../../static/js/crypto/report.js";
import { makeReportKey, openReportKit } from "../../../static/js/crypto/report-key.js";
import { keysOf, load, openAll } from "./shared.js";

const vectors = load("report");
const cast = load("cast");
const log = load("log");
const wire = { name: "WireError" };
const identities = await openAll(log.identities);
const state = await extendLog(null, log.logs[vectors.log], identities);
const keys = new Map(Object.entries(vectors.keys).map(([e, key]) => [Number(e), unb64(key)]));

const readerOf = async ({ reader, to }) => {
  const { rsa } = await keysOf(cast[reader]);
  return { to, rsaPrivate: rsa.privateKey };
};
const opened = async (one) =>
  openReport(one.given, await readerOf(one), state, identities, one.member ? keys : undefined);

for (const one of vectors.reports) {
  test(`a report opens: ${one.name}`, async () => {
    const { report, why, note, content } = await opened(one);
    const { rid, uid: by, seq } = report;
    assert.deepEqual({ rid, by, seq, why, note }, one.opened);
    assert.equal(content.t, "text");
  });
}

for (const one of vectors.refused) {
  test(`refused as a report: ${one.name}`, async () => {
    const { stage, given } = one;
    if (stage === "read") return assert.throws(() => parseReport(given.body), wire);
    const report = parseReport(given.body);
    const verified = verifyReport(given, report, state, identities);
    if (stage === "ahead") return assert.rejects(verified, { reason: "ahead" });
    if (stage === "verify") return assert.rejects(verified, wire);
    await verified;
    if (stage === "receiver") return assert.rejects(opened(one), wire);
    const { to, rsaPrivate } = await readerOf(one);
    const disclosed = openDisclosure(report, given, to, rsaPrivate);
    if (stage === "open") return assert.rejects(disclosed, wire);
    const held = one.member ? keys : undefined;
    const message = openReported(report, given.row, await disclosed, state, identities, held);
    return assert.rejects(
      message,
      (error) => error instanceof WireError || error instanceof MessageError,
    );
  });
}

test("no other message opens with what a report reveals", async () => {
  const one = vectors.reports[1];
  const { to, rsaPrivate } = await readerOf(one);
  const { mk } = await openDisclosure(parseReport(one.given.body), one.given, to, rsaPrivate);
  assert.equal(b64(mk), one.mk);
  const others = load("message").rows.filter(({ row }) => row.seq !== one.given.row.seq);
  assert.equal(others.length, 7);
  assert.ok(await decryptWith(await openHeader(one.given.row), mk));
  for (const { row } of others) await assert.rejects(decryptWith(await openHeader(row), mk), wire);
});

test("what a browser reports opens for its readers alone", async () => {
  const [, ben, dan] = await Promise.all(["ada", "ben", "dan"].map((name) => keysOf(cast[name])));
  const row = vectors.reports[1].given.row;
  const rk = await reportKeyId(cast.dan.spki);
  assert.equal(rk, vectors.site.rk);
  const about = { for: rk, uid: cast.ben.uid, kid: cast.ben.kid, ts: 1, lh: [10, state.hash] };
  const words = { why: "illegal", note: "é".repeat(1000) };
  const to = new Map([[rk, dan.rsa.spki]]);
  const made = await sealReport(row, keys.get(3), to, about, words, ben.ed.privateKey);
  const given = { ...made, row, key: made.keys[0].ct };
  const site = { to: rk, rsaPrivate: dan.rsa.privateKey };
  const found = await openReport(given, site, state, identities);
  assert.deepEqual(
    [found.why, found.note, found.header.uid],
    ["illegal", words.note, cast.ada.uid],
  );
  const other = { to: rk, rsaPrivate: ben.rsa.privateKey };
  await assert.rejects(openReport(given, other, state, identities), wire);
  const long = { why: "spam", note: "x".repeat(1001) };
  await assert.rejects(sealReport(row, keys.get(3), to, about, long, ben.ed.privateKey), wire);
  await assert.rejects(sealReport(row, keys.get(1), to, about, words, ben.ed.privateKey), wire);
});

test("the author of a message gets no report about it", () => {
  assert.deepEqual(receivers(state, cast.ben.uid), [cast.ada.kid]);
  assert.deepEqual(receivers(state, cast.ada.uid), []);
});

test("the kit of a report key opens", async () => {
  const { file, rk } = vectors.kit;
  const key = await openReportKit(file);
  assert.equal(key.rk, rk);
  assert.equal(key.privateKey.extractable, false);
});

for (const { name, file } of vectors.kit_refused) {
  test(`refused as the kit of a report key: ${name}`, () =>
    assert.rejects(openReportKit(file), wire));
}

test("a report key that is made is the one in its kit", async () => {
  const { key, file } = await makeReportKey();
  assert.equal(key.privateKey.extractable, false);
  assert.equal((await openReportKit(file)).rk, key.rk);
});
