/** Logs, messages and their order, as tests/vectors has them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, fromUtf8, unb64 } from "../../../static/js/crypto/bytes.js";
import { readContent, refsOf } from "../../../static/js/crypto/content.js";
import { isKnown } from "../../../static/js/crypto/content-parts.js";
import { membersHash } from "../../../static/js/crypto/events.js";
import { pae } from "../../../static/js/crypto/hash.js";
import { extendLog, searchGenerations } from "../../../static/js/crypto/log.js";
import { decryptMessage, openHeader, verifyMessage } from "../../../static/js/crypto/message.js";
import { isTombstone } from "../../../static/js/crypto/message-row.js";
import { MessageOrder } from "../../../static/js/crypto/order.js";
import { messageKey } from "../../../static/js/crypto/roomkeys.js";
import { load, openAll } from "./shared.js";

const log = load("log");
const vectors = load("message");
const identities = await openAll(log.identities);
const state = await extendLog(null, log.logs[vectors.log], identities);
const keys = new Map(Object.entries(vectors.keys).map(([e, key]) => [Number(e), unb64(key)]));

/** A state as the vectors show it. */
const view = (found) => ({
  room: found.room,
  kind: found.kind,
  policy: found.policy,
  seq: found.seq,
  hash: found.hash,
  ts: found.ts,
  e: found.e,
  open: found.open,
  g: found.g,
  h: found.h,
  kcv: Object.fromEntries(found.kcv),
  ended: found.ended,
  members: Object.fromEntries(
    [...found.members].map(([uid, { n: _n, ...member }]) => [uid, member]),
  ),
  bans: [...found.bans].sort(),
  invites: Object.fromEntries(found.invites),
  disclosures: found.disclosures,
  ...(found.successor && { successor: found.successor }),
});

test("legal logs, and the state after each event", async () => {
  for (const [name, events] of Object.entries(log.logs)) {
    let now = null;
    for (const { event, sig, hash, state: wanted } of events) {
      now = await extendLog(now, [{ event, sig }], identities);
      assert.equal(now.hash, hash, name);
      assert.deepEqual(view(now), wanted, `${name} ${wanted.seq}`);
    }
  }
});

test("each epoch's generation of the search key, as it was when the epoch began", async () => {
  for (const [name, events] of Object.entries(log.logs)) {
    const wanted = new Map(events.map(({ state: { e, g } }) => [e, g]));
    const last = await extendLog(null, events, identities);
    assert.deepEqual(searchGenerations(last), wanted, name);
  }
});

for (const { name, log: of, after, event, sig, reason } of log.refused) {
  test(`an event that is refused: ${name}`, async () => {
    const events = (log.logs[of] ?? []).slice(0, after);
    const before = events.length > 0 ? await extendLog(null, events, identities) : null;
    await assert.rejects(extendLog(before, [{ event, sig }], identities), {
      name: "LogError",
      reason,
    });
  });
}

test("members are hashed in the order of their uids", async () => {
  for (const { json, hash } of log.members) {
    assert.equal(await membersHash(JSON.parse(json).reverse()), hash);
  }
});

test("messages", async () => {
  for (const { row, aad, mk, s, id, content } of vectors.rows) {
    const opened = await openHeader(row);
    const { room, e, uid, dev, n } = opened.header;
    const key = keys.get(e);
    assert.equal(fromUtf8(pae("message", row.h)), aad);
    assert.equal(b64(await messageKey(key, room, e, uid, dev, n)), mk);
    assert.deepEqual([b64(opened.sealed), opened.id], [s, id]);
    await verifyMessage(row, opened, state, identities);
    assert.deepEqual(await decryptMessage(opened, key), content);
    assert.equal(isKnown(content), content.t === "text");
  }
});

test("contents, and what each changes", () => {
  for (const { name, plain, content, known, refs } of vectors.contents) {
    const found = readContent(unb64(plain));
    assert.deepEqual(found, content, name);
    assert.equal(isKnown(found), known, name);
    assert.deepEqual(known ? refsOf(found) : [], refs, name);
  }
});

test("tombstones keep the id of what they stand for", async () => {
  for (const { row, id, s } of vectors.tombstones) {
    assert.equal(isTombstone(row), true);
    const opened = await openHeader(row);
    assert.deepEqual([b64(opened.sealed), opened.id], [s, id]);
    await verifyMessage(row, opened, state, identities);
    const key = keys.get(opened.header.e);
    await assert.rejects(decryptMessage(opened, key), { name: "WireError" });
  }
});

for (const { name, stage, row } of vectors.tombstones_refused) {
  test(`a tombstone that is refused: ${name}`, async () => {
    if (stage !== "verify") return assert.rejects(openHeader(row), { name: "WireError" });
    const verified = verifyMessage(row, await openHeader(row), state, identities);
    await assert.rejects(verified, { name: "MessageError", reason: "refused" });
  });
}

for (const { name, stage, row } of vectors.refused) {
  test(`a message that is refused: ${name}`, async () => {
    if (stage === "header") {
      await assert.rejects(openHeader(row), { name: "WireError" });
      return;
    }
    const opened = await openHeader(row);
    const verified = verifyMessage(row, opened, state, identities);
    if (stage === "decrypt") {
      await verified;
      const key = keys.get(opened.header.e);
      await assert.rejects(decryptMessage(opened, key), { name: "WireError" });
      return;
    }
    const reason = stage === "ahead" ? "ahead" : "refused";
    await assert.rejects(verified, { name: "MessageError", reason });
  });
}

test("contents that are refused", () => {
  for (const plain of vectors.contents_refused) {
    assert.throws(() => readContent(unb64(plain)), { name: "WireError" }, plain);
  }
});

for (const { name, messages } of vectors.order) {
  test(`order: ${name}`, () => {
    const order = new MessageOrder();
    for (const { seq, id, accepted, missing, other_view: otherView, ...header } of messages) {
      assert.deepEqual(order.add({ seq, id, header }), { accepted, missing, otherView });
      assert.deepEqual(order.highest, [seq, id]);
    }
  });
}
