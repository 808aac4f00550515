import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createInvitation,
  joinByInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { RoomSession } from "../../../../static/js/conversation/room/room-session.js";
import { makeEvent } from "../../../../static/js/crypto/compose.js";
import { parseLink } from "../../../../static/js/crypto/link-secret.js";
import { wrapKey } from "../../../../static/js/crypto/roomkeys.js";
import { ada, ben, eve, event, NOW, resign } from "../../crypto/cast.js";
import { adasRoom, refuse, sessionOf, World } from "../world.js";

const TERMS = { hours: 24, max: 5 };

async function invite(me, session) {
  const { url } = await createInvitation(me, session, TERMS, "https://sotto.test");
  return parseLink(new URL(url).hash);
}

/** Ada's room, which Ben has joined by a link. */
async function roomOfTwo() {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const { id, room, session } = await adasRoom(world, mine);
  const secret = await invite(mine, session);
  await joinByInvitation(bens, secret, () => {});
  await session.refresh();
  return { world, mine, bens, id, room, session, theirs: await sessionOf(bens, id) };
}

test("a new room has a name that only members can read, and a wrap for its maker", async () => {
  const world = new World();
  const { room, session } = await adasRoom(world, world.browser(ada));
  assert.equal(session.profile.name, "Orchard");
  assert.equal(session.profile.topic, "Apples");
  assert.deepEqual(
    room.wraps.map(({ e, to }) => [e, to]),
    [[1, ada.kid]],
  );
  assert.ok(!JSON.stringify([room.events, room.profiles]).includes("Orchard"));
});

test("who joins by a link has every key though nobody is asked, and keeps them", async () => {
  const { room, theirs } = await roomOfTwo();
  assert.deepEqual(theirs.keys.epochs, [1]);
  assert.equal(theirs.profile.name, "Orchard");
  assert.deepEqual(room.asked, []);
  assert.ok(room.wraps.some(({ to }) => to === ben.kid));
});

test("a profile that was opened is kept: the next visit needs no box of it", async () => {
  const { bens, id, room } = await roomOfTwo();
  room.profiles.length = 0;
  const { profile, profilePlain } = await sessionOf(bens, id);
  assert.deepEqual([profile.name, profile.topic], ["Orchard", "Apples"]);
  assert.equal(profilePlain.length > 32, true, "rotations seal the same bytes");
});

test("a profile that was kept counts only as the one that the log names", async () => {
  const { bens, id } = await roomOfTwo();
  const { settings } = bens.store;
  const kept = await settings.sealedProgress(id, "opened-profile");
  const other = { ...kept, h: "A".repeat(43), profile: { ...kept.profile, name: "Other" } };
  await settings.saveSealedProgress(id, "opened-profile", other);
  assert.equal((await sessionOf(bens, id)).profile.name, "Orchard");
});

test("the verified log is kept: the next load asks only for what follows", async () => {
  const { world, bens, id, room } = await roomOfTwo();
  const session = await sessionOf(bens, id);
  assert.equal(session.state.seq, room.events.length - 1);
  const asked = world.calls.filter(([name, , path]) => name === "ben" && path.includes("/log?"));
  assert.match(asked.at(-1)[2], new RegExp(`after=${room.events.length - 1}$`));
  world.calls.length = 0;
  await (await sessionOf(bens, id)).load(room.listed());
  assert.ok(!world.calls.slice(2).some(([, , path]) => path.includes("/log?")));
});

test("a log that got shorter freezes the room", async () => {
  const { bens, id, room } = await roomOfTwo();
  room.events.pop();
  room.append = () => assert.fail("nothing may be written");
  const session = await sessionOf(bens, id);
  assert.equal(session.frozen, "cheated");
  await session.rotate();
});

test("a log that ends otherwise freezes the room", async () => {
  const { mine, session, room } = await roomOfTwo();
  const last = room.events.length - 1;
  const { event: text } = room.events[last];
  room.events[last] = await resign(text.replace(/"ts":\d+/, '"ts":1800000000001'), ben);
  Object.defineProperty(room, "head", { value: [last, "x".repeat(43)] });
  await session.refresh();
  assert.equal(session.frozen, "cheated");
  assert.equal(mine.store.saved.has(`log:${session.id}`), true);
});

test("an event that breaks a rule freezes the room and changes nothing", async () => {
  const { theirs, room } = await roomOfTwo();
  await room.append(await event(theirs.state, ben, "profile", { h: "A".repeat(43) }));
  const before = theirs.state.seq;
  await theirs.refresh();
  assert.equal(theirs.frozen, "cheated");
  assert.equal(theirs.state.seq, before);
});

