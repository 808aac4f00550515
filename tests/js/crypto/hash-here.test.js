/** Messages open in a worker, which hashes in its own thread, as they do in the page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBytes, unb64 } from "../../../static/js/crypto/bytes.js";
import { sha256 } from "../../../static/js/crypto/hash.js";
import { sha256Here } from "../../../static/js/crypto/hash-here.js";
import { extendLog } from "../../../static/js/crypto/log.js";
import { openMessage } from "../../../static/js/crypto/open-message.js";
import { load, openAll } from "./shared.js";

const vectors = load("message");
const log = load("log");
const identities = await openAll(log.identities);
const state = await extendLog(null, log.logs[vectors.log], identities);
const keys = new Map(Object.entries(vectors.keys).map(([e, key]) => [Number(e), unb64(key)]));
const room = { state, identities, keys };

test("SHA-256 of every length about a block", async () => {
  for (let size = 0; size <= 200; size += 1) {
    const bytes = randomBytes(size);
    assert.deepEqual(sha256Here(bytes), await sha256(bytes));
  }
});

const ROWS = [
  ...vectors.rows,
  ...vectors.tombstones,
  ...vectors.refused,
  ...vectors.tombstones_refused,
].map(({ row }) => row);

test("every message of the vectors has the same outcome", async () => {
  const outcomes = new Set();
  for (const row of ROWS) {
    const found = await openMessage(row, room, sha256Here);
    assert.deepEqual(found, await openMessage(row, room));
    outcomes.add(found.outcome);
  }
  assert.deepEqual([...outcomes].sort(), ["ahead", "erased", "ok", "refused"]);
});

test("a message without its key is locked, and one with another key is refused", async () => {
  const [{ row }] = vectors.rows;
  const { e } = JSON.parse(row.h);
  const without = { ...room, keys: new Map() };
  assert.equal((await openMessage(row, without, sha256Here)).outcome, "locked");
  const other = { ...room, keys: new Map([[e, randomBytes(32)]]) };
  assert.equal((await openMessage(row, other, sha256Here)).outcome, "refused");
});
