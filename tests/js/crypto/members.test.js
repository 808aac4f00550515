/** Who is in a room: admission, removal, roles, new keys, the end. Also knocks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeAdd, makeRemove, makeReset } from "../../../static/js/crypto/compose.js";
import { makeIdentity, openIdentity } from "../../../static/js/crypto/identity.js";
import { deriveInvite, makeInvite, makeJoin, newSecret } from "../../../static/js/crypto/invite.js";
import { makeKnock, openKnock } from "../../../static/js/crypto/knock.js";
import { atLog, openInvites, recipientsAfter } from "../../../static/js/crypto/log.js";
import * as c from "./cast.js";

const { ada, ben, eve, event, extend, KEY, NOW } = c;
const illegal = (promise) => assert.rejects(promise, { name: "LogError", reason: "illegal" });
const add = (state, by, who, iid = "") =>
  makeAdd(state, { uid: who.uid, to: who.kid, iid }, by.signer);
const remove = (state, by, who, ban = 0) =>
  makeRemove(state, { uid: who.uid, ban }, KEY, by.signer);

/** Ada's room with Ben and Eve, and what they are made. */
async function roomOfThree(roles = {}, policy = {}) {
  let { state } = await c.roomOfTwo(policy);
  state = await extend(state, await add(state, ada, eve));
  for (const [who, role] of Object.entries(roles)) {
    const { uid } = { ben, eve }[who];
    state = await extend(state, await event(state, ada, "role", { uid, role }));
  }
  return state;
}

/** The identity of a person after a reset, known to the log machine. */
async function renewed(who, n = 2) {
  const { keys, uid, name, kid } = who;
  const signed = await makeIdentity(keys, { uid, name, n, prev: kid });
  const identity = await openIdentity(signed);
  c.identities.set(identity.kid, identity);
  return identity;
}

const reset = (state, by, who, { kid: to }) =>
  makeReset(state, { uid: who.uid, to }, KEY, by.signer);

test("a leader lets somebody in", async () => {
  const { state } = await c.newRoom();
  const after = await extend(state, await add(state, ada, eve));
  assert.equal(after.members.get(eve.uid).role, "member");
  assert.equal(after.open, true);
  await illegal(extend(after, await add(after, eve, ben)));
  await illegal(extend(after, await add(after, ada, eve)));
});

test("a key of somebody else, or of nobody, is not let in", async () => {
  const { state } = await c.newRoom();
  await illegal(
    extend(state, await makeAdd(state, { uid: eve.uid, to: ben.kid, iid: "" }, ada.signer)),
  );
  const nobody = { uid: eve.uid, to: `${"x".repeat(42)}A`, iid: "" };
  await illegal(extend(state, await makeAdd(state, nobody, ada.signer)));
});

test("an addition by a link uses the link", async () => {
  const { state: empty } = await c.newRoom({ join: "approve" });
  const link = await deriveInvite(newSecret());
  const terms = { exp: NOW + c.HOUR, max: 1 };
  const state = await extend(empty, await makeInvite(empty, link, terms, ada.signer));
  await illegal(extend(state, await makeJoin(state, link, ben.signer)));
  const after = await extend(state, await add(state, ada, ben, link.iid));
  assert.deepEqual(openInvites(after, NOW), []);
  await illegal(extend(after, await add(after, ada, eve, link.iid)));
});

test("where history begins with joining, an addition closes the room", async () => {
  const { state } = await c.newRoom({ history: "join" });
  const after = await extend(state, await add(state, ada, eve));
  assert.deepEqual([after.open, after.members.get(eve.uid).since], [false, 2]);
});

test("a direct room has two members and no links", async () => {
  const { state } = await c.newRoom({}, "direct");
  const two = await extend(state, await add(state, ada, ben));
  await illegal(extend(two, await add(two, ada, eve)));
  await extend(two, await event(two, ben, "profile", { h: "A".repeat(43) }));
});

test("who is removed is out at once, and a new epoch begins without them", async () => {
  const state = await roomOfThree();
  const after = await extend(state, await remove(state, ada, eve, 1));
  assert.equal(after.members.has(eve.uid), false);
  assert.deepEqual([after.e, after.g, after.open], [2, 2, true]);
  assert.deepEqual(after.bans, [eve.uid]);
  assert.deepEqual(
    recipientsAfter(state, { t: "remove", uid: eve.uid }).map(([uid]) => uid),
    [ada.uid, ben.uid].sort(),
  );
  const back = await extend(after, await add(after, ada, eve));
  assert.deepEqual(back.bans, [], "an addition lifts the ban");
});

test("who is banned does not join by a link", async () => {
  const state = await roomOfThree();
  const out = await extend(state, await remove(state, ada, eve, 1));
  const link = await deriveInvite(newSecret());
  const terms = { exp: NOW + c.HOUR, max: 5 };
  const invited = await extend(out, await makeInvite(out, link, terms, ada.signer));
  await illegal(extend(invited, await makeJoin(invited, link, eve.signer)));
});

test("moderators remove members and no one above", async () => {
  const state = await roomOfThree({ ben: "moderator" });
  await illegal(extend(state, await remove(state, eve, ben)));
  await illegal(extend(state, await remove(state, ben, ada)));
  await illegal(extend(state, await remove(state, ben, ben)));
  await extend(state, await remove(state, ben, eve));
});