test("an event of a newer version makes the room read-only, with all that came before", async () => {
  const { session, room } = await roomOfTwo();
  const leave = await event(session.state, ben, "leave");
  const body = { ...JSON.parse(leave.event), t: "levitate" };
  await room.append(await resign(JSON.stringify(body), ben));
  await session.refresh();
  assert.equal(session.frozen, "newer");
  assert.equal(session.state.members.size, 2);
});

test("a room that is new here and has a newer event shows what this version understands", async () => {
  const { world, session, room, id } = await roomOfTwo();
  const body = { ...JSON.parse((await event(session.state, ben, "leave")).event), t: "levitate" };
  await room.append(await resign(JSON.stringify(body), ben));
  const fresh = await sessionOf(world.browser(ada), id);
  assert.equal(fresh.frozen, "newer");
  assert.equal(fresh.state.members.size, 2);
});

test("an event that lost its race is signed again for the new head", async () => {
  const { mine, bens, session, theirs, room } = await roomOfTwo();
  await invite(mine, session);
  await theirs.leave();
  await invite(mine, session);
  assert.equal(room.events.length, session.state.seq + 1);
  const { state } = await bens.store.rooms.log(session.id);
  assert.equal(state.exits.get(ben.uid)?.t, "leave", "who left keeps the log up to that");
});

test("a race that is always lost ends", async () => {
  const { world, mine, session } = await roomOfTwo();
  let tries = 0;
  world.before = (_who, method, path) => {
    if (method === "post" && path.endsWith("/invite")) {
      tries += 1;
      throw refuse(409, "head");
    }
  };
  await assert.rejects(invite(mine, session), { code: "head" });
  assert.equal(tries, 10);
});

test("after somebody left, a member begins an epoch for those who stay", async () => {
  const { session, theirs, room, mine, id } = await roomOfTwo();
  await theirs.leave();
  await session.refresh();
  assert.equal(session.state.open, false);
  await Promise.all([session.rotate(), session.rotate()]);
  assert.equal(session.state.e, 2);
  assert.equal(session.state.open, true);
  assert.deepEqual(
    room.wraps.filter(({ e }) => e === 2).map(({ to }) => to),
    [ada.kid],
  );
  assert.deepEqual(session.keys.epochs, [1, 2]);
  for (const kept of ["keys", "sealed-mark-opened-profile"])
    mine.store.saved.delete(`${kept}:${id}`);
  const fresh = await sessionOf(mine, id);
  assert.deepEqual(fresh.keys.epochs, [1, 2], "from the wraps to herself");
  assert.equal(fresh.profile.name, "Orchard", "the name was sealed anew");
});

test("keys that were asked for before a rotation do not stand for those that came with it", async () => {
  const { world, mine, bens, id, session, theirs } = await roomOfTwo();
  const eves = world.browser(eve);
  await joinByInvitation(eves, await invite(mine, session), () => {});
  await theirs.refresh();
  await session.refresh();
  const leaving = await sessionOf(eves, id);
  await leaving.leave();
  bens.api.readAhead([`chatrooms/${id}/keys`]);
  await session.refresh();
  await session.rotate();
  await theirs.refresh();
  assert.deepEqual(theirs.keys.missing(theirs.state), []);
});

test("the loser of a rotation throws its key away", async () => {
  const { world, session, theirs } = await roomOfTwo();
  await Promise.all([session.rotate(), theirs.rotate()]);
  await session.refresh();
  await theirs.refresh();
  assert.equal(session.state.e, 2);
  assert.deepEqual(session.keys.get(2), theirs.keys.get(2));
  assert.equal(
    world.calls.filter(([, method, path]) => method === "post" && path.endsWith("/log")).length,
    2,
  );
});

test("a rotation extends the open links whose escrow it can open", async () => {
  const { world, mine, session } = await roomOfTwo();
  const secret = await invite(mine, session);
  await session.rotate();
  const eves = world.browser(eve);
  const { room: id } = await joinByInvitation(eves, secret, () => {});
  assert.deepEqual((await sessionOf(eves, id)).keys.epochs, [1, 2]);
});

