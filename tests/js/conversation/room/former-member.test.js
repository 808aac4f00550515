import assert from "node:assert/strict";
import { test } from "node:test";
import { exportKept } from "../../../../static/js/conversation/room/export-kept.js";
import { leaveRoom, removeMember } from "../../../../static/js/conversation/room/members.js";
import { factsOf, roomEnd } from "../../../../static/js/conversation/room/room-end.js";
import { RoomSession } from "../../../../static/js/conversation/room/room-session.js";
import { Rooms } from "../../../../static/js/conversation/rooms.js";
import { ada, ben } from "../../crypto/cast.js";
import { stage } from "../messages/timeline-stage.js";
import { sessionOf, until } from "../world.js";

/** Ben has read "one" and "two", his own, in ada's room; then something ends it for him. */
async function end(act) {
  const scene = await stage();
  const { world, id, session, say } = scene;
  const bens = world.browser(ben);
  const his = await sessionOf(bens, id);
  await say(ada, "one");
  await say(ben, "two");
  const timeline = scene.open(his, bens);
  await timeline.load();
  await act({ ...scene, bens, his, timeline });
  return { ...scene, world, session, bens, his, timeline };
}

const removed = ({ me, session }) => removeMember(me, session, { uid: ben.uid, ban: false });
const stateOf = (me, session) => roomEnd(factsOf(me, session));

test("a removed member learns by whom, at once and at the next visit, and reads what was kept", async () => {
  const { bens, his, id, me, texts, shown, open } = await end(removed);
  await his.refresh();
  assert.deepEqual([stateOf(bens, his).kind, stateOf(bens, his).who], ["removed", me.name]);
  assert.equal(his.writable, false);
  for (let visit = 0; visit < 2; visit += 1) {
    const again = await sessionOf(bens, id);
    assert.equal(stateOf(bens, again).kind, "removed");
    assert.equal(again.profile.name, "Orchard", "the name opens from what was kept");
    shown.clear();
    const timeline = open(again, bens);
    await timeline.load();
    await timeline.older();
    assert.equal(await timeline.goTo(1), true);
    assert.deepEqual(texts(), ["one", "two"]);
    assert.equal(again.frozen, "");
  }
});

test("a ban is told apart from a removal", async () => {
  const { bens, his } = await end(({ me, session }) =>
    removeMember(me, session, { uid: ben.uid, ban: true }),
  );
  await his.refresh();
  assert.equal(stateOf(bens, his).kind, "banned");
});

test("an acknowledged message that was never seen again stops no room that one was removed from", async () => {
  const { bens, id, watch, open } = await end(removed);
  watch.owed = [7];
  const again = await sessionOf(bens, id);
  await open(again, bens).load();
  assert.equal(again.frozen, "");
});

test("who left in another browser sees that, and may remove the room here", async () => {
  const { world, bens, id } = await end(async ({ world: server, id: room }) => {
    const other = server.browser(ben);
    await leaveRoom(other, await sessionOf(other, room));
  });
  const rooms = new Rooms(bens);
  await rooms.load();
  await rooms.session(id);
  await new Promise((resolve) => setImmediate(resolve));
  const line = () => rooms.list.items.find((one) => one.id === id);
  while (!line()?.end) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([line().end, line().kept, line().name], ["left", true, "Orchard"]);
  await rooms.forget(id);
  assert.equal(line(), undefined);
  assert.equal(await bens.store.rooms.log(id), undefined);
  assert.equal(world.rooms.has(id), true);
});

for (const [how, act, kind] of [
  [
    "removed",
    ({ me, session }) => removeMember(me, session, { uid: ben.uid, ban: false }),
    "removed",
  ],
  ["banned", ({ me, session }) => removeMember(me, session, { uid: ben.uid, ban: true }), "banned"],
]) {
  test(`who was ${how} while offline learns it in the list and in the room, by whom and when`, async () => {
    const { me, id, session, bens } = await end(async () => {});
    const rooms = new Rooms(bens);
    await rooms.load();
    const before = await rooms.session(id);
    assert.equal(before.isOut, false);
    await act({ me, session });
    await rooms.loadOnce(); // a pong lacks the room
    const line = () => rooms.list.items.find((one) => one.id === id);
    await until(() => line().end, "the end in the list");
    assert.deepEqual([line().end, line().kept, line().endedBy.who], [kind, true, me.name]);
    assert.ok(line().endedBy.at > 0);
    const again = await rooms.session(id);
    assert.deepEqual([again.isOut, again.writable, stateOf(bens, again).kind], [true, false, kind]);
  });
}

test("a room that was opened before the list came without it is not writable", async () => {
  const { me, id, session, bens } = await end(async () => {});
  const rooms = new Rooms(bens);
  await rooms.load();
  await rooms.session(id);
  rooms.list.set([]); // the list of now, before anything is described
  await removeMember(me, session, { uid: ben.uid, ban: false });
  assert.equal((await rooms.session(id)).writable, false);
});

