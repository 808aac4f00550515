/** What hashes and derives keys in a worker's own thread says the same as WebCrypto. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hkdf } from "../../../static/js/crypto/box.js";
import { b64, randomBytes, unb64, unhex } from "../../../static/js/crypto/bytes.js";
import { sha256 } from "../../../static/js/crypto/hash.js";
import { HERE } from "../../../static/js/crypto/hash-here.js";
import { extendLog } from "../../../static/js/crypto/log.js";
import { openMessage } from "../../../static/js/crypto/open-message.js";
import * as c from "./cast.js";
import { load, openAll } from "./shared.js";

const vectors = load("message");
const log = load("log");
const identities = await openAll(log.identities);
const state = await extendLog(null, log.logs[vectors.log], identities);
const keys = new Map(Object.entries(vectors.keys).map(([e, key]) => [Number(e), unb64(key)]));
const room = { state, identities, keys };

const WYCHEPROOF = new URL("../../vectors/wycheproof/hkdf_sha256_test.json", import.meta.url);

test("SHA-256 of every length about a block", async () => {
  for (let size = 0; size <= 200; size += 1) {
    const bytes = randomBytes(size);
    assert.deepEqual(HERE.sha256(bytes), await sha256(bytes));
  }
});

test("keys are derived as the vectors have them", () => {
  const derived = load("boxes").hkdf.filter(({ size }) => size === 32);
  assert.ok(derived.length > 0);
  for (const { ikm, salt, info, out } of derived)
    assert.equal(b64(HERE.hkdf(unb64(ikm), unb64(salt), info)), out);
});

test("keys are derived as Project Wycheproof has them, from inputs and salts of many sizes", async () => {
  const { testGroups } = JSON.parse(readFileSync(WYCHEPROOF, "utf8"));
  for (const { ikm, salt } of testGroups.flatMap(({ tests }) => tests)) {
    const [key, with_] = [unhex(ikm), unhex(salt)];
    assert.deepEqual(HERE.hkdf(key, with_, "x"), await hkdf(key.slice(), with_, "x"));
  }
});

test("one key under two salts gives two keys", async () => {
  for (const salt of [new Uint8Array(16), new Uint8Array(16).fill(1), new Uint8Array(16)])
    assert.deepEqual(HERE.hkdf(c.KEY, salt, "x"), await hkdf(c.KEY, salt, "x"));
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
    const found = await openMessage(row, room, HERE);
    assert.deepEqual(found, await openMessage(row, room));
    outcomes.add(found.outcome);
  }
  assert.deepEqual([...outcomes].sort(), ["ahead", "erased", "ok", "refused"]);
});

test("a message without its key is locked, and one with another key is refused", async () => {
  const [{ row }] = vectors.rows;
  const { e } = JSON.parse(row.h);
  const without = { ...room, keys: new Map() };
  assert.equal((await openMessage(row, without, HERE)).outcome, "locked");
  const other = { ...room, keys: new Map([[e, randomBytes(32)]]) };
  assert.equal((await openMessage(row, other, HERE)).outcome, "refused");
});
