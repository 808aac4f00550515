/** A server that answers a jump with less, with more or with something else than it did before. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, unb64 } from "../../../../static/js/crypto/bytes.js";
import { ada, ben } from "../../crypto/cast.js";
import { sessionOf } from "../world.js";
import { edit, lines, longStages } from "./timeline-stage.js";

const longRoom = longStages(250); // every third is ada's, who reads
const ADAS = 51;
const BENS = 50;

const lineOf = (room, timeline, seq) =>
  lines(room, timeline)
    .find(([at]) => at === seq)
    ?.slice(1);
const lostTexts = ({ lost }) => lost.flatMap(({ items }) => items.map(({ text }) => text));

/** The server gives other rows. */
const give = ({ room }, change) => {
  room.rows = change(room.rows);
};
const without = (seq) => (rows) => rows.filter((row) => row.seq !== seq);
const with_ = (seq, change) => (rows) =>
  rows.map((row) => (row.seq === seq ? change(row, rows) : row));

/** Other bytes of the same length. */
function flipped(text) {
  const bytes = unb64(text);
  bytes[0] ^= 1;
  return b64(bytes);
}

/** A timeline that was opened and has read the messages around some. */
async function readAround(room, ...seqs) {
  const timeline = room.open();
  await timeline.load();
  for (const seq of seqs) await timeline.goTo(seq);
  return timeline;
}

/** A browser whose storage keeps no messages. */
const keepNothing = ({ me }) => {
  for (const name of ["saveRows", "addRows"]) me.store.messages[name] = async () => false;
};

/** The room as a page finds it that is loaded anew. */
async function revisit(room) {
  room.shown.clear();
  const session = await sessionOf(room.me, room.id);
  const timeline = room.open(session);
  await timeline.load();
  return { session, timeline };
}

// --- fewer messages ----------------------------------------------------------------------------

test("hostile_ a jump that is answered with fewer messages than were seen tells at once what is lost", async () => {
  const room = await longRoom(200);
  for (let seq = 201; seq <= 204; seq += 1) await room.say(ben, `m${seq}`);
  const timeline = await readAround(room);
  give(room, (rows) => rows.slice(0, 200));
  await timeline.goTo(60);
  assert.deepEqual(lostTexts(timeline), ["m201", "m202", "m203", "m204"]);
  assert.equal(room.session.frozen, "");
  assert.deepEqual([timeline.newest, timeline.shows(60)], [200, true]);
});

for (const kept of [true, false])
  test(`hostile_ an own message after the newest one of a jump stops the room, ${kept ? "kept" : "not kept"} here`, async () => {
    const room = await longRoom(201); // 201 is ada's
    if (!kept) keepNothing(room);
    const timeline = await readAround(room);
    give(room, (rows) => rows.slice(0, 199));
    await timeline.goTo(60);
    assert.equal(room.session.frozen, "cheated");
  });

for (const move of ["older", "newer"])
  test(`hostile_ fewer messages than were seen are noticed on the way to ${move} ones`, async () => {
    const room = await longRoom(201);
    const timeline = await readAround(room, 100);
    give(room, (rows) => rows.slice(0, 180));
    await timeline[move]();
    assert.equal(room.session.frozen, "cheated");
  });

test("hostile_ an own message that the newest page leaves out stops the room, also where nothing is kept", async () => {
  const room = await longRoom(210);
  keepNothing(room);
  const timeline = await readAround(room);
  give(room, without(204)); // ada's
  await timeline.reload();
  assert.equal(room.session.frozen, "cheated");
});

test("hostile_ a message of others that the newest page leaves out is missing, also where nothing is kept", async () => {
  const room = await longRoom(210);
  keepNothing(room);
  const timeline = await readAround(room);
  give(room, without(205));
  await timeline.reload();
  assert.deepEqual(lineOf(room, timeline, 206), ["m206", true]);
  assert.equal(room.session.frozen, "");
});

// --- other bytes -------------------------------------------------------------------------------