test("a removal for other recipients is refused", async () => {
  const state = await roomOfThree();
  const signed = await remove(state, ada, eve);
  const { members } = JSON.parse((await c.epoch(state, ada)).event);
  await illegal(extend(state, await c.forge(signed, ada, { members })));
  await illegal(extend(state, await c.forge(signed, ada, { e: 3 })));
});

test("a removal ends every open link", async () => {
  const { state: two, link } = await c.roomOfTwo({}, 5);
  const after = await extend(two, await remove(two, ada, ben));
  assert.equal(after.invites.get(link.iid).ended, "voided");
});

test("there is always one owner", async () => {
  const state = await roomOfThree();
  await illegal(extend(state, await event(state, ben, "role", { uid: ben.uid, role: "owner" })));
  await illegal(extend(state, await event(state, ada, "role", { uid: ada.uid, role: "member" })));
  const role = await event(state, ada, "role", { uid: ben.uid, role: "owner" });
  const after = await extend(state, role);
  assert.equal(after.members.get(ada.uid).role, "moderator");
  assert.equal(after.members.get(ben.uid).role, "owner");
  assert.equal(atLog(after, state.seq, ada.uid).role, "owner", "what held before still stands");
  assert.equal(atLog(after, after.seq, ada.uid).role, "moderator");
});

test("only the owner changes the rules, and never what newcomers read", async () => {
  const { state, link } = await c.roomOfTwo({}, 5);
  const policy = { ...c.POLICY, ai: "ask" };
  await illegal(extend(state, await event(state, ben, "policy", { policy })));
  const history = { ...policy, history: "join" };
  await illegal(extend(state, await event(state, ada, "policy", { policy: history })));
  const kept = await extend(state, await event(state, ada, "policy", { policy }));
  assert.equal(kept.invites.get(link.iid).ended, "");
  const join = { ...policy, join: "approve" };
  const changed = await extend(kept, await event(kept, ada, "policy", { policy: join }));
  assert.equal(changed.invites.get(link.iid).ended, "voided");
});

test("a reset puts a newer key in the place of an older one", async () => {
  const state = await roomOfThree({ eve: "moderator" });
  const again = await renewed(ben);
  await illegal(extend(state, await reset(state, ben, ben, again)));
  const after = await extend(state, await reset(state, eve, ben, again));
  const { kid, role, since } = after.members.get(ben.uid);
  assert.deepEqual([kid, role, since, after.e], [again.kid, "member", 1, 2]);
  assert.equal(atLog(after, state.seq, ben.uid).kid, ben.kid);
  await illegal(extend(after, await event(after, ben, "leave")), "the old key signs no more");
  await illegal(extend(after, await reset(after, eve, ben, ben.identity)));
});

test("an owner's reset is a moderator's to accept, or anyone's if there is none", async () => {
  const again = await renewed(ada);
  const led = await roomOfThree({ ben: "moderator" });
  await illegal(extend(led, await reset(led, eve, ada, again)));
  await extend(led, await reset(led, ben, ada, again));
  const unled = await roomOfThree();
  const after = await extend(unled, await reset(unled, eve, ada, again));
  assert.equal(after.members.get(ada.uid).role, "owner");
});

test("a member's reset is not an ordinary member's to accept", async () => {
  const state = await roomOfThree();
  await illegal(extend(state, await reset(state, eve, ben, await renewed(ben))));
});

test("nothing follows the end", async () => {
  const { state } = await c.roomOfTwo();
  await illegal(extend(state, await event(state, ben, "close")));
  const after = await extend(state, await event(state, ada, "close"));
  assert.deepEqual([after.ended, after.open], [true, false]);
  await illegal(extend(after, await event(after, ben, "leave")));
});

test("disclosures need a policy that allows them, and a range", async () => {
  const what = { from: 1, to: 9, model: "gpt-4o" };
  const { state: never } = await c.roomOfTwo();
  await illegal(extend(never, await event(never, ben, "disclose", what)));
  const { state } = await c.roomOfTwo({ ai: "ask" });
  await illegal(extend(state, await event(state, ben, "disclose", { ...what, from: 10 })));
  const after = await extend(state, await event(state, ben, "disclose", what));
  assert.deepEqual(after.disclosures, [{ seq: 3, uid: ben.uid, ...what }]);
});

test("a knock by a link is whose it says", async () => {
  const { state, link } = await c.roomOfTwo({}, 5);
  const invite = state.invites.get(link.iid);
  const knock = await makeKnock({ room: state.room, iid: link.iid }, eve.signer, link);
  const { uid, kid, iid, room } = await openKnock(knock, eve.identity, invite);
  assert.deepEqual([uid, kid, iid, room], [eve.uid, eve.kid, link.iid, state.room]);
  const wire = { name: "WireError" };
  await assert.rejects(openKnock(knock, ben.identity, invite), wire);
  await assert.rejects(openKnock(knock, eve.identity, null), wire);
  await assert.rejects(openKnock({ ...knock, isig: "" }, eve.identity, invite), wire);
  const other = await deriveInvite(newSecret());
  await assert.rejects(openKnock(knock, eve.identity, { ipk: other.ipk }), wire);
});

test("a knock after a reset needs no link, and has none", async () => {
  const knock = await makeKnock({ room: "a".repeat(32), iid: "" }, eve.signer, null);
  assert.equal(knock.isig, "");
  assert.equal((await openKnock(knock, eve.identity, null)).iid, "");
  await assert.rejects(openKnock({ ...knock, sig: c.flip(knock.sig) }, eve.identity, null));
  await assert.rejects(openKnock({ ...knock, isig: knock.sig }, eve.identity, null));
});
