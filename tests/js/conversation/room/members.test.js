import assert from "node:assert/strict";
import { test } from "node:test";
import { ActivityLog } from "../../../../static/js/conversation/room/activity-log.js";
import { createRoom } from "../../../../static/js/conversation/room/create.js";
import {
  joinByInvitation,
  voidedLinks,
} from "../../../../static/js/conversation/room/invitations.js";
import {
  closeRoom,
  formerMembers,
  leaveRoom,
  memberList,
  nameSuccessor,
  removeMember,
  setBan,
  setPolicy,
  setRole,
  takeOver,
} from "../../../../static/js/conversation/room/members.js";
import { ada, ben, eve } from "../../crypto/cast.js";
import { sessionOf, World } from "../world.js";
import { invite, roomOfThree } from "./room-of-three.js";

test("who is removed has no later key, and every link has ended", async () => {
  const { mine, eves, id, room, session } = await roomOfThree();
  await removeMember(mine, session, { uid: eve.uid, ban: false });
  assert.equal(session.state.members.has(eve.uid), false);
  assert.equal(session.state.e, 2);
  assert.ok(session.keys.get(2), "who removed holds the new key");
  const to = room.wraps.filter(({ e }) => e === 2).map((wrap) => wrap.to);
  assert.deepEqual(new Set(to), new Set([ada.kid, ben.kid]));
  assert.equal([...session.state.invites.values()][0].ended, "voided");
  assert.equal(voidedLinks(mine, session.state).length, 1);
  const hers = await sessionOf(eves, id);
  assert.deepEqual([hers.keys.epochs, hers.isOut, hers.writable], [[1], true, false]);
});

test("who stays reads on after a removal, under the name there was", async () => {
  const { mine, bens, id, session } = await roomOfThree();
  await removeMember(mine, session, { uid: eve.uid, ban: true });
  const theirs = await sessionOf(bens, id);
  assert.deepEqual(theirs.keys.epochs, [1, 2]);
  assert.equal(theirs.profile.name, "Orchard");
  assert.deepEqual(theirs.state.bans, [eve.uid]);
});

test("who is removed while removing somebody learns it by the log", async () => {
  const { mine, bens, id, session } = await roomOfThree();
  await setRole(mine, session, ben.uid, "moderator");
  const theirs = await sessionOf(bens, id);
  await removeMember(mine, session, { uid: ben.uid, ban: true });
  assert.equal(theirs.isOut, false);
  await assert.rejects(removeMember(bens, theirs, { uid: eve.uid, ban: false }), { status: 404 });
  const { t, by, ban } = theirs.state.exits.get(ben.uid);
  assert.deepEqual([theirs.isOut, t, by, ban], [true, "remove", ada.uid, true]);
  assert.ok(session.state.members.has(eve.uid));
});

test("a removal shows how far it is", async () => {
  const { mine, session } = await roomOfThree();
  const seen = [];
  await removeMember(mine, session, { uid: eve.uid, ban: false }, (done) => seen.push(done));
  assert.equal(seen.at(-1), 1);
});

test("nothing is wrapped to a key that nobody has approved", async () => {
  const { mine, session, id } = await roomOfThree();
  await mine.store.people.savePin({ uid: ben.uid, kid: "x".repeat(43), n: 1 });
  const again = await sessionOf(mine, id);
  await assert.rejects(
    removeMember(mine, again, { uid: eve.uid, ban: false }),
    /ben has a new key/,
  );
  assert.equal(session.state.members.size, 3);
});

test("the one with the changed key may themselves be removed", async () => {
  const { mine, id } = await roomOfThree();
  await mine.store.people.savePin({ uid: eve.uid, kid: "x".repeat(43), n: 1 });
  const again = await sessionOf(mine, id);
  await removeMember(mine, again, { uid: eve.uid, ban: false });
  assert.deepEqual(again.unapproved, []);
});

