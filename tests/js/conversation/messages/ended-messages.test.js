import assert from "node:assert/strict";
import { test } from "node:test";
import { dropEnded } from "../../../../static/js/conversation/messages/drop-ended.js";
import { removeMember } from "../../../../static/js/conversation/room/members.js";
import { Rooms } from "../../../../static/js/conversation/rooms.js";
import { startOf } from "../../../../static/js/panels/shown-messages.js";
import { ada, ben } from "../../crypto/cast.js";
import { sessionOf, until } from "../world.js";
import { stage } from "./timeline-stage.js";

const DAY = 24 * 3600 * 1000;
const ago = (days) => ({ ts: Date.now() - days * DAY });

/** A room whose messages end after a day: two old ones, and one of now; ada has read them all. */
async function readRoom({ ttl = 1, ages = [3, 2, 0] } = {}) {
  const scene = await stage();
  for (const [at, days] of ages.entries())
    await scene.say(at % 2 ? ada : ben, `m${at + 1}`, ago(days));
  const timeline = scene.open();
  await timeline.load();
  assert.deepEqual(
    scene.texts(),
    ages.map((_, at) => `m${at + 1}`),
  );
  const rule = (session) => {
    session.state.policy = { ...session.state.policy, ttl };
    return session;
  };
  rule(scene.session);
  scene.me.code = "code";
  const kept = () => scene.me.store.messages.rowsBetween(scene.id, 1, 99);
  return { ...scene, timeline, rule, kept };
}

const start = ({ me, id, session, room }, timeline, empty) =>
  startOf(
    {
      me,
      chat: { serverRoom: () => ({ id, msg: room.rows.length }) },
      room: { session, timeline },
    },
    empty,
  );

test("what has ended while a tab was open is taken away, and deleted here", async () => {
  const room = await readRoom();
  assert.equal(await room.timeline.end(), true);
  assert.deepEqual(room.texts(), ["m3"]);
  assert.deepEqual(
    (await room.kept()).map(({ seq }) => seq),
    [3],
  );
  assert.equal(await room.timeline.end(), false, "there is nothing more to draw");
  assert.deepEqual(start(room, room.timeline, false), { kind: "expired", days: 1 });
});

test("a second visit shows none of what has ended, and neither does a third", async () => {
  const room = await readRoom({ ages: [3, 2] });
  for (let visit = 0; visit < 2; visit += 1) {
    room.shown.clear();
    const timeline = room.open();
    await timeline.load();
    assert.deepEqual(room.texts(), []);
    await timeline.end();
    assert.deepEqual(await room.kept(), []);
    assert.deepEqual(start(room, timeline, true), { kind: "expired", days: 1 });
    assert.equal(room.session.frozen, "");
  }
});

test("what the server has not deleted yet is not shown either, nor kept", async () => {
  const room = await readRoom();
  const fresh = room.world.browser(ada);
  const timeline = room.open(room.rule(await sessionOf(fresh, room.id)), fresh);
  room.shown.clear();
  await timeline.load();
  assert.deepEqual(room.texts(), ["m3"]);
  assert.equal(timeline.hasOlder, false);
  assert.equal(await timeline.goTo(1), false);
  await timeline.end();
  const rows = await fresh.store.messages.rowsBetween(room.id, 1, 99);
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    [3],
  );
});

test("new messages follow where all before have ended", async () => {
  const room = await readRoom({ ages: [3, 2] });
  await room.timeline.end();
  const row = await room.say(ben, "hello", ago(0));
  await room.timeline.receive([row]);
  assert.deepEqual(room.texts(), ["hello"]);
  assert.deepEqual([room.timeline.newest, room.timeline.hasNewer], [3, false]);
});

test("an honest end of an own message stops no room, at any visit", async () => {
  const room = await readRoom();
  room.room.oldest = 3;
  room.room.rows = room.room.rows.slice(2);
  await room.timeline.end();
  await room.timeline.reload();
  for (let visit = 0; visit < 2; visit += 1) {
    const again = room.rule(await sessionOf(room.me, room.id));
    room.shown.clear();
    const timeline = room.open(again);
    await timeline.load();
    await timeline.reload();
    assert.deepEqual([again.frozen, room.texts()], ["", ["m3"]]);
  }
});

test("a server whose clock runs ahead has nothing destroyed", async () => {
  const room = await readRoom({ ttl: 30 });
  room.me.clock.now = () => Date.now() + 400 * DAY;
  assert.equal(await room.timeline.end(), false);
  await dropEnded(room.me, room.session);
  assert.deepEqual(room.texts(), ["m1", "m2", "m3"]);
  assert.equal((await room.kept()).length, 3);
});

test("a device whose clock runs ahead destroys nothing either", async () => {
  const room = await readRoom({ ttl: 30 });
  const real = Date.now;
  Date.now = () => real() + 400 * DAY;
  try {
    room.me.clock.now = real;
    assert.equal(await room.timeline.end(), false);
  } finally {
    Date.now = real;
  }
  assert.equal((await room.kept()).length, 3);
});

test("it goes on where one was removed, and the beginning says why nothing is left", async () => {
  const room = await stage();
  const bens = room.world.browser(ben);
  const his = await sessionOf(bens, room.id);
  await room.say(ada, "one", ago(3));
  await room.open(his, bens).load();
  await removeMember(room.me, room.session, { uid: ben.uid, ban: false });
  for (let visit = 0; visit < 2; visit += 1) {
    const again = await sessionOf(bens, room.id);
    again.state.policy = { ...again.state.policy, ttl: 1 };
    again.state.ts = ago(2).ts;
    assert.equal(again.isOut, true);
    room.shown.clear();
    const timeline = room.open(again, bens);
    await timeline.load();
    await timeline.end();
    assert.deepEqual(room.texts(), []);
    assert.deepEqual(await bens.store.messages.rowsBetween(room.id, 1, 9), []);
    assert.deepEqual(start({ ...room, session: again }, timeline, true), {
      kind: "expired",
      days: 1,
    });
    again.state.ts = Date.now();
    assert.deepEqual(start({ ...room, session: again }, timeline, true), { kind: "kept" });
  }
});

test("lost messages and what was read for searching end as well", async () => {
  const room = await readRoom();
  const { settings } = room.me.store;
  await settings.saveProgress(room.id, "lost", [{ after: 0, rows: await room.kept() }]);
  const items = [1, 3].map((seq) => ({
    seq,
    ...ago(seq === 1 ? 3 : 0),
    content: { t: "text", body: `m${seq}` },
  }));
  const mark = { from: 1, to: 3, locked: [], epochs: 1 };
  await room.me.store.part().saveArchive(room.id, new Map([[0, items]]), mark);
  const locks = { request: async (_name, _how, work) => work({}) };
  await dropEnded(room.me, room.session, locks);
  const [{ rows }] = await settings.progress(room.id, "lost");
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    [3],
  );
  const [segment] = await room.me.store.part().archive(room.id);
  assert.deepEqual(
    segment.map(({ seq }) => seq),
    [3],
  );
});

test("a room that is only listed loses what has ended, too", async () => {
  const room = await readRoom();
  const rooms = new Rooms(room.me);
  const session = rooms.session.bind(rooms);
  rooms.session = async (id) => room.rule(await session(id));
  await rooms.load();
  await until(async () => (await room.kept()).length === 1, "the rows to go");
  assert.deepEqual(
    (await room.kept()).map(({ seq }) => seq),
    [3],
  );
});
