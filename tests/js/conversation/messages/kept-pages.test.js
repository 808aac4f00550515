/** What a reader has scrolled or jumped to is kept as what came by itself is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { appendSimple } from "../../../../static/js/conversation/room/append-event.js";
import { b64, unb64 } from "../../../../static/js/crypto/bytes.js";
import { sha256 } from "../../../../static/js/crypto/hash.js";
import { openHeader } from "../../../../static/js/crypto/message.js";
import { ada, ben } from "../../crypto/cast.js";
import { sessionOf } from "../world.js";
import { longStages, stage } from "./timeline-stage.js";

const longRoom = longStages(120);
const upTo = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => first + at);
const keptSeqs = async ({ me, id }) =>
  (await me.store.messages.rowsBetween(id, 1, 999)).map(({ seq }) => seq);
const lostTexts = ({ lost }) => lost.flatMap(({ items }) => items.map(({ text }) => text));
const readAll = async (timeline) => {
  while (timeline.hasOlder) await timeline.older();
};

/** The room as a page finds it that is loaded anew. */
async function revisit(room) {
  room.shown.clear();
  const session = await sessionOf(room.me, room.id);
  const timeline = room.open(session);
  await timeline.load();
  return { session, timeline };
}

/** The server keeps of a message what it keeps of erased ones. */
async function erase({ rows }, seq, by) {
  const { ct, ...rest } = rows[seq - 1];
  rows[seq - 1] = { ...rest, sha: b64(await sha256(unb64(ct))), del: by };
}

/** A room in which Ben alone has written. */
async function bensRoom(many) {
  const room = await stage();
  for (let seq = 1; seq <= many; seq += 1) await room.say(ben, `m${seq}`);
  return room;
}

for (const [way, go, first] of [
  ["scrolled to", (timeline) => timeline.older(), 1],
  ["jumped to", (timeline) => timeline.goTo(60), 10],
])
  test(`hostile_ what was ${way} stays readable where the server takes it back`, async () => {
    const room = await bensRoom(100);
    const timeline = room.open();
    await timeline.load();
    await go(timeline);
    room.room.rows = room.room.rows.slice(0, 1);
    await timeline.rewound();
    const lost = upTo(Math.max(first, 2), 100).map((seq) => `m${seq}`);
    assert.deepEqual([lostTexts(timeline), room.session.frozen], [lost, ""]);
    assert.deepEqual(lostTexts((await revisit(room)).timeline), lost, "also at the next visit");
  });

test("hostile_ an own message that was scrolled to may not be gone at the next visit", async () => {
  const room = await longRoom();
  const timeline = room.open();
  await timeline.load();
  await timeline.older();
  room.room.rows = room.room.rows.filter(({ seq }) => seq !== 30); // ada's, by another of her devices
  const { session, timeline: again } = await revisit(room);
  await readAll(again);
  assert.equal(session.frozen, "cheated");
});

test("hostile_ other words at the number of what was scrolled to are told at the next visit", async () => {
  const room = await longRoom();
  const timeline = room.open();
  await timeline.load();
  await timeline.older();
  const other = { ...(await room.say(ben, "instead")), seq: 31 };
  room.room.rows.pop();
  room.room.rows[30] = other;
  const { session, timeline: again } = await revisit(room);
  await readAll(again);
  assert.deepEqual([session.frozen, lostTexts(again)], ["", ["m31"]]);
});

test("hostile_ a row that contradicts what was verified is not kept in its place", async () => {
  const room = await longRoom();
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(20);
  await timeline.goTo(100);
  await room.me.store.messages.dropRows(room.id, [31]); // as of a room with very many messages
  const other = { ...(await room.say(ben, "instead")), seq: 31 };
  room.room.rows.pop();
  room.room.rows[30] = other;
  await timeline.goTo(20);
  await timeline.checkAcknowledged(); // its turn comes after what is kept
  assert.equal((await keptSeqs(room)).includes(31), false);
});

test("a change that came with a page is kept with it", async () => {
  const room = await longRoom(100);
  const [, , , target] = room.room.rows;
  const of = [4, (await openHeader(target)).id];
  await room.say(ben, "", { content: { t: "edit", of, body: "corrected" } });
  for (let seq = 102; seq <= 180; seq += 1) await room.say(ben, `m${seq}`);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(4);
  await timeline.checkAcknowledged();
  assert.deepEqual(await keptSeqs(room), [...upTo(1, 53), 101, ...upTo(151, 180)]);
});

test("what is kept already stays as it is", async () => {
  const room = await longRoom();
  const timeline = room.open();
  await timeline.load();
  const other = { ...room.room.rows[99], sig: room.room.rows[0].sig };
  await room.me.store.messages.saveRows(room.id, [other]);
  await timeline.goTo(80);
  await timeline.checkAcknowledged();
  const [row] = await room.me.store.messages.rowsBetween(room.id, 100, 100);
  assert.equal(row.sig, other.sig);
  assert.deepEqual(await keptSeqs(room), upTo(30, 120));
});

test("hostile_ a jump to before the first message compares all that is kept before it", async () => {
  const room = await stage();
  await appendSimple(room.me, room.session, (state) => ({
    t: "policy",
    policy: { ...state.policy, ttl: 30 },
  }));
  for (let seq = 1; seq <= 70; seq += 1) await room.say(seq === 16 ? ada : ben, `m${seq}`);
  await readAll((await revisit(room)).timeline);
  room.room.rows = room.room.rows.slice(18);
  room.room.oldest = 19;
  const { session, timeline } = await revisit(room);
  await timeline.goTo(1);
  assert.equal(session.frozen, "cheated");
});

test("all that was read of a closed room stays readable, page by page", async () => {
  const room = await bensRoom(80);
  await readAll((await revisit(room)).timeline);
  await appendSimple(room.me, room.session, () => ({ t: "close" }));
  Object.assign(room.room, { rows: [], oldest: 0 });
  const { timeline } = await revisit(room);
  assert.equal(timeline.hasOlder, true);
  await readAll(timeline);
  assert.deepEqual(
    room.texts(),
    upTo(1, 80).map((seq) => `m${seq}`),
  );
});

test("a deleted message goes from what is kept, also where it is not shown", async () => {
  const room = await longRoom();
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(20);
  await timeline.goToNewest();
  const of = [[20, (await openHeader(room.room.rows[19])).id]];
  const deletion = await room.say(ben, "", { content: { t: "delete", of } });
  await erase(room.room, 20, deletion.seq);
  await timeline.receive([deletion]);
  const [row] = await room.me.store.messages.rowsBetween(room.id, 20, 20);
  assert.equal(row.ct, undefined);
  assert.deepEqual([...room.shown.keys()].includes(20), false);
});

test("hostile_ who may not delete a message has none taken from what is kept", async () => {
  const room = await longRoom();
  const timeline = room.open();
  await timeline.load();
  const [seq, shown] = [21, 120]; // ada's, of whom ben is no leader
  await timeline.goTo(seq);
  await timeline.goToNewest();
  const ids = await Promise.all(
    [seq, shown].map(async (at) => [at, (await openHeader(room.room.rows[at - 1])).id]),
  );
  const deletion = await room.say(ben, "", { content: { t: "delete", of: ids } });
  for (const [at] of ids) await erase(room.room, at, deletion.seq);
  await timeline.receive([deletion]);
  for (const [at] of ids) {
    const [row] = await room.me.store.messages.rowsBetween(room.id, at, at);
    assert.notEqual(row.ct, undefined);
  }
  assert.equal(room.shown.get(shown).text, "m120");
});