test("roles change hands, and there is one owner", async () => {
  const { mine, session } = await roomOfThree();
  await setRole(mine, session, ben.uid, "moderator");
  await setRole(mine, session, eve.uid, "owner");
  const roles = Object.fromEntries([...session.state.members].map(([uid, m]) => [uid, m.role]));
  assert.deepEqual(roles, {
    [ada.uid]: "moderator",
    [ben.uid]: "moderator",
    [eve.uid]: "owner",
  });
});

test("who loses a leader's rank loses it with a new key, and their own links with it", async () => {
  const { mine, bens, session, room, id } = await roomOfThree();
  await setRole(mine, session, ben.uid, "moderator");
  assert.equal(session.state.e, 1, "a promotion needs no new key");
  const theirs = await sessionOf(bens, id);
  await invite(bens, theirs);
  await session.refresh();
  await setRole(mine, session, ben.uid, "member");
  assert.equal(session.state.e, 2);
  assert.equal(session.state.members.get(ben.uid).role, "member");
  const to = room.wraps.filter(({ e }) => e === 2).map((wrap) => wrap.to);
  assert.deepEqual(new Set(to), new Set([ada.kid, ben.kid, eve.kid]));
  const ended = [...session.state.invites.values()].map((one) => [one.by, one.ended]);
  assert.deepEqual(ended, [
    [ada.uid, ""],
    [ben.uid, "voided"],
  ]);
  const [extended] = room.boxes.at(-1).invites;
  assert.deepEqual(room.boxes.at(-1).invites.length, 1);
  assert.equal(session.state.invites.get(extended.iid).by, ada.uid, "hers lead to the new key");
});

test("who has left is banned and let again, by name", async () => {
  const { mine, eves, id, session } = await roomOfThree();
  await leaveRoom(eves, await sessionOf(eves, id));
  await session.refresh();
  assert.deepEqual(formerMembers(session), [
    { uid: eve.uid, name: "eve", banned: false, deleted: false },
  ]);
  const [{ deleted }] = formerMembers(session, { [eve.uid]: "deleted", [ben.uid]: "deleted" });
  assert.equal(deleted, true);
  await setBan(mine, session, eve.uid, true);
  assert.deepEqual(formerMembers(session), [
    { uid: eve.uid, name: "eve", banned: true, deleted: false },
  ]);
  await setBan(mine, session, eve.uid, true);
  await setBan(mine, session, eve.uid, false);
  await setBan(mine, session, ben.uid, true);
  assert.deepEqual(session.state.bans, []);
});

test("the named successor follows the owner, who is out, under a new key", async () => {
  const { mine, bens, eves, id, room, session } = await roomOfThree();
  await nameSuccessor(mine, session, eve.uid);
  await nameSuccessor(mine, session, ben.uid);
  const [theirs, hers] = await Promise.all([sessionOf(bens, id), sessionOf(eves, id)]);
  await takeOver(eves, hers);
  assert.equal(room.head[0], session.state.seq, "nobody follows who was not named last");
  await takeOver(bens, theirs);
  assert.deepEqual(
    [...theirs.state.members].map(([uid, { role }]) => [uid, role]),
    [
      [ben.uid, "owner"],
      [eve.uid, "member"],
    ],
  );
  assert.equal(theirs.state.successor, "");
  assert.deepEqual(theirs.keys.epochs, [1, 2]);
  assert.ok(!room.wraps.some(({ e, to }) => e === 2 && to === ada.kid));
  const told = await new ActivityLog(bens, theirs).update();
  assert.match(told.at(-1).text, /^ben took the room over from ada/);
  assert.equal(told.at(-1).begins, true);
});

test("the owner who leaves hands the room to a moderator first", async () => {
  const { mine, bens, id, session } = await roomOfThree();
  await setRole(mine, session, eve.uid, "moderator");
  await leaveRoom(mine, session);
  const theirs = await sessionOf(bens, id);
  assert.equal(theirs.state.members.get(eve.uid).role, "owner");
  assert.equal(theirs.state.members.has(ada.uid), false);
  assert.equal(theirs.state.open, false);
});