test("joining is signed again when the log moved meanwhile", async () => {
  const { world, mine, session, room } = await roomOfTwo();
  const secret = await invite(mine, session);
  let first = true;
  world.before = async ({ name }, method, path) => {
    if (name !== "eve" || method !== "post" || !path.includes("join/") || !first) return;
    first = false;
    const signer = { uid: ada.uid, kid: ada.kid, edPrivate: ada.keys.ed.privateKey, now: NOW };
    await room.append(await makeEvent(session.state, { t: "profile", h: "A".repeat(43) }, signer));
  };
  const { room: id } = await joinByInvitation(world.browser(eve), secret, () => {});
  assert.equal(room.members.has(eve.uid), true);
  assert.equal(id, session.id);
});

test("a join that was cut off before the keys came is finished by the next click", async () => {
  const { world, mine, session, id } = await roomOfTwo();
  const secret = await invite(mine, session);
  const eves = world.browser(eve);
  world.before = (_who, _method, path) => {
    if (path.endsWith("/items")) throw refuse(0, "offline");
  };
  await assert.rejects(joinByInvitation(eves, secret, () => {}));
  world.before = () => {};
  await joinByInvitation(eves, secret, () => {});
  assert.deepEqual((await sessionOf(eves, id)).keys.epochs, [1]);
});

test("a key that does not fit the log's commitment is dropped in silence", async () => {
  const { world, room, session, id } = await roomOfTwo();
  const ct = await wrapKey(new Uint8Array(32), { room: id, e: 1, to: ben.kid }, ben.identity.rsa);
  room.wraps = [{ e: 1, to: ben.kid, ct }];
  const fresh = await sessionOf(world.browser(ben), id);
  assert.deepEqual(fresh.keys.epochs, []);
  assert.equal(fresh.frozen, "");
  assert.deepEqual(room.asked, [1], "members are asked instead");
  room.wraps = [];
  const sharing = await session.keys.sharing();
  await sharing.answerRequest(session.state, session.identities, {
    e: 1,
    uid: ben.uid,
    kid: ben.kid,
  });
  await fresh.onWraps({ e: 1, to: ben.kid });
  assert.deepEqual(fresh.keys.epochs, [1]);
});

test("abuse: a request is read, and nothing is asked or given before the answer", async () => {
  const { world, room, id } = await roomOfTwo();
  room.wraps = [];
  const session = new RoomSession(await world.browser(ben), id);
  await session.load({ accepted: false });
  await session.fetchKeys({ thorough: true });
  assert.deepEqual([room.asked, room.wraps, session.writable], [[], [], false]);
  session.setAccepted(true);
  await session.fetchKeys({ thorough: true });
  assert.deepEqual([room.asked, session.writable], [[1], true]);
});

test("keys are handed only to members who may have them, under the key in the log", async () => {
  const { session, room } = await roomOfTwo();
  const before = room.wraps.length;
  const sharing = await session.keys.sharing();
  const ask = (request) => sharing.answerRequest(session.state, session.identities, request);
  await ask({ e: 1, uid: eve.uid, kid: eve.kid });
  await ask({ e: 1, uid: ben.uid, kid: eve.kid });
  await ask({ e: 7, uid: ben.uid, kid: ben.kid });
  assert.equal(room.wraps.length, before);
});

test("a hand-over that somebody else has made is not made again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { session, room } = await roomOfTwo();
  await session.keys.sharing();
  const before = room.wraps.length;
  const answering = session.answerKeyRequest({ e: 1, uid: ben.uid, kid: ben.kid });
  await session.onWraps({ e: 1, to: ben.kid });
  t.mock.timers.tick(3000);
  await answering;
  assert.equal(room.wraps.length, before);
});

test("a key that lacks the account's own wrap on the server is wrapped when the room is opened", async () => {
  const { session, room } = await roomOfTwo();
  room.wraps = room.wraps.filter(({ to }) => to !== ada.kid);
  await session.fetchKeys({ thorough: true });
  assert.equal(room.wraps.filter(({ to }) => to === ada.kid).length, 1);
  await session.fetchKeys({ thorough: true });
  assert.equal(room.wraps.filter(({ to }) => to === ada.kid).length, 1);
});

test("another key under a known person's id stops sending until it is approved", async () => {
  const { mine, id } = await roomOfTwo();
  await mine.store.people.savePin({ uid: ben.uid, kid: eve.kid, n: 1 });
  const again = await sessionOf(mine, id);
  assert.deepEqual(again.unapproved, [{ uid: ben.uid, name: "ben", kid: ben.kid, why: "newer" }]);
  await again.rotate();
  assert.equal(again.state.e, 1, "no key is wrapped to it");
});