test("who left in another browser while this one was offline sees it in the list", async () => {
  const { world, id, bens } = await end(async () => {});
  const rooms = new Rooms(bens);
  await rooms.load();
  await rooms.session(id);
  const other = world.browser(ben);
  await leaveRoom(other, await sessionOf(other, id));
  await rooms.loadOnce();
  const line = () => rooms.list.items.find((one) => one.id === id);
  await until(() => line().end, "the end in the list");
  assert.deepEqual([line().end, line().endedBy.who], ["left", ""]);
});

test("who leaves here keeps what was read, also without the server", async () => {
  const { world, bens, id, open, texts, shown } = await end(({ bens: me, his }) =>
    leaveRoom(me, his),
  );
  world.before = () => {
    throw new TypeError("offline");
  };
  const again = await sessionOf(bens, id);
  assert.deepEqual([stateOf(bens, again).kind, again.writable], ["left", false]);
  shown.clear();
  await open(again, bens).load();
  assert.deepEqual(texts(), ["one", "two"]);
  assert.equal(again.frozen, "");
});

test("a server that only denies a room proves nothing, and is not believed", async () => {
  const { bens, id, room } = await end(async () => {});
  room.members.delete(ben.uid);
  const again = await sessionOf(bens, id);
  assert.equal(stateOf(bens, again).kind, "missing");
  assert.equal(again.frozen, "");
  assert.equal(again.writable, false);
  room.members.set(ben.uid, ben.kid);
  await again.refresh();
  assert.equal(stateOf(bens, again), null);
});

test("a room that was never verified here is not opened by a denial", async () => {
  const { world, id, room } = await end(async () => {});
  room.members.delete(ben.uid);
  const fresh = new RoomSession(world.browser(ben), id);
  await assert.rejects(fresh.load(), { status: 404 });
});

test("without a server a room opens from its kept log, though the kept list is older", async () => {
  for (const act of [removed, async () => {}]) {
    const { bens, his, id } = await end(act);
    const before = await his.keys.epochs;
    await his.refresh();
    const { get } = bens.api;
    const away = Object.assign(new Error("away"), { status: 0, isAway: true });
    bens.api.get = async () => {
      throw away;
    };
    const again = new RoomSession(bens, id);
    await again.load({ head: [0, "x".repeat(43)] });
    assert.equal(stateOf(bens, again)?.kind, act === removed ? "removed" : undefined);
    assert.deepEqual([again.keys.epochs, again.frozen], [before, ""]);
    bens.api.get = async () => {
      throw Object.assign(new Error("refused"), { status: 429 });
    };
    await assert.rejects(new RoomSession(bens, id).load({ head: [0, "x".repeat(43)] }));
    bens.api.get = get;
  }
});

test("what is kept is exported with its words and its signed rows", async () => {
  const { bens, his, id } = await end(removed);
  await his.refresh();
  const entry = (cid, at, state, content) => ({ room: id, cid, at, state, content });
  for (const one of [
    entry("b", 2, "failed", { t: "text", body: "from the tunnel" }),
    entry("a", 1, "queued", { t: "poll", body: "who is here?", options: ["I", "not I"], multi: 0 }),
    entry("c", 3, "acked", { t: "text", body: "it was stored" }),
    entry("d", 4, "queued", { t: "react", of: [1, "x"], emoji: "👍", on: 1 }),
    { ...entry("e", 5, "queued", { t: "text", body: "elsewhere" }), room: "another" },
  ])
    await bens.store.outbox.addEntry(one);
  const file = JSON.parse(await exportKept(bens, his));
  assert.deepEqual(file.unsent, ["who is here?", "from the tunnel"]);
  assert.deepEqual([file.room, file.name, file.exit.t], [id, "Orchard", "remove"]);
  assert.deepEqual(
    file.messages.map(({ text }) => text),
    ["one", "two"],
  );
  assert.equal(file.rows.length, 2);
});

test("a room that stopped stays so in the list of the next visit, until it was read again", async () => {
  const { id, bens } = await end(async () => {});
  const lineOf = (rooms) => rooms.list.items.find((one) => one.id === id);
  const visit = async () => {
    const rooms = new Rooms(bens);
    await rooms.restore();
    await rooms.load();
    const session = await rooms.session(id);
    await rooms.describeAgain();
    return { rooms, session };
  };
  const first = await visit();
  first.session.freeze("cheated", "message");
  assert.equal(lineOf(first.rooms).end, "frozen");
  await until(
    async () => (await bens.store.settings.sealedSetting("lines"))?.some((one) => one.end),
    "the list that was kept",
  );
  const { rooms, session } = await visit();
  assert.equal(session.frozen, "", "nobody has read it in this visit");
  assert.equal(lineOf(rooms).end, "frozen");
  rooms.noteRead(session); // the server's copy fits again, or was accepted
  assert.equal(lineOf(rooms).end, "");
  rooms.close();
  first.rooms.close();
});
