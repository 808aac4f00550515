import assert from "node:assert/strict";
import { test } from "node:test";
import { hash64 } from "../../../static/js/crypto/hash.js";
import { deriveInvite, makeInvite, makeJoin, newSecret } from "../../../static/js/crypto/invite.js";
import { atLog, extendLog, openInvites } from "../../../static/js/crypto/log.js";
import * as c from "./cast.js";

const { ada, ben, eve, NOW, HOUR, extend, event } = c;
const illegal = (promise) => assert.rejects(promise, { name: "LogError", reason: "illegal" });
const newer = (promise) => assert.rejects(promise, { name: "LogError", reason: "newer" });
const H = ada.kid; // any 32 bytes

test("a room begins with its owner", async () => {
  const { state, create } = await c.newRoom();
  assert.equal(state.room, create.room);
  assert.deepEqual(state.members.get(ada.uid), {
    kid: ada.kid,
    role: "owner",
    since: 1,
    name: "ada",
    n: 1,
  });
  assert.deepEqual([state.e, state.g, state.open, state.seq], [1, 1, true, 0]);
  assert.equal(state.hash, await hash64("event", create.event));
});

test("a room's id follows from owner and nonce, and it begins at 0", async () => {
  const { create } = await c.newRoom();
  for (const change of [
    { room: "0".repeat(32) },
    { nonce: "A".repeat(22) },
    { seq: 1 },
    { prev: H },
  ]) {
    await illegal(extend(null, await c.forge(create, ada, change)));
  }
  await illegal(extendLog(null, [create], c.identities, "0".repeat(32)));
  await illegal(extendLog(null, [], c.identities));
});

test("who is named must have signed", async () => {
  const { state, create } = await c.newRoom();
  const good = await event(state, ada, "profile", { h: H });
  await illegal(extend(state, { ...good, sig: c.flip(good.sig, 40) }));
  await illegal(extend(state, await c.forge(good, ben, {})));
  await illegal(extend(state, await c.forge(good, ada, { by: ben.uid })));
  await illegal(extend(state, await c.forge(good, ben, { kid: ben.kid })));
  await illegal(extend(state, await c.forge(good, ben, { kid: ben.kid, by: ben.uid })));
  await illegal(extendLog(null, [create], new Map()));
});

test("events follow each other", async () => {
  const { state } = await c.newRoom();
  const good = await event(state, ada, "profile", { h: H });
  const other = (await c.newRoom()).state.room;
  for (const change of [
    { seq: 2 },
    { seq: 0 },
    { prev: H },
    { prev: "" },
    { ts: NOW - 1 },
    { room: other },
  ]) {
    await illegal(extend(state, await c.forge(good, ada, change)));
  }
  await illegal(extend(await extend(state, good), good));
});

test("a type or version from later is newer, not fraud", async () => {
  const { state } = await c.newRoom();
  const good = await event(state, ada, "profile", { h: H });
  for (const change of [{ t: "merge" }, { t: "toString" }, { v: 2 }]) {
    await newer(extend(state, await c.forge(good, ada, change)));
  }
  for (const text of ["", "null", "[]", "{}", '{"v":1}', good.event.replace("{", "{ ")]) {
    await illegal(extend(state, await c.resign(text, ada)));
  }
  await illegal(extend(state, await c.forge(good, ada, { x: 1 })));
  await illegal(extend(state, await c.forge(good, ada, { h: "" })));
});

test("a policy out of range is refused", async () => {
  const { create } = await c.newRoom();
  const wrong = [
    { join: "x" },
    { ain: 19 },
    { n: 99 },
    { n: 100_001 },
    { days: 366 },
    { ttl: 3651 },
    { ai: 1 },
  ];
  for (const change of wrong) {
    await illegal(extend(null, await c.forge(create, ada, { policy: { ...c.POLICY, ...change } })));
  }
});

test("only leaders name a room and invite", async () => {
  const { state, link } = await c.roomOfTwo({}, 5);
  await illegal(extend(state, await event(state, ben, "profile", { h: H })));
  await illegal(extend(state, await event(state, ben, "revoke", { iid: link.iid })));
  const other = await deriveInvite(newSecret());
  await illegal(
    extend(state, await makeInvite(state, other, { exp: NOW + HOUR, max: 1 }, ben.signer)),
  );
  const named = await extend(state, await event(state, ada, "profile", { h: H }));
  assert.deepEqual([named.h, named.profileSeq], [H, 3]);
});

test("an owner leaves only when alone; leaving voids and closes", async () => {
  const { state } = await c.roomOfTwo({}, 5);
  await illegal(extend(state, await event(state, ada, "leave")));
  const left = await extend(state, await event(state, ben, "leave"));
  assert.ok(!left.open && !left.members.has(ben.uid));
  assert.deepEqual(openInvites(left, NOW), []);
  assert.equal((await extend(left, await event(left, ada, "leave"))).members.size, 0);
  await illegal(extend(left, await event(left, ben, "leave")));
});

test("an epoch is the next one, for exactly the members", async () => {
  const { state } = await c.roomOfTwo();
  const good = await c.epoch(state, ben);
  for (const change of [{ e: 3 }, { members: H }]) {
    await illegal(extend(state, await c.forge(good, ben, change)));
  }
  await illegal(extend(state, await c.forge(good, eve, { by: eve.uid, kid: eve.kid })));
  const rotated = await extend(state, good);
  assert.deepEqual([rotated.e, rotated.g, rotated.open], [2, 1, true]);
  const left = await extend(rotated, await event(rotated, ben, "leave"));
  const closed = await extend(left, await c.epoch(left, ada));
  assert.deepEqual([closed.e, closed.g, closed.open], [3, 3, true]);
  assert.equal(closed.kcv.size, 3);
});

test("where history begins at joining, a join closes the room", async () => {
  const { state } = await c.roomOfTwo({ history: "join" });
  assert.equal(state.open, false);
  assert.equal(state.members.get(ben.uid).since, 2);
});

test("the log answers what held at an older event", async () => {
  const { state: joined } = await c.roomOfTwo({}, 5);
  const left = await extend(joined, await event(joined, ben, "leave"));
  const state = await extend(left, await c.epoch(left, ada));
  assert.deepEqual(atLog(state, 1, ben.uid), { e: 1, open: true, kid: null, role: null });
  assert.deepEqual(atLog(state, 2, ben.uid), { e: 1, open: true, kid: ben.kid, role: "member" });
  assert.deepEqual(atLog(state, 3, ben.uid), { e: 1, open: false, kid: null, role: null });
  assert.deepEqual(atLog(state, 4, ada.uid), { e: 2, open: true, kid: ada.kid, role: "owner" });
  assert.equal(state.hashes[2], joined.hash);
});

test("a state is plain data, and older states stay as they were", async () => {
  const { state } = await c.newRoom();
  const kept = structuredClone(state);
  const next = await extend(kept, await event(kept, ada, "profile", { h: H }));
  assert.deepEqual(kept, state);
  assert.deepEqual(structuredClone(next), next);
});

test("a direct room takes no invitations", async () => {
  const { state } = await c.newRoom({}, "direct");
  const link = await deriveInvite(newSecret());
  await illegal(
    extend(state, await makeInvite(state, link, { exp: NOW + HOUR, max: 1 }, ada.signer)),
  );
  await illegal(extend(state, await makeJoin(state, link, ben.signer)));
});
