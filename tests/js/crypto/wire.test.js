import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as body from "../../../static/js/crypto/body.js";
import {
  aesOpen,
  aesSeal,
  gcmOpen,
  gcmSeal,
  hkdf,
  hkdfAes,
  open,
  pad,
  seal,
  unpad,
} from "../../../static/js/crypto/box.js";
import * as bytes from "../../../static/js/crypto/bytes.js";
import * as sign from "../../../static/js/crypto/sign.js";
import { ada, ben, flip, KEY, rsa } from "./cast.js";

const { WireError } = bytes;
const WYCHEPROOF = JSON.parse(
  readFileSync(new URL("../../vectors/wycheproof/hkdf_sha256_test.json", import.meta.url), "utf8"),
);
const SCHEMA = [
  ["v", body.oneOf(1)],
  ["n", body.integer(0)],
  ["s", body.orEmpty(body.ident)],
  ["at", body.pair(body.integer(), body.orEmpty(body.hash64))],
];
const GOOD = '{"v":1,"n":7,"s":"","at":[0,""]}';

test("a canonical body is read", () => {
  assert.deepEqual(body.parseBody(GOOD, SCHEMA), { v: 1, n: 7, s: "", at: [0, ""] });
  assert.equal(body.encodeBody(body.parseBody(GOOD, SCHEMA)), GOOD);
});

const REFUSED = {
  "white space": '{"v":1, "n":7,"s":"","at":[0,""]}',
  "another order": '{"n":7,"v":1,"s":"","at":[0,""]}',
  "a key too few": '{"v":1,"n":7,"s":""}',
  "a key too many": '{"v":1,"n":7,"s":"","at":[0,""],"x":1}',
  "a duplicate key": '{"v":1,"n":7,"n":7,"s":"","at":[0,""]}',
  "1.0": '{"v":1,"n":1.0,"s":"","at":[0,""]}',
  "1e1": '{"v":1,"n":1e1,"s":"","at":[0,""]}',
  "-0": '{"v":1,"n":-0,"s":"","at":[0,""]}',
  "a negative": '{"v":1,"n":-1,"s":"","at":[0,""]}',
  "2^53": '{"v":1,"n":9007199254740992,"s":"","at":[0,""]}',
  "2^53+1": '{"v":1,"n":9007199254740993,"s":"","at":[0,""]}',
  NaN: '{"v":1,"n":NaN,"s":"","at":[0,""]}',
  true: '{"v":true,"n":7,"s":"","at":[0,""]}',
  null: '{"v":1,"n":null,"s":"","at":[0,""]}',
  "a number as text": '{"v":1,"n":"7","s":"","at":[0,""]}',
  "an escape": '{"v":1,"n":7,"\\u0073":"","at":[0,""]}',
  "upper-case hex": `{"v":1,"n":7,"s":"${"A".repeat(32)}","at":[0,""]}`,
  "a short id": '{"v":1,"n":7,"s":"00","at":[0,""]}',
  "three of a pair": '{"v":1,"n":7,"s":"","at":[0,"",0]}',
  "an array": "[]",
  "trailing text": `${GOOD} `,
  "a byte order mark": `\ufeff${GOOD}`,
  "4,097 bytes": `{"v":1,"n":7,"s":"${"0".repeat(4100)}","at":[0,""]}`,
};
for (const [what, text] of Object.entries(REFUSED)) {
  test(`a body with ${what} is refused`, () => {
    assert.throws(() => body.parseBody(text, SCHEMA), WireError);
  });
}

test("non-ASCII, quotes and backslashes are neither read nor written", () => {
  const any = [["s", () => {}]];
  for (const text of ["é", '"', "\\", "\n", "\x7f", "\ud800"]) {
    assert.throws(() => body.parseBody(JSON.stringify({ s: text }), any), WireError);
    assert.throws(() => body.encodeBody({ s: text }), WireError);
  }
});

test("a body that nobody would read is not written", () => {
  for (const value of [1.5, -1, 2 ** 53, true, null, undefined, Number.NaN]) {
    assert.throws(() => body.encodeBody({ v: value }), WireError);
  }
  assert.throws(() => body.encodeBody({ s: "x".repeat(4096) }), WireError);
});

