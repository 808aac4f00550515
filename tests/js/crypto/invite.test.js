import assert from "node:assert/strict";
import { test } from "node:test";
import { equal, WireError } from "../../../static/js/crypto/bytes.js";
import * as inv from "../../../static/js/crypto/invite.js";
import { parseLink } from "../../../static/js/crypto/link-secret.js";
import { openInvites } from "../../../static/js/crypto/log.js";
import { writeProfile } from "../../../static/js/crypto/profile.js";
import * as c from "./cast.js";

const { ada, ben, eve, NOW, HOUR, extend, event } = c;
const illegal = (promise) => assert.rejects(promise, { name: "LogError", reason: "illegal" });

async function invited(terms = {}, policy = {}) {
  const { state } = await c.newRoom(policy);
  const link = await inv.deriveInvite(inv.newSecret());
  const made = await inv.makeInvite(state, link, { exp: NOW + HOUR, max: 1, ...terms }, ada.signer);
  return { before: state, link, made };
}

test("a link carries its secret", () => {
  const secret = inv.newSecret();
  const fragment = inv.linkFragment(secret);
  assert.ok(equal(parseLink(fragment), secret));
  for (const wrong of [
    "",
    "#",
    fragment.slice(0, -1),
    `${fragment}A`,
    fragment.replace("1.", "2."),
  ]) {
    assert.throws(() => parseLink(wrong), WireError);
  }
});

test("who has the link joins, once", async () => {
  const { state, invited: before, link } = await c.roomOfTwo();
  assert.deepEqual(state.members.get(ben.uid), {
    kid: ben.kid,
    role: "member",
    since: 1,
    name: "ben",
    n: 1,
  });
  assert.ok(state.open);
  assert.deepEqual(openInvites(before, NOW), [link.iid]);
  assert.deepEqual(openInvites(state, NOW), []);
  await illegal(extend(state, await inv.makeJoin(state, link, eve.signer)));
});

test("a member does not join again", async () => {
  const { state, link } = await c.roomOfTwo({}, 5);
  await illegal(extend(state, await inv.makeJoin(state, link, ben.signer)));
});

test("a join needs the link's own key, and names its joiner", async () => {
  const { before, link, made } = await invited();
  const state = await extend(before, made);
  const other = await inv.deriveInvite(inv.newSecret());
  await illegal(extend(state, await inv.makeJoin(state, other, ben.signer)));
  const good = await inv.makeJoin(state, link, ben.signer);
  await illegal(extend(state, await c.forge(good, eve, { by: eve.uid, kid: eve.kid })));
  const { isig } = JSON.parse(good.event);
  await illegal(extend(state, await c.forge(good, ben, { isig: c.flip(isig, 40) })));
});

test("a join after the end, a revocation or a leave is refused", async () => {
  const { before, link, made } = await invited({ max: 5 });
  const state = await extend(before, made);
  const late = { ...ben.signer, now: NOW + HOUR + 1 };
  await illegal(extend(state, await inv.makeJoin(state, link, late)));
  await extend(state, await inv.makeJoin(state, link, { ...late, now: NOW + HOUR }));
  const revoked = await extend(state, await event(state, ada, "revoke", { iid: link.iid }));
  await illegal(extend(revoked, await inv.makeJoin(revoked, link, ben.signer)));
  await illegal(extend(revoked, await event(revoked, ada, "revoke", { iid: link.iid })));
  const joined = await extend(state, await inv.makeJoin(state, link, ben.signer));
  const left = await extend(joined, await event(joined, ben, "leave"));
  await illegal(extend(left, await inv.makeJoin(left, link, eve.signer)));
});

test("a room that approves has no joins by link alone", async () => {
  const { before, link, made } = await invited({}, { join: "approve" });
  const state = await extend(before, made);
  await illegal(extend(state, await inv.makeJoin(state, link, ben.signer)));
});

test("every part of an invitation is bound by its proof", async () => {
  const { before, made } = await invited({ max: 2 });
  const { iid, ipk, pop } = JSON.parse(made.event);
  const other = await inv.deriveInvite(inv.newSecret());
  const changes = [
    { iid: other.iid },
    { ipk: other.ipk },
    { exp: NOW + HOUR + 1 },
    { max: 3 },
    { pop: c.flip(pop, 40) },
    { ipk: "A".repeat(43) },
  ];
  for (const change of changes) await illegal(extend(before, await c.forge(made, ada, change)));
  assert.ok(iid && ipk);
});

test("an invitation ends within 30 days, and has 1 to 1,000 uses", async () => {
  const days = 24 * HOUR;
  for (const terms of [{ exp: NOW }, { exp: NOW + 30 * days + 1 }]) {
    const { before, made } = await invited(terms);
    await illegal(extend(before, made));
  }
  for (const max of [0, 1001]) await assert.rejects(invited({ max }));
  const { before, made } = await invited({ exp: NOW + 30 * days, max: 1000 });
  await extend(before, made);
});

test("an invitation is new, and one of 20", async () => {
  let { state } = await c.newRoom();
  const links = [];
  for (let i = 0; i < 20; i++) {
    links.push(await inv.deriveInvite(inv.newSecret()));
    const terms = { exp: NOW + HOUR, max: 1 };
    state = await extend(state, await inv.makeInvite(state, links[i], terms, ada.signer));
  }
  const terms = { exp: NOW + 2 * HOUR, max: 1 };
  const next = await inv.deriveInvite(inv.newSecret());
  await illegal(extend(state, await inv.makeInvite(state, next, terms, ada.signer)));
  const later = { ...ada.signer, now: NOW + HOUR + 1 };
  await extend(state, await inv.makeInvite(state, next, terms, later));
  await illegal(extend(state, await inv.makeInvite(state, links[0], terms, later)));
});

test("items, escrow and card open for their room, invitation and epoch", async () => {
  const { link } = await invited();
  const [room, elsewhere] = ["1".repeat(32), "2".repeat(32)];
  const item = await inv.sealItem(link, room, 1, c.KEY);
  assert.ok(equal(await inv.openItem(link, room, 1, item), c.KEY));
  await assert.rejects(inv.openItem(link, room, 2, item), WireError);
  await assert.rejects(inv.openItem(link, elsewhere, 1, item), WireError);
  const escrow = await inv.sealEscrow(c.KEY, room, link.iid, 1, link.Kinv);
  assert.ok(equal(await inv.openEscrow(c.KEY, room, link.iid, 1, escrow), link.Kinv));
  await assert.rejects(inv.openEscrow(c.KEY, room, "0".repeat(32), 1, escrow), WireError);
  const profile = { name: "Café", topic: "", avatar: "" };
  const card = await inv.sealCard(link, room, (await writeProfile(profile)).plain);
  assert.deepEqual(await inv.openCard(link, room, card), profile);
  await assert.rejects(inv.openCard(link, elsewhere, card), WireError);
});