for (const field of ["ct", "iv"])
  test(`hostile_ another ${field} under the header of a message of an earlier visit is not that message`, async () => {
    const room = await longRoom();
    await readAround(room, 50);
    const change = (row) => ({ ...row, [field]: flipped(row[field]) });
    give(room, with_(BENS, change));
    const { session, timeline } = await revisit(room);
    await timeline.goTo(50);
    assert.deepEqual([lostTexts(timeline), session.frozen], [["m50"], ""]);
    assert.deepEqual(lineOf(room, timeline, BENS), ["refused", false]);
    give(room, with_(ADAS, change));
    const again = await revisit(room);
    await again.timeline.goTo(50);
    assert.equal(again.session.frozen, "cheated");
  });

test("hostile_ what is not valid by itself is not kept, and does not stay once it is right again", async () => {
  const room = await longRoom();
  const honest = room.room.rows;
  give(
    room,
    with_(BENS, (row) => ({ ...row, ct: flipped(row.ct) })),
  );
  const timeline = await readAround(room, 50);
  assert.deepEqual(lineOf(room, timeline, BENS), ["refused", false]);
  await timeline.checkAcknowledged(); // its turn comes after what is kept
  assert.deepEqual(await room.me.store.messages.rowsBetween(room.id, BENS, BENS), []);
  room.room.rows = honest;
  await timeline.goToNewest();
  await timeline.goTo(50);
  assert.deepEqual(lineOf(room, timeline, BENS), ["m50", false]);
});

// --- messages elsewhere ------------------------------------------------------------------------

for (const [way, go, extra] of [
  ["around one", (timeline) => timeline.goTo(100), 3],
  ["around one", (timeline) => timeline.goTo(100), 200],
  ["before one", (timeline) => timeline.older(), 249],
  ["a single one", (timeline) => timeline.read(100), 101],
])
  test(`hostile_ a page of the messages ${way} has no others: ${extra}`, async () => {
    const room = await longRoom();
    const timeline = await readAround(room);
    const before = lines(room, timeline);
    const { room: server } = room;
    const honest = server.messages.bind(server);
    server.messages = (query) => {
      const page = honest(query);
      return { ...page, messages: [...page.messages, server.rows[extra - 1]] };
    };
    await assert.rejects(go(timeline), { name: "WireError" });
    assert.deepEqual(lines(room, timeline), before);
    server.messages = honest;
    await go(timeline);
    assert.ok(lines(room, timeline).every(([, , gap]) => !gap));
  });

test("hostile_ later messages that begin before those asked for are refused, and reading ends", async () => {
  const room = await longRoom(100);
  const timeline = await readAround(room);
  for (let seq = 101; seq <= 105; seq += 1) await room.say(ben, `m${seq}`);
  const { room: server } = room;
  const honest = server.messages.bind(server);
  server.messages = (query) => ({ ...honest(query), messages: server.rows.slice(0, 5) });
  await assert.rejects(timeline.receive(server.rows.slice(-1)), { name: "WireError" });
  server.messages = honest;
  await timeline.receive(server.rows.slice(-1));
  assert.deepEqual(lineOf(room, timeline, 105), ["m105", false]);
});

test("hostile_ numbers that are closed over a message that was taken out refuse what follows", async () => {
  const room = await longRoom(120);
  give(room, (rows) => without(60)(rows).map((row) => ({ ...row, seq: row.seq - (row.seq > 60) })));
  const timeline = await readAround(room, 60);
  assert.deepEqual(lineOf(room, timeline, 59), ["m59", false]);
  assert.deepEqual(
    [60, 61, 62].map((seq) => lineOf(room, timeline, seq)[0]),
    ["refused", "refused", "refused"],
  );
});

test("hostile_ of two messages in the wrong order the one that knew the other is refused", async () => {
  const room = await longRoom(120);
  give(room, (rows) => {
    const swapped = [...rows];
    [swapped[60], swapped[61]] = [
      { ...rows[61], seq: 61 },
      { ...rows[60], seq: 62 },
    ];
    return swapped;
  });
  const timeline = await readAround(room, 61);
  const found = [61, 62].map((seq) => lineOf(room, timeline, seq)[0]);
  assert.deepEqual(found, ["refused", "m61"]);
});