test("b64 is strict", () => {
  assert.equal(bytes.b64(bytes.unb64("AQ")), "AQ");
  for (const text of ["AQ==", "AR", "A", "A+", "A/", "AQ\n", " AQ", "é", 7, null]) {
    assert.throws(() => bytes.unb64(text), WireError);
  }
  assert.throws(() => bytes.unb64("AQ", 2), WireError);
  const long = bytes.randomBytes(60_000);
  assert.ok(bytes.equal(bytes.unb64(bytes.b64(long)), long));
});

test("b64 of every length and every last byte is Node's", () => {
  const whole = bytes.randomBytes(70);
  for (let size = 0; size <= 66; size += 1)
    for (let last = 0; last < 256; last += size < 7 ? 1 : 51) {
      const given = Uint8Array.of(...whole.subarray(0, size), last);
      const text = Buffer.from(given).toString("base64url");
      assert.equal(bytes.b64(given), text);
      assert.deepEqual(bytes.unb64(text, size + 1), given);
    }
});

test("b64 has no other character, and each text has other bytes", () => {
  const found = new Set();
  for (let code = 0; code <= 0x250; code += 1)
    for (const text of [`AAA${String.fromCharCode(code)}`, `${String.fromCharCode(code)}A`]) {
      const good = Buffer.from(text, "base64url").toString("base64url") === text;
      if (good) found.add(bytes.hex(bytes.unb64(text)));
      else assert.throws(() => bytes.unb64(text), WireError, text);
    }
  assert.equal(found.size, 64 + 64);
});

test("text is encoded as TextEncoder does it", () => {
  for (const text of ["", "a", "\0\x7f", "aé", "é", "\x80", "😀a", "a".repeat(5000), "ﬁ\ufeff"])
    assert.deepEqual(bytes.utf8(text), new TextEncoder().encode(text));
});

test("text and hex are strict", () => {
  assert.throws(() => bytes.utf8("\ud800"), WireError);
  assert.throws(() => bytes.fromUtf8(Uint8Array.of(0xff)), WireError);
  assert.equal(bytes.fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf)), "\ufeff");
  for (const text of ["0", "0G", "AB", "0x"]) assert.throws(() => bytes.unhex(text), WireError);
  assert.match(bytes.newId(), /^[0-9a-f]{32}$/);
});

test("bytes are equal only if all are", () => {
  assert.ok(bytes.equal(KEY, KEY.slice()));
  assert.ok(!bytes.equal(KEY, KEY.slice(1)));
  assert.ok(!bytes.equal(KEY.slice(1), KEY));
});

for (const size of [0, 1, 63, 64, 1022, 1023, 1024, 2047, 2048, 65_535]) {
  test(`${size} bytes come back from their padding`, () => {
    assert.equal(unpad(pad(new Uint8Array(size).fill(0x80))).length, size);
  });
}

test("padding that is not the least, or none, is refused", () => {
  assert.throws(() => pad(new Uint8Array(65_536)), WireError);
  const two = new Uint8Array(128);
  two[3] = 0x80;
  for (const wrong of [two, new Uint8Array(64), new Uint8Array(0), new Uint8Array(64).fill(1)]) {
    assert.throws(() => unpad(wrong), WireError);
  }
});

test("a key that is derived for AES has the bytes that are derived", async () => {
  const [iv, aad] = [bytes.randomBytes(12), bytes.utf8("aad")];
  for (const { ikm, salt } of WYCHEPROOF.testGroups.flatMap(({ tests }) => tests)) {
    const [key, with_] = [bytes.unhex(ikm), bytes.unhex(salt)];
    const sealed = await aesSeal(await hkdfAes(key, with_, "x", "encrypt"), iv, KEY, aad);
    assert.deepEqual(await gcmOpen(await hkdf(key, with_, "x"), iv, sealed, aad), KEY);
    const opening = await hkdfAes(key, with_, "x", "decrypt");
    assert.deepEqual(await aesOpen(opening, iv, sealed, aad), KEY);
    const other = await hkdfAes(key, with_, "y", "decrypt");
    await assert.rejects(aesOpen(other, iv, sealed, aad), WireError);
  }
});

