/** Encodings, signatures, boxes and search tokens, as tests/vectors has them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tokensFor } from "../../../static/js/conversation/search/search-terms.js";
import {
  hash64 as hashCheck,
  ident,
  integer,
  oneOf,
  orEmpty,
  pair,
  parseBody,
} from "../../../static/js/crypto/body.js";
import { hkdf, open, pad, paddedSize, unpad } from "../../../static/js/crypto/box.js";
import { b64, fromUtf8, hex, unb64, unhex, utf8 } from "../../../static/js/crypto/bytes.js";
import { membersHash, roomId } from "../../../static/js/crypto/events.js";
import { hash64, pae } from "../../../static/js/crypto/hash.js";
import { edPublic, edSigner, safetyNumber } from "../../../static/js/crypto/identity.js";
import { deriveInvite } from "../../../static/js/crypto/invite.js";
import { kcv, messageKey, searchKey } from "../../../static/js/crypto/roomkeys.js";
import { checkPoint, checkSpki, sign, verify } from "../../../static/js/crypto/sign.js";
import { fold, hasher, words } from "../../../static/js/crypto/tokens.js";
import { load } from "./shared.js";

const wire = { name: "WireError" };

test("the first vectors", async () => {
  const first = load("first");
  const key = unb64(first.key);
  assert.equal(await roomId(first.kidA, first.nonce), first.room);
  assert.equal(await kcv(key, first.room, 1), first.kcv);
  assert.equal(b64(await messageKey(key, first.room, 1, first.uidA, first.dev, 1)), first.mk);
  const token = await hasher(await searchKey(key, first.room, 1));
  for (const [term, value] of Object.entries(first.tokens)) assert.equal(await token(term), value);
  assert.equal(await membersHash(JSON.parse(first.members.json)), first.members.hash);
  assert.equal(await safetyNumber(first.kidA, first.kidB), first.safety);
  const { iid, ipk } = await deriveInvite(unb64(first.secret));
  assert.deepEqual([iid, ipk], [first.iid, first.ipk]);
  for (const [size, padded] of Object.entries(first.pad)) {
    assert.equal(paddedSize(Number(size)), padded);
  }
});

test("base64url", () => {
  const vectors = load("encoding");
  for (const { hex: bytes, b64: text } of vectors.b64) {
    assert.equal(b64(unhex(bytes)), text);
    assert.equal(hex(unb64(text)), bytes);
  }
  for (const text of vectors.b64_refused) assert.throws(() => unb64(text), wire, text);
});

test("bodies", () => {
  const vectors = load("encoding");
  const schema = [
    ["v", oneOf(1)],
    ["id", ident],
    ["n", integer()],
    ["s", (value) => assert.equal(typeof value, "string")],
    ["p", pair(integer(), orEmpty(hashCheck))],
  ];
  for (const text of vectors.bodies) {
    assert.equal(JSON.stringify(parseBody(text, schema)), text);
  }
  for (const { name, text } of vectors.bodies_refused) {
    assert.throws(() => parseBody(text, schema), wire, name);
  }
});

test("hashes and signatures", async () => {
  const vectors = load("signing");
  const seed = unb64(vectors.seed);
  const key = await edSigner(seed);
  const ed = await edPublic(seed);
  assert.equal(b64(ed), vectors.public);
  for (const { type, body, pae: encoded, hash, sig } of vectors.cases) {
    assert.equal(fromUtf8(pae(type, body)), encoded);
    assert.equal(await hash64(type, body), hash);
    assert.ok(await verify(ed, type, body, sig));
    assert.ok(await verify(ed, type, body, await sign(key, type, body)));
  }
  for (const { name, sig } of vectors.refused) {
    assert.equal(await verify(ed, "event", "{}", sig), false, name);
  }
});

test("a browser that refuses Ed25519 in PKCS#8 signs, too", async (t) => {
  const { seed, public: ed, cases } = load("signing");
  const importKey = crypto.subtle.importKey.bind(crypto.subtle);
  t.mock.method(crypto.subtle, "importKey", (format, ...rest) => {
    if (format === "pkcs8") throw new DOMException("refused", "DataError");
    return importKey(format, ...rest);
  });
  const key = await edSigner(unb64(seed));
  const [{ type, body }] = cases;
  assert.ok(await verify(unb64(ed), type, body, await sign(key, type, body)));
  assert.equal(key.extractable, false);
});

test("points and RSA keys", async () => {
  const vectors = load("signing");
  for (const point of vectors.points_allowed) checkPoint(unhex(point));
  for (const point of vectors.points_refused) {
    assert.throws(() => checkPoint(unhex(point)), wire, point);
    assert.equal(await verify(unhex(point), "event", "{}", vectors.cases[0].sig), false);
  }
  for (const { name, spki } of vectors.spki_refused) {
    assert.throws(() => checkSpki(unb64(spki)), wire, name);
  }
});

test("derivation", async () => {
  for (const { ikm, salt, info, size, out } of load("boxes").hkdf) {
    assert.equal(b64(await hkdf(unb64(ikm), unb64(salt), info, size)), out);
  }
});

test("padding", async () => {
  const vectors = load("boxes");
  for (const { size, padded, hash } of vectors.pad) {
    const plain = new Uint8Array(size).fill(0x80);
    assert.equal(pad(plain).length, padded);
    assert.equal(await hash64("pad", pad(plain)), hash);
    assert.deepEqual(unpad(pad(plain)), plain);
  }
  for (const { hex: plain, padded } of vectors.pad_bytes) {
    assert.equal(hex(pad(unhex(plain))), padded);
  }
  for (const size of vectors.pad_refused) assert.throws(() => pad(new Uint8Array(size)), wire);
  for (const text of vectors.unpad_refused) assert.throws(() => unpad(unhex(text)), wire, text);
});

test("a box", async () => {
  const { key, type, ctx, aad, plain, box } = load("boxes").box;
  assert.equal(fromUtf8(pae(type, JSON.stringify(ctx))), aad);
  assert.equal(b64(await open(unb64(key), type, ctx, box)), plain);
});

test("search tokens", async () => {
  const vectors = load("tokens");
  const sk = unb64(vectors.sk);
  assert.equal(b64(await searchKey(unb64(vectors.key), vectors.room, vectors.g)), vectors.sk);
  const token = await hasher(sk);
  for (const one of vectors.cases) {
    assert.equal(fold(one.text), one.fold, one.name);
    assert.deepEqual(words(one.text), one.words, one.name);
    const { g, t } = await tokensFor(sk, one.text, vectors.g);
    const wanted = await Promise.all(one.terms.map(token));
    assert.deepEqual(
      [...new Set(wanted)].sort((a, b) => a - b),
      one.tokens,
      one.name,
    );
    assert.equal(g, vectors.g);
    assert.ok(
      one.tokens.every((value) => t.includes(value)),
      one.name,
    );
    assert.equal(t.length % vectors.step, 0);
  }
  const many = words(vectors.many.text);
  assert.deepEqual([many.length, many.at(-1).text], [vectors.many.words, vectors.many.last]);
});

test("text that is not UTF-8 is refused", () => {
  assert.throws(() => fromUtf8(Uint8Array.of(0xff)), wire);
  assert.throws(() => utf8("\ud800"), wire);
});
