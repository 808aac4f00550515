import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, equal, unb64, WireError } from "../../../static/js/crypto/bytes.js";
import * as ids from "../../../static/js/crypto/identity.js";
import { formatCode, makeKit, openKit, parseCode } from "../../../static/js/crypto/kit.js";
import { openProfile, sealProfile, writeProfile } from "../../../static/js/crypto/profile.js";
import { kcv, matchesCommitment, unwrapKey, wrapKey } from "../../../static/js/crypto/roomkeys.js";
import { sign } from "../../../static/js/crypto/sign.js";
import { ada, ben, flip, KEY, rsa } from "./cast.js";

const ROOM = "9d9040e4fe9b30c434afbc66b99d05b5";

test("new keys cannot be exported and come back from their export", async () => {
  const seen = [];
  const keys = await ids.generateKeys((done) => seen.push(done));
  assert.equal(seen.at(-1), 1);
  const again = await ids.importKeys(keys.export);
  for (const pair of [keys, again]) {
    assert.equal(pair.ed.privateKey.extractable, false);
    assert.equal(pair.rsa.privateKey.extractable, false);
  }
  assert.ok(equal(again.ed.publicRaw, keys.ed.publicRaw));
  assert.ok(equal(again.rsa.spki, keys.rsa.spki));
});

test("an identity checks itself", async () => {
  const { kid, uid, name, n, prev, ed } = await ids.openIdentity(ada.signed);
  assert.deepEqual(
    { kid, uid, name, n, prev },
    { kid: ada.kid, uid: ada.uid, name: "ada", n: 1, prev: "" },
  );
  assert.ok(equal(ed, ada.keys.ed.publicRaw));
});

test("an identity with any part changed is refused", async () => {
  const value = JSON.parse(ada.signed.body);
  const changes = {
    v: 2,
    uid: ben.uid,
    name: "eve",
    n: 2,
    prev: ben.kid,
    ed: JSON.parse(ben.signed.body).ed,
    rsa: flip(value.rsa, 100),
  };
  for (const [key, other] of Object.entries(changes)) {
    const body = JSON.stringify({ ...value, [key]: other });
    await assert.rejects(ids.openIdentity({ body, sig: ada.signed.sig }), WireError, key);
  }
  await assert.rejects(ids.openIdentity({ ...ada.signed, sig: flip(ada.signed.sig) }), WireError);
});

test("well-signed identities that are wrong are refused", async () => {
  const value = JSON.parse(ada.signed.body);
  const wrong = [
    { n: 1, prev: ben.kid },
    { n: 2, prev: "" },
    { n: 0 },
    { name: "Ada" },
    { name: "ab" },
    { rsa: b64(unb64(value.rsa).fill(0, 33, 34)) },
  ];
  for (const change of wrong) {
    const body = JSON.stringify({ ...value, ...change });
    const sig = await sign(ada.keys.ed.privateKey, "identity", body);
    await assert.rejects(ids.openIdentity({ body, sig }), WireError);
  }
  await assert.rejects(
    ids.makeIdentity(ada.keys, { uid: ada.uid, name: "Ada Lovelace" }),
    WireError,
  );
});

test("a kit's file alone restores", async () => {
  const pkcs8 = unb64(rsa.pk8);
  const { file, code } = await makeKit({ uid: ada.uid, kid: ada.kid, seed: ada.seed, pkcs8 });
  assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
  const opened = await openKit(file);
  assert.equal(opened.uid, ada.uid);
  assert.equal(opened.kid, ada.kid);
  assert.ok(equal(opened.seed, ada.seed) && equal(opened.pkcs8, pkcs8));
});

test("a kit with any part changed does not open", async () => {
  const { file } = await makeKit({ uid: ada.uid, kid: ada.kid, seed: ada.seed, pkcs8: KEY });
  const value = JSON.parse(file);
  const kits = {
    v: 2,
    uid: ben.uid,
    kid: ben.kid,
    salt: flip(value.kit.salt),
    box: flip(value.kit.box, 20),
  };
  const wrong = Object.entries(kits).map(([key, other]) => ({
    ...value,
    kit: { ...value.kit, [key]: other },
  }));
  wrong.push(
    { ...value, code: formatCode(new Uint8Array(20)) },
    { ...value, sotto: "x" },
    null,
    [],
  );
  for (const one of wrong) await assert.rejects(openKit(JSON.stringify(one)), WireError);
  await assert.rejects(openKit("not json"), WireError);
});

test("a code is read as people write it", () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, i) => i * 13);
  const code = formatCode(bytes);
  const typed = code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l");
  assert.ok(equal(parseCode(typed), bytes));
  for (const wrong of ["", code.slice(1), `${code}0`, code.replace(/.$/, "U")]) {
    assert.throws(() => parseCode(wrong), WireError);
  }
});

test("a wrap opens for its room, epoch and reader alone", async () => {
  const ctx = { room: ROOM, e: 1, to: ada.kid };
  const ct = await wrapKey(KEY, ctx, ada.identity.rsa);
  const priv = ada.keys.rsa.privateKey;
  assert.ok(equal(await unwrapKey(ct, ctx, priv), KEY));
  const wrong = [
    [ct, { ...ctx, room: "0".repeat(32) }],
    [ct, { ...ctx, e: 2 }],
    [ct, { ...ctx, to: ben.kid }],
    [flip(ct, 200), ctx],
    ["", ctx],
  ];
  for (const [text, other] of wrong) await assert.rejects(unwrapKey(text, other, priv), WireError);
});

test("a key fits only its own commitment", async () => {
  const want = await kcv(KEY, ROOM, 1);
  assert.ok(await matchesCommitment(KEY, ROOM, 1, want));
  assert.ok(!(await matchesCommitment(KEY.slice().fill(0, 0, 2), ROOM, 1, want)));
  assert.ok(!(await matchesCommitment(KEY, ROOM, 2, want)));
  assert.ok(!(await matchesCommitment(KEY, ROOM, 1, undefined)));
});

test("a profile counts only if the log names it", async () => {
  const profile = { name: "Küche", topic: "", avatar: "" };
  const { plain, h } = await writeProfile(profile);
  const box = await sealProfile(KEY, ROOM, 1, plain);
  const opened = await openProfile(KEY, ROOM, 1, box, h);
  assert.deepEqual(opened?.profile, profile);
  const next = await sealProfile(KEY, ROOM, 2, opened.plain);
  assert.deepEqual((await openProfile(KEY, ROOM, 2, next, h))?.profile, profile);
  assert.equal(await openProfile(KEY, ROOM, 1, box, ada.kid), null);
  assert.equal(await openProfile(KEY, ROOM, 2, box, h), null);
  assert.equal(await openProfile(KEY, ROOM, 1, flip(box, 30), h), null);
});
