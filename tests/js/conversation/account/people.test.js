import assert from "node:assert/strict";
import { test } from "node:test";
import {
  TrustDecisions,
  UntrustedIdentityError,
} from "../../../../static/js/conversation/account/trust-decisions.js";
import { createRoom } from "../../../../static/js/conversation/room/create.js";
import { startDirect } from "../../../../static/js/conversation/room/direct.js";
import { acceptServerVersion } from "../../../../static/js/conversation/room/evidence.js";
import {
  createInvitation,
  joinByInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { keyHealth, shareMissingKeys } from "../../../../static/js/conversation/room/key-health.js";
import {
  acceptKnock,
  fetchKnocks,
  knockAfterReset,
} from "../../../../static/js/conversation/room/knocks.js";
import {
  addMember,
  removeMember,
  resetMember,
} from "../../../../static/js/conversation/room/members.js";
import { rotationRequest } from "../../../../static/js/conversation/room/rotation.js";
import { newId } from "../../../../static/js/crypto/bytes.js";
import { makeIdentity, openIdentity } from "../../../../static/js/crypto/identity.js";
import { parseLink } from "../../../../static/js/crypto/link-secret.js";
import { ada, ben, eve } from "../../crypto/cast.js";
import { sessionOf, World } from "../world.js";

/** Somebody under other keys: those of a reset, or made up by the server. */
async function again(who, { n = 2, prev = who.kid, uid = who.uid, keys = eve.keys } = {}) {
  const signed = await makeIdentity(keys, { uid, name: who.name, n, prev });
  const identity = await openIdentity(signed);
  const { kid } = identity;
  return { ...who, uid, keys, kid, signed, identity, signer: { ...who.signer, uid, kid } };
}

const second = (who) => again(who, { n: 1, prev: "", uid: newId() });

async function secretOf(me, session, hours = 24) {
  const { url } = await createInvitation(me, session, { hours, max: 9 }, "https://sotto.test");
  return parseLink(new URL(url).hash);
}

/** A room of Ada's, and those who joined it. */
async function roomWith(world, mine, ...others) {
  const id = await createRoom(mine, { name: "Orchard", topic: "" });
  const session = await sessionOf(mine, id);
  const secret = await secretOf(mine, session);
  for (const other of others) await joinByInvitation(other, secret, () => {});
  await session.refresh();
  return { id, session, secret, room: world.rooms.get(id) };
}

/** Ada, who has met Ben. */
async function acquainted() {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  return { world, mine, bens, ...(await roomWith(world, mine, bens)) };
}

const doubts = (why) => (error) =>
  error instanceof UntrustedIdentityError && error.strangers.some((one) => one.why === why);

/** To whom anything was wrapped that is not in `known`. */
function wrappedTo(world, ...known) {
  const kids = [...world.rooms.values()].flatMap(({ wraps }) => wraps.map(({ to }) => to));
  return new Set(kids.filter((kid) => !known.some((one) => one.kid === kid)));
}

/** The server answers a look-up of Ben with another identity. */
function answers(world, who) {
  world.people.set(who.kid, who);
  world.find = () => ({ uid: who.uid, name: who.name, identity: who.signed });
}

test("hostile: an older key of somebody whose newer one was approved gets no new room", async () => {
  const { world, mine, session } = await acquainted();
  const newer = await again(ben);
  await (await session.people.decisions()).approve(newer.identity);
  const rooms = world.rooms.size;
  answers(world, ben);
  await assert.rejects(startDirect(mine, "ben"), doubts("older"));
  assert.equal(world.rooms.size, rooms, "not even a room was made");
  const other = await createRoom(mine, { name: "Other", topic: "" });
  const there = await sessionOf(mine, other);
  await assert.rejects(
    addMember(mine, there, { identity: ben.identity, iid: "" }),
    doubts("older"),
  );
  await session.updateUnapproved();
  assert.deepEqual(session.unapproved, [], "where it stood before, it counts");
});

test("hostile: an older key that comes into a room after the newer one was approved", async () => {
  const { world, mine, bens, session } = await acquainted();
  await (await session.people.decisions()).approve((await again(ben)).identity);
  const other = await roomWith(world, mine, bens);
  assert.deepEqual(
    other.session.unapproved.map(({ why }) => why),
    ["older"],
  );
  await assert.rejects(rotating(mine, other.session), doubts("older"));
  await other.session.acceptOlder(ben.kid);
  assert.deepEqual(other.session.unapproved, []);
  const third = await roomWith(world, mine, bens);
  assert.equal(third.session.unapproved.length, 1, "that was for one room");
});

/** What wraps a new key to everybody. */
const rotating = (me, session) => rotationRequest(me, session, new Uint8Array(32), []);

test("hostile: an older key that left its room and came back counts no more", async () => {
  const { mine, bens, session, id } = await acquainted();
  await (await session.people.decisions()).approve((await again(ben)).identity);
  await session.updateUnapproved();
  assert.deepEqual(session.unapproved, []);
  await (await sessionOf(bens, id)).leave();
  await session.refresh();
  await joinByInvitation(bens, await secretOf(mine, session), () => {});
  await session.refresh();
  assert.deepEqual(
    session.unapproved.map(({ why }) => why),
    ["older"],
  );
});

test("hostile: a newer key that nobody approved gets nothing", async () => {
  const { world, mine, session } = await acquainted();
  const made = await again(ben);
  answers(world, made);
  await assert.rejects(startDirect(mine, "ben"), doubts("newer"));
  const other = await sessionOf(mine, await createRoom(mine, { name: "Other", topic: "" }));
  await assert.rejects(
    addMember(mine, other, { identity: made.identity, iid: "" }),
    doubts("newer"),
  );
  assert.deepEqual([...wrappedTo(world, ada, ben)], []);
  await (await session.people.decisions()).approve(made.identity);
  await addMember(mine, other, { identity: made.identity, iid: "" });
  assert.ok(other.state.members.has(ben.uid));
});

test("hostile: another key of the same number is a new key, too", async () => {
  const { world, mine, session } = await acquainted();
  await (await session.people.decisions()).approve((await again(ben)).identity);
  const other = await again(ben, { keys: ada.keys });
  answers(world, other);
  await assert.rejects(startDirect(mine, "ben"), doubts("newer"));
  await (await session.people.decisions()).approve(other.identity);
  await startDirect(mine, "ben");
});

test("hostile: a second uid of a known name gets nothing, and the first one neither", async () => {
  const { world, mine, session } = await acquainted();
  const other = await second(ben);
  answers(world, other);
  await assert.rejects(startDirect(mine, "ben"), doubts("namesake"));
  await session.updateUnapproved();
  assert.deepEqual(
    session.unapproved.map(({ uid, why }) => [uid, why]),
    [[ben.uid, "namesake"]],
  );
  await assert.rejects(rotating(mine, session), doubts("namesake"));
  assert.deepEqual([...wrappedTo(world, ada, ben)], []);
  await (await session.people.decisions()).decideNamesake("ben", other.uid, true);
  await session.updateUnapproved();
  assert.deepEqual(session.unapproved, []);
  const direct = await startDirect(mine, "ben");
  assert.ok((await sessionOf(mine, direct)).state.members.has(other.uid));
});

test("hostile: a second uid that was refused stops only what would go to it", async () => {
  const { world, mine, session } = await acquainted();
  const other = await second(ben);
  answers(world, other);
  await assert.rejects(startDirect(mine, "ben"), doubts("namesake"));
  await (await session.people.decisions()).decideNamesake("ben", other.uid, false);
  await session.updateUnapproved();
  assert.deepEqual(session.unapproved, []);
  await assert.rejects(startDirect(mine, "ben"), doubts("namesake"));
});

test("hostile: two uids of one name in one room, both seen for the first time", async () => {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const others = world.browser(await second(ben));
  const { session } = await roomWith(world, mine, bens, others);
  assert.deepEqual(
    session.unapproved.map(({ why }) => why),
    ["namesake", "namesake"],
  );
  const [late] = await (await session.people.decisions()).undecidedNamesakes("ben");
  await removeMember(mine, session, { uid: late, ban: true });
  assert.deepEqual(session.unapproved, [], "who removes one of them has decided");
  assert.ok(session.keys.get(2));
});

test("hostile: another account under the user's own name", async () => {
  const world = new World();
  const mine = world.browser(ada);
  const other = await second(ada);
  const { session } = await roomWith(world, mine, world.browser(other));
  assert.deepEqual(
    session.unapproved.map(({ uid, why }) => [uid, why]),
    [[other.uid, "namesake"]],
  );
});

test("hostile: a known person under another name", async () => {
  const { world, mine, session } = await acquainted();
  const renamed = { ...(await again({ ...ben, name: "bennie" }, { n: 2, prev: ben.kid })) };
  const other = await sessionOf(mine, await createRoom(mine, { name: "Other", topic: "" }));
  const adding = addMember(mine, other, { identity: renamed.identity, iid: "" });
  await assert.rejects(adding, doubts("renamed"));
  await assert.rejects(
    (await session.people.decisions()).approve(renamed.identity),
    doubts("renamed"),
  );
  assert.deepEqual([...wrappedTo(world, ada, ben)], []);
});

test("hostile: who asks to be let in under a known name, or with a key that was given up", async () => {
  const { world, mine, session } = await acquainted();
  const id = await createRoom(mine, { name: "Quiet", topic: "", policy: { join: "approve" } });
  const quiet = await sessionOf(mine, id);
  world.rooms.get(id).approve = true;
  const other = world.browser(await second(ben));
  await joinByInvitation(other, await secretOf(mine, quiet), () => {});
  const [knock] = await fetchKnocks(mine, quiet);
  await assert.rejects(acceptKnock(mine, quiet, knock), doubts("namesake"));
  assert.equal(quiet.state.members.size, 1);
  await (await session.people.decisions()).decideNamesake("ben", other.uid, true);
  await acceptKnock(mine, quiet, knock);
  assert.equal(quiet.state.members.size, 2);
});

test("hostile: a member's reset to a key older than the one approved", async () => {
  const { mine, session } = await acquainted();
  const [older, newest] = [await again(ben), await again(ben, { n: 3, prev: "k".repeat(43) })];
  await (await session.people.decisions()).approve(newest.identity);
  await assert.rejects(resetMember(mine, session, older.identity), /older/);
  assert.equal(session.state.members.get(ben.uid).kid, ben.kid);
});

test("hostile: keys that are asked for or missing are not handed to an account in doubt", async () => {
  const { world, mine, bens, session } = await acquainted();
  await (await session.people.decisions()).approve((await again(ben)).identity);
  const other = await roomWith(world, mine, bens);
  other.room.wraps = other.room.wraps.filter(({ to }) => to !== ben.kid);
  const asked = { e: 1, uid: ben.uid, kid: ben.kid };
  await assert.rejects(other.session.answerKeyRequest(asked), doubts("older"));
  await shareMissingKeys(mine, other.session, () => {});
  assert.equal((await keyHealth(mine, other.session)).missing, 1);
});

test("an honest reset takes one approval, and goes on everywhere", async () => {
  const { world, mine, session, id } = await acquainted();
  const other = await roomWith(world, mine, world.browser(ben));
  const newer = await again(ben);
  const bens = { ...world.browser(newer), past: [ben.kid] };
  for (const room of [id, other.id]) await knockAfterReset(bens, room);
  for (const there of [session, other.session]) {
    const [knock] = await fetchKnocks(mine, there);
    assert.equal(knock.kind, "reset");
    await acceptKnock(mine, there, knock);
    await there.updateUnapproved();
    assert.deepEqual(there.unapproved, []);
  }
  answers(world, newer);
  const direct = await startDirect(mine, "ben");
  assert.equal(world.rooms.get(direct).members.get(ben.uid), newer.kid);
});

test("a second browser of the same account believes who is there", async () => {
  const { world, id } = await acquainted();
  const elsewhere = await sessionOf(world.browser(ada), id);
  assert.deepEqual(elsewhere.unapproved, []);
  assert.ok(elsewhere.writable);
});

test("pins of an older version: their older keys count where they stand now", async () => {
  const { world, mine, bens, session } = await acquainted();
  const newer = await again(ben);
  const { uid, n, kid } = newer.identity;
  await mine.store.people.savePin({ uid, n, kid, past: [ben.kid], verified: "" });
  await session.updateUnapproved();
  assert.deepEqual(session.unapproved, []);
  const other = await roomWith(world, mine, bens);
  assert.equal(other.session.unapproved.length, 1);
});

test("fault: yesterday's backup, and an account that was lost and made anew", async () => {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const { id, session, room } = await roomWith(world, mine);
  const backup = [...room.events];
  await joinByInvitation(bens, await secretOf(mine, session), () => {});
  await session.refresh();
  assert.deepEqual(session.unapproved, []);
  // The server goes back: Ben's account was never there, and he makes another of that name.
  room.startAnew();
  for (const event of backup) await room.append(event);
  const keysBefore = (await mine.store.rooms.keys(id)).size;
  await acceptServerVersion(mine, id); // one act for the log
  const after = await sessionOf(mine, id);
  const anew = world.browser(await second(ben));
  await joinByInvitation(anew, await secretOf(mine, after), () => {});
  await after.refresh();
  assert.deepEqual(
    after.unapproved.map(({ why }) => why),
    ["namesake"],
  );
  await new TrustDecisions(mine).decideNamesake("ben", anew.uid, true); // and one for the person
  await after.updateUnapproved();
  assert.ok(after.writable);
  await after.rotate();
  assert.equal((await mine.store.rooms.keys(id)).size, keysBefore + 1, "no key was lost");
});