for (const [told, code] of [
  [(room) => room.unanswered.push(eve.uid), "not_answered"],
  [(room) => (room.ended[eve.uid] = "disabled"), "account_ended"],
]) {
  test(`abuse: nobody is made owner or successor who could not act (${code})`, async () => {
    const { mine, room, session } = await roomOfThree();
    told(room);
    const before = room.head[0];
    await assert.rejects(setRole(mine, session, eve.uid, "owner"), { code });
    await assert.rejects(nameSuccessor(mine, session, eve.uid), { code });
    await assert.rejects(leaveRoom(mine, session, eve.uid), { code });
    assert.equal(room.head[0], before, "nothing was written");
    assert.equal(session.state.members.get(ada.uid).role, "owner");
  });

  test(`abuse: an owner who leaves skips who could not act (${code})`, async () => {
    const { mine, bens, id, room, session } = await roomOfThree();
    await setRole(mine, session, eve.uid, "moderator"); // would come first
    await nameSuccessor(mine, session, eve.uid);
    told(room);
    await leaveRoom(mine, session);
    const theirs = await sessionOf(bens, id);
    assert.equal(theirs.state.members.get(ben.uid).role, "owner");
    assert.equal(theirs.state.members.get(eve.uid).role, "moderator");
  });
}

test("an owner whom nobody else could follow stays, and is told why", async () => {
  const { mine, room, session } = await roomOfThree();
  room.unanswered.push(ben.uid, eve.uid);
  await assert.rejects(leaveRoom(mine, session), { code: "not_answered" });
  assert.ok(session.state.members.has(ada.uid));
});

test("rules change in part; the rest stays", async () => {
  const { mine, session } = await roomOfThree();
  await setPolicy(mine, session, { ai: "ask" });
  assert.equal(session.state.policy.ai, "ask");
  assert.equal(session.state.policy.n, 1000);
  const before = session.state.seq;
  await setPolicy(mine, session, { ai: "ask" });
  assert.equal(session.state.seq, before, "nothing new, nothing written");
});

test("a room closed for good takes nothing more", async () => {
  const { mine, session } = await roomOfThree();
  await closeRoom(mine, session);
  assert.equal(session.state.ended, true);
  assert.equal(await closeRoom(mine, session), null);
});

test("where history begins with joining, a newcomer gets no older key", async () => {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const id = await createRoom(mine, { name: "Now", topic: "", policy: { history: "join" } });
  const session = await sessionOf(mine, id);
  await joinByInvitation(bens, await invite(mine, session), () => {});
  const theirs = await sessionOf(bens, id);
  assert.deepEqual(theirs.keys.epochs, []);
  assert.equal(theirs.state.open, false);
  await theirs.rotate();
  assert.deepEqual(theirs.keys.epochs, [2], "the first to write makes the key");
  await session.refresh();
  assert.deepEqual(session.keys.epochs, [1, 2]);
});

test("a person's lines say what is verified, changed and blocked", async () => {
  const { mine, session } = await roomOfThree();
  await (await session.people.decisions()).verify(ben.uid, ben.kid, true);
  const lines = await memberList(mine, session, [ben.uid], new Set([eve.uid]), {
    ended: { [eve.uid]: "deleted" },
    unanswered: [ben.uid],
    bots: [eve.uid],
  });
  const bens = lines.find(({ uid }) => uid === ben.uid);
  assert.equal(bens.verified && bens.online && !bens.blocked, true);
  const eves = lines.find(({ uid }) => uid === eve.uid);
  assert.deepEqual([eves.blocked, eves.ended, bens.ended], [true, "deleted", ""]);
  assert.deepEqual([eves.unanswered, bens.unanswered], [false, true]);
  assert.deepEqual([eves.bot, bens.bot], [true, false]);
});