test("hostile_ a correction by somebody else changes nothing, wherever one goes", async () => {
  const room = await longRoom(120);
  await room.say(ben, "", { content: await edit(room.room.rows[8], "not her words") });
  const timeline = await readAround(room, 9);
  assert.deepEqual(lineOf(room, timeline, 9), ["m9", false]);
});

// --- changes that were seen --------------------------------------------------------------------

/** Message 10 has a correction far behind it, which was read; then the server keeps it back. */
async function corrected(who) {
  const room = await longRoom(120);
  const row = room.room.rows[who === ada ? 8 : 9];
  const change = await room.say(who, "", { content: await edit(row, "corrected") });
  for (let seq = 122; seq <= 250; seq += 1) await room.say(ben, `m${seq}`);
  const timeline = await readAround(room, row.seq);
  const text = () => lineOf(room, timeline, row.seq)?.[0];
  assert.equal(text(), "corrected");
  await timeline.goToNewest();
  assert.equal(text(), undefined);
  room.room.silent.add(change.seq);
  return { room, timeline, row, change, text };
}

test("hostile_ a change that was seen counts where the server neither names nor has it any more", async () => {
  const { room, timeline, row, change, text } = await corrected(ben);
  give(room, without(change.seq));
  await timeline.goTo(row.seq);
  assert.equal(text(), "corrected", "from what is kept here");
  const [item] = await timeline.read(row.seq);
  assert.equal(item.seq, row.seq);
  assert.equal(room.session.frozen, "");
});

test("hostile_ what was changed is not shown as before where the change can be had nowhere", async () => {
  const { room, timeline, row, change, text } = await corrected(ben);
  await room.me.store.messages.dropRows(room.id, [change.seq]);
  give(room, without(change.seq));
  const before = lines(room, timeline);
  await assert.rejects(timeline.goTo(row.seq), { name: "WireError" });
  await assert.rejects(timeline.read(row.seq), { name: "WireError" });
  assert.deepEqual([text(), lines(room, timeline)], [undefined, before]);
});

test("hostile_ another message in the place of a change that was seen takes nothing back", async () => {
  const { room, timeline, row, change, text } = await corrected(ben);
  const other = await room.say(ben, "instead");
  room.room.rows.pop();
  give(
    room,
    with_(change.seq, () => ({ ...other, seq: change.seq })),
  );
  await timeline.goTo(row.seq);
  assert.equal(text(), "corrected");
});

test("hostile_ an own change that was seen and is gone stops the room", async () => {
  const { room, timeline, row, change } = await corrected(ada);
  give(room, without(change.seq));
  await timeline.goTo(row.seq);
  assert.equal(room.session.frozen, "cheated");
});

test("a message that is read by itself has the changes that were seen", async () => {
  const { timeline, row, change } = await corrected(ben);
  const found = await timeline.read(row.seq);
  assert.deepEqual(
    found.map(({ seq }) => seq),
    [row.seq, change.seq],
  );
});

for (const [what, change] of [
  ["left out", without(ADAS)],
  ["replaced", with_(ADAS, (_row, rows) => ({ ...rows[100], seq: ADAS }))],
])
  test(`hostile_ an own message that is ${what} when it is read by itself stops the room`, async () => {
    const room = await longRoom();
    const timeline = await readAround(room, 50, 240);
    give(room, change);
    assert.deepEqual(await timeline.read(ADAS), []);
    assert.equal(room.session.frozen, "cheated");
  });

test("what is shown is changed by what was missed, however much that is", async () => {
  const room = await longRoom(120);
  const timeline = await readAround(room, 40);
  timeline.isFollowing = () => false;
  await room.say(ben, "", { content: await edit(room.room.rows[39], "corrected") });
  for (let seq = 122; seq <= 400; seq += 1) await room.say(ben, `m${seq}`);
  await timeline.reload();
  assert.deepEqual(lineOf(room, timeline, 40), ["corrected", false]);
  assert.deepEqual([timeline.newest, timeline.hasNewer], [400, true]);
});
