/** Identities, kits, room keys and invitations, as tests/vectors has them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, unpad } from "../../../static/js/crypto/box.js";
import { b64, fromUtf8, hex, unb64, unhex } from "../../../static/js/crypto/bytes.js";
import { roomId } from "../../../static/js/crypto/events.js";
import { pae } from "../../../static/js/crypto/hash.js";
import { makeIdentity, openIdentity, safetyNumber } from "../../../static/js/crypto/identity.js";
import {
  deriveInvite,
  linkFragment,
  openCard,
  openEscrow,
  openItem,
} from "../../../static/js/crypto/invite.js";
import { formatCode, openKit, parseCode } from "../../../static/js/crypto/kit.js";
import { openKnock } from "../../../static/js/crypto/knock.js";
import { linkSecret, parseLink } from "../../../static/js/crypto/link-secret.js";
import { openProfile } from "../../../static/js/crypto/profile.js";
import { openRestoreNotice } from "../../../static/js/crypto/restore-notice.js";
import {
  escrowKey,
  kcv,
  matchesCommitment,
  messageKey,
  profileKey,
  searchKey,
  unwrapKey,
} from "../../../static/js/crypto/roomkeys.js";
import { verify } from "../../../static/js/crypto/sign.js";
import { keysOf, load } from "./shared.js";

const wire = { name: "WireError" };
const cast = load("cast");

test("the cast's identities follow from their keys", async () => {
  for (const person of Object.values(cast)) {
    const keys = await keysOf(person);
    assert.equal(b64(keys.ed.publicRaw), person.ed);
    assert.equal(b64(keys.rsa.spki), person.spki);
    const { body, kid } = await makeIdentity(keys, person);
    assert.deepEqual([body, kid], [person.body, person.kid]);
  }
});

test("identities", async () => {
  const vectors = load("identity");
  for (const { body, sig, ...about } of vectors.identities) {
    const { kid, uid, name, n, prev } = await openIdentity({ body, sig });
    assert.deepEqual({ kid, uid, name, n, prev }, about);
  }
  for (const { name, body, sig } of vectors.refused) {
    await assert.rejects(openIdentity({ body, sig }), wire, name);
  }
  for (const { a, b, number } of vectors.safety) assert.equal(await safetyNumber(a, b), number);
});

test("a recovery kit", async () => {
  const vectors = load("kit");
  const { uid, kid, seed, pkcs8 } = await openKit(vectors.file);
  assert.deepEqual([uid, kid], [vectors.uid, vectors.kid]);
  assert.deepEqual([b64(seed), b64(pkcs8)], [vectors.seed, vectors.pkcs8]);
  assert.equal(hex(parseCode(vectors.code)), vectors.code_hex);
  for (const { hex: bytes, code } of vectors.codes) {
    assert.equal(formatCode(unhex(bytes)), code);
    assert.equal(hex(parseCode(code)), bytes);
  }
  for (const { text, hex: bytes } of vectors.codes_read) assert.equal(hex(parseCode(text)), bytes);
  for (const text of vectors.codes_refused) assert.throws(() => parseCode(text), wire, text);
  for (const { name, file } of vectors.refused) await assert.rejects(openKit(file), wire, name);
});

test("what derives from a room's key", async () => {
  const { kid, nonce, room, derived } = load("roomkeys");
  assert.equal(await roomId(kid, nonce), room);
  for (const one of derived) {
    const [key, e] = [unb64(one.key), one.e];
    assert.equal(await kcv(key, room, e), one.kcv);
    assert.equal(b64(await messageKey(key, room, e, one.uid, one.dev, one.n)), one.mk);
    assert.equal(b64(await profileKey(key, room, e)), one.pk);
    assert.equal(b64(await escrowKey(key, room, e)), one.esc);
    assert.equal(b64(await searchKey(key, room, one.g)), one.sk);
  }
});

test("wraps", async () => {
  const { room, wraps, wraps_refused: refused } = load("roomkeys");
  for (const { name, to, e, label, key, kcv: commitment, ct } of wraps) {
    const { rsa } = await keysOf(cast[name]);
    const body = JSON.stringify({ v: 1, room, e, to });
    assert.equal(fromUtf8(pae("wrap", body)), label);
    const found = await unwrapKey(ct, { room, e, to }, rsa.privateKey);
    assert.equal(b64(found), key);
    assert.ok(await matchesCommitment(found, room, e, commitment));
  }
  const { rsa } = await keysOf(cast.ada);
  for (const { name, ct } of refused) {
    const context = { room, e: 1, to: cast.ada.kid };
    const found = await unwrapKey(ct, context, rsa.privateKey).catch(() => new Uint8Array(32));
    assert.equal(await matchesCommitment(found, room, 1, wraps[0].kcv), false, name);
  }
});

test("a link and its proofs", async () => {
  const vectors = load("invite");
  const secret = parseLink(vectors.fragment);
  assert.equal(b64(secret), vectors.secret);
  assert.equal(linkFragment(secret), vectors.fragment);
  const link = await deriveInvite(secret);
  assert.deepEqual([link.iid, link.ipk], [vectors.iid, vectors.ipk]);
  assert.equal(b64(link.Kinv), vectors.K_inv);
  const ipk = unb64(link.ipk, 32);
  assert.ok(await verify(ipk, "invite", vectors.pop.body, vectors.pop.sig));
  assert.ok(await verify(ipk, "joiner", vectors.isig.body, vectors.isig.sig));
  for (const text of vectors.fragments_read) {
    assert.equal(b64(parseLink(text)), vectors.secret);
    assert.equal(linkSecret(text), vectors.secret, "of links to accounts and passwords, too");
  }
  for (const text of vectors.fragments_refused) assert.throws(() => parseLink(text), wire, text);
});

test("the boxes of a link and a profile", async () => {
  const vectors = load("invite");
  const { room, iid, boxes, h } = vectors;
  const link = await deriveInvite(unb64(vectors.secret));
  const key = unb64(vectors.key);
  for (const [type, { ctx, aad }] of Object.entries(boxes)) {
    assert.equal(fromUtf8(pae(type, JSON.stringify(ctx))), aad);
  }
  assert.deepEqual(await openCard(link, room, boxes.card.box), vectors.profile);
  assert.equal(b64(await openItem(link, room, 1, boxes.item.box)), vectors.key);
  const { box: escrow } = boxes.escrow;
  assert.equal(b64(await openEscrow(key, room, iid, 1, escrow)), vectors.K_inv);
  const found = await openProfile(key, room, 1, boxes.profile.box, h);
  assert.deepEqual(found.profile, vectors.profile);
  assert.equal(b64(found.plain), vectors.plain);
  assert.equal(await openProfile(key, room, 1, boxes.profile.box, vectors.inviter), null);
  const card = await open(link.Kinv, "card", boxes.card.ctx, boxes.card.box);
  assert.equal(b64(unpad(card)), vectors.plain);
});

const knocks = load("knock");

test("knocks", async () => {
  for (const { name, body, sig, isig, identity, invite, knock } of knocks.cases) {
    const opened = await openIdentity(identity);
    assert.deepEqual(await openKnock({ body, sig, isig }, opened, invite), knock, name);
  }
});

for (const { name, body, sig, isig, identity, invite } of knocks.refused) {
  test(`a knock that is refused: ${name}`, async () => {
    const opened = await openIdentity(identity);
    await assert.rejects(openKnock({ body, sig, isig }, opened, invite), wire);
  });
}

const notices = load("restored");

test("notices of restored sites", async () => {
  for (const { name, notice, ...given } of notices.cases) {
    assert.deepEqual(await openRestoreNotice(given), notice, name);
  }
});

for (const { name, ...given } of notices.refused) {
  test(`a notice that is refused: ${name}`, async () => {
    await assert.rejects(openRestoreNotice(given), wire);
  });
}
