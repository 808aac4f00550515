import assert from "node:assert/strict";
import { test } from "node:test";
import { knockAllRooms } from "../../../../static/js/conversation/account/reset.js";
import { createRoom } from "../../../../static/js/conversation/room/create.js";
import {
  joinByInvitation,
  revokeInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { acceptKnock, fetchKnocks } from "../../../../static/js/conversation/room/knocks.js";
import { makeIdentity, openIdentity } from "../../../../static/js/crypto/identity.js";
import { ada, ben, eve } from "../../crypto/cast.js";
import { sessionOf, World } from "../world.js";
import { invite, roomOfThree } from "./room-of-three.js";

/** The same person after a reset, in a new browser. */
async function afterReset(world, who) {
  const { keys, uid, name, kid } = who;
  const signed = await makeIdentity(keys, { uid, name, n: 2, prev: kid });
  const identity = await openIdentity(signed);
  const again = { ...who, kid: identity.kid, signed, identity };
  return { again, me: { ...world.browser(again), past: [kid] } };
}

for (const ended of [false, true])
  test(`who knocks by a link is let in with every key${ended ? ", also once that has ended" : ""}`, () =>
    letsIn(ended));

/** @param {boolean} ended whether the link is withdrawn before somebody decides */
async function letsIn(ended) {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const id = await createRoom(mine, { name: "Quiet", topic: "", policy: { join: "approve" } });
  const session = await sessionOf(mine, id);
  world.rooms.get(id).approve = true;
  const secret = await invite(mine, session);
  assert.equal((await joinByInvitation(bens, secret, () => {})).waiting, true);
  const [knock] = await fetchKnocks(mine, session);
  assert.equal(knock.name, "ben");
  assert.equal(knock.kind, "join");
  if (ended) await revokeInvitation(mine, session, knock.iid);
  await acceptKnock(mine, session, knock);
  const theirs = await sessionOf(bens, id);
  assert.deepEqual(theirs.keys.epochs, [1]);
  assert.equal(theirs.profile.name, "Quiet");
  assert.deepEqual(await fetchKnocks(mine, session), []);
}

test("a knock that its bearer did not sign is not shown", async () => {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const id = await createRoom(mine, { name: "Quiet", topic: "", policy: { join: "approve" } });
  const session = await sessionOf(mine, id);
  const room = world.rooms.get(id);
  room.approve = true;
  await joinByInvitation(bens, await invite(mine, session), () => {});
  room.knocks[0].identity = eve.signed;
  assert.deepEqual(await fetchKnocks(mine, session), []);
});

test("after a reset rooms are asked once; a refusal stands until the person asks again", async () => {
  const { world, id, room } = await roomOfThree();
  const { me } = await afterReset(world, ben);
  const listed = { id, kid: ben.kid };
  const asked = async (own_knock) => {
    room.knocks = [];
    await knockAllRooms(me, [{ ...listed, own_knock }]);
    return room.knocks.length;
  };
  assert.equal(await asked(null), 1);
  assert.equal(await asked(undefined), 1, "a server of before");
  for (const state of ["waiting", "refused"]) assert.equal(await asked({ kid: me.kid, state }), 0);
  assert.equal(await asked({ kid: ben.kid, state: "refused" }), 1, "that was about older keys");
});

test("after a reset one is let in again, under the new key alone", async () => {
  const { world, mine, id, room, session } = await roomOfThree();
  const { again, me } = await afterReset(world, ben);
  const theirs = await sessionOf(me, id);
  assert.equal(theirs.isMember, false);
  assert.equal(theirs.awaitsReset, true);
  const { knockAfterReset } = await import("../../../../static/js/conversation/room/knocks.js");
  await knockAfterReset(me, id);
  const [knock] = await fetchKnocks(mine, session);
  assert.equal(knock.kind, "reset");
  await acceptKnock(mine, session, knock);
  assert.equal(session.state.members.get(ben.uid).kid, again.kid);
  assert.deepEqual(session.unapproved, []);
  assert.ok(!room.wraps.some(({ e, to }) => e === 2 && to === ben.kid));
  await theirs.refresh();
  assert.deepEqual(theirs.keys.epochs, [1, 2]);
  assert.equal(theirs.isMember, true);
});

test("a third member asks before sending to somebody's new key", async () => {
  const { world, mine, eves, id, session } = await roomOfThree();
  const theirs = await sessionOf(eves, id);
  const { me, again } = await afterReset(world, ben);
  const { knockAfterReset } = await import("../../../../static/js/conversation/room/knocks.js");
  await knockAfterReset(me, id);
  await acceptKnock(mine, session, (await fetchKnocks(mine, session))[0]);
  await theirs.refresh();
  assert.deepEqual(
    theirs.unapproved.map(({ name }) => name),
    ["ben"],
  );
  await theirs.approve(again.kid);
  assert.deepEqual(theirs.unapproved, []);
  const older = await theirs.people.pin(ben.uid);
  assert.deepEqual(older.past, [ben.kid]);
});