test("only keys of 256 bits encrypt", async () => {
  const iv = new Uint8Array(12);
  for (const size of [0, 16, 24, 31, 33])
    await assert.rejects(gcmSeal(new Uint8Array(size), iv, KEY, KEY), WireError);
});

test("a box opens only whole, with its key, type and context", async () => {
  const ctx = { v: 1, room: "0".repeat(32), e: 1 };
  const box = await seal(KEY, "profile", ctx, bytes.utf8("hi"));
  assert.equal(bytes.fromUtf8(await open(KEY, "profile", ctx, box)), "hi");
  const length = bytes.unb64(box).length;
  const other = await hkdf(KEY, KEY, "x");
  const wrong = [
    open(other, "profile", ctx, box),
    open(KEY, "card", ctx, box),
    open(KEY, "profile", { ...ctx, e: 2 }, box),
    open(KEY, "profile", ctx, ""),
    ...[0, 12, length - 1].map((at) => open(KEY, "profile", ctx, flip(box, at))),
  ];
  await Promise.all(wrong.map((attempt) => assert.rejects(attempt, WireError)));
});

test("a signature is good for its key, type and bytes alone", async () => {
  const ed = ada.identity.ed;
  const sig = await sign.sign(ada.keys.ed.privateKey, "event", "body");
  assert.ok(await sign.verify(ed, "event", "body", sig));
  assert.ok(!(await sign.verify(ben.identity.ed, "event", "body", sig)));
  assert.ok(!(await sign.verify(ed, "sealed", "body", sig)));
  assert.ok(!(await sign.verify(ed, "event", "bodz", sig)));
  for (const at of [0, 31, 32, 63]) {
    assert.ok(!(await sign.verify(ed, "event", "body", flip(sig, at))));
  }
  for (const broken of ["", `${sig}A`, `${sig}==`, null]) {
    assert.ok(!(await sign.verify(ed, "event", "body", broken)));
  }
});

test("a signature with S + L is refused", async () => {
  const sig = bytes.unb64(await sign.sign(ada.keys.ed.privateKey, "event", "body"));
  const L = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = L;
  for (let i = 63; i >= 32; i--) s += BigInt(sig[i]) << BigInt(8 * (i - 32));
  for (let i = 32; i < 64; i++, s >>= 8n) sig[i] = Number(s & 255n);
  assert.ok(!(await sign.verify(ada.identity.ed, "event", "body", bytes.b64(sig))));
});

const P = 2n ** 255n - 19n;
const point = (y, top = 0) => {
  const raw = Uint8Array.from({ length: 32 }, (_, i) => Number((y >> BigInt(8 * i)) & 255n));
  raw[31] |= top;
  return raw;
};
const ODD = [
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

test("points that engines disagree on are refused, with either sign", () => {
  for (const top of [0, 0x80]) {
    for (const y of [0n, 1n, P - 1n, P, P + 1n, 2n ** 255n - 1n]) {
      assert.throws(() => sign.checkPoint(point(y, top)), WireError);
    }
    for (const text of ODD) {
      const raw = bytes.unhex(text);
      raw[31] |= top;
      assert.throws(() => sign.checkPoint(raw), WireError);
    }
  }
  assert.throws(() => sign.checkPoint(new Uint8Array(31).fill(9)), WireError);
  sign.checkPoint(ada.identity.ed);
  sign.checkPoint(point(2n));
});

test("only RSA-3072 keys with e = 65537 pass", () => {
  const spki = bytes.unb64(rsa.spki);
  sign.checkSpki(spki);
  for (const at of [0, 20, 32, 417, 421]) {
    const wrong = spki.slice();
    wrong[at] ^= 1;
    assert.throws(() => sign.checkSpki(wrong), WireError);
  }
  const small = spki.slice();
  small[33] &= 0x7f;
  assert.throws(() => sign.checkSpki(small), WireError);
  assert.throws(() => sign.checkSpki(spki.slice(1)), WireError);
});
