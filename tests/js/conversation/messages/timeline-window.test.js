import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, unb64 } from "../../../../static/js/crypto/bytes.js";
import { sha256 } from "../../../../static/js/crypto/hash.js";
import { openHeader } from "../../../../static/js/crypto/message.js";
import { ada, ben } from "../../crypto/cast.js";
import { refuse } from "../world.js";
import { edit, lines, longStages, stage } from "./timeline-stage.js";

const ROOM = 700; // messages: more than are shown at once

const longRoom = longStages(ROOM);

const fine = (first, last) =>
  Array.from({ length: last - first + 1 }, (_, at) => [first + at, `m${first + at}`, false]);
const idOf = async (row) => (await openHeader(row)).id;

test("a jump shows the messages around one, and nothing between here and there", async () => {
  const room = await longRoom();
  const timeline = room.open();
  await timeline.load();
  room.world.calls.length = 0;
  assert.equal(await timeline.goTo(200), true);
  assert.deepEqual(lines(room, timeline), fine(150, 249));
  assert.equal(room.world.calls.length, 1, "one request");
  assert.deepEqual([timeline.hasOlder, timeline.hasNewer, timeline.newest], [true, true, ROOM]);
  assert.deepEqual(timeline.highest[0], ROOM, "what was seen last is what the next header names");
});

test("the window grows both ways, and lets go of what is far off", async () => {
  const room = await longRoom();
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(400);
  for (let at = 0; at < 3; at += 1) await timeline.older();
  assert.deepEqual(lines(room, timeline), fine(50, 349), "300 are shown at most");
  assert.ok(room.shown.size <= 300);
  await timeline.older();
  assert.deepEqual([timeline.hasOlder, lines(room, timeline)[0]], [false, [1, "m1", false]]);
  for (let at = 0; at < 6; at += 1) await timeline.newer();
  assert.equal(timeline.hasNewer, false);
  assert.deepEqual(lines(room, timeline), fine(ROOM - 299, ROOM));
  assert.equal(timeline.hasOlder, true);
});

test("the newest, the first and a message that is not there are gone to as well", async () => {
  const room = await longRoom(150);
  const timeline = room.open();
  await timeline.load();
  assert.equal(await timeline.goTo(1), true);
  assert.equal(lines(room, timeline)[0][0], 1);
  assert.equal(timeline.hasOlder, false);
  await timeline.goToNewest();
  assert.equal(lines(room, timeline).at(-1)[0], 150);
  assert.equal(await timeline.goTo(4000), false);
});

test("what comes while an older part is read does not change it, and is there at the end", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(60);
  const before = lines(room, timeline);
  const row = await room.say(ben, "m251");
  await timeline.receive([row]);
  assert.deepEqual(lines(room, timeline), before);
  assert.deepEqual([timeline.newest, timeline.highest[0], timeline.hasNewer], [251, 251, true]);
  await timeline.goToNewest();
  assert.deepEqual(lines(room, timeline).at(-1), [251, "m251", false]);
});

test("the newest messages that came are shown again without the server, as far as they are kept", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(60);
  await timeline.receive([await room.say(ben, "m251")]);
  const asked = room.world.calls.length;
  await timeline.goToNewest();
  assert.equal(room.world.calls.length, asked);
  const newest = lines(room, timeline);
  assert.deepEqual(newest.at(-1), [251, "m251", false]);
  assert.deepEqual([timeline.hasNewer, timeline.hasOlder], [false, true]);
  await timeline.older();
  assert.equal(lines(room, timeline).length, newest.length + 100);

  await timeline.goTo(60);
  await room.me.store.messages.dropRows(room.id, [251]);
  const before = room.world.calls.length;
  await timeline.goToNewest();
  assert.equal(room.world.calls.length, before + 1);
  assert.deepEqual(lines(room, timeline).at(-1), [251, "m251", false]);
});

test("a change that comes while an older part is read is applied there", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(61);
  const row = await room.say(ben, "", { content: await edit(room.room.rows[60], "corrected") });
  await timeline.receive([row]);
  assert.ok(lines(room, timeline).some(([seq, text]) => seq === 61 && text === "corrected"));
});

test("a visit starts around the first unread message", async () => {
  const room = await longRoom(400);
  const timeline = room.open();
  await timeline.load(120);
  assert.equal(timeline.shows(120), true);
  assert.deepEqual([timeline.hasNewer, timeline.hasOlder], [true, true]);
});

test("a room of which nothing was read begins at its first message, unless it is older than the membership", async () => {
  const room = await longRoom(120);
  const timeline = room.open();
  assert.equal(await timeline.load(1), true);
  assert.equal(timeline.shows(1), true);
  const other = await longRoom(120);
  const { spans } = other.session.state;
  spans.set(ada.uid, [{ ...spans.get(ada.uid)[0], from: 99 }]);
  const late = other.open();
  assert.equal(await late.load(1), true);
  assert.deepEqual([late.shows(120), late.hasNewer], [true, false]);
});

test("it is told where the first unread message could not be had", async () => {
  const room = await longRoom(120);
  const timeline = room.open();
  room.world.before = (_who, _method, path) => {
    if (path.includes("around=")) throw refuse(503, "busy");
  };
  assert.equal(await timeline.load(20), false);
  assert.equal(timeline.shows(120), true);
});

test("unread messages that were kept or fit the newest page need no other page", async () => {
  const room = await longRoom(60);
  const timeline = room.open();
  await timeline.load(45);
  assert.deepEqual(lines(room, timeline), fine(31, 60));
});

test("messages that were missed follow what was kept", async () => {
  const room = await longRoom(60);
  await room.open().load();
  for (let seq = 61; seq <= 100; seq += 1) await room.say(ben, `m${seq}`);
  const timeline = room.open();
  await timeline.load(61);
  assert.deepEqual([timeline.newest, timeline.hasNewer], [100, false]);
  assert.deepEqual(lines(room, timeline), fine(11, 100));
});

test("too much was missed: an older window stays, and the newest are fetched", async () => {
  const room = await longRoom(120);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(40);
  timeline.isFollowing = () => false;
  const before = lines(room, timeline);
  for (let seq = 121; seq <= 500; seq += 1) await room.say(ben, `m${seq}`);
  await timeline.reload();
  assert.deepEqual(lines(room, timeline), before);
  assert.deepEqual([timeline.newest, timeline.hasNewer], [500, true]);
});

test("a time is found, and not where the server says if the signed times contradict it", async () => {
  const room = await stage();
  const day = 24 * 3600 * 1000;
  const begin = Date.now() - 400 * day;
  for (let seq = 1; seq <= 300; seq += 1) await room.say(ben, `m${seq}`, { ts: begin + seq * day });
  const timeline = room.open();
  await timeline.load();
  assert.equal(await timeline.goToTime(begin + 120 * day), 120);
  assert.ok(timeline.shows(120));
  room.room.middle = 250;
  assert.equal(await timeline.goToTime(begin + 80 * day), 80);
  assert.ok(timeline.shows(80));
});

test("changes that stand between two windows are applied, and judged in their place", async () => {
  const room = await longRoom(120);
  for (const at of [4, 9, 14])
    await room.say(ada, "", {
      content: { t: "pin", of: [at, await idOf(room.room.rows[at - 1])], on: 1 },
    });
  for (let seq = 124; seq <= 400; seq += 1) await room.say(ben, `m${seq}`);
  const timeline = room.open();
  await timeline.load();
  assert.equal(await timeline.goTo(10), true);
  assert.deepEqual(lines(room, timeline), fine(1, 59));
  assert.equal(room.shown.get(121).content.t, "pin");
});

// --- lies --------------------------------------------------------------------------------------

for (const lie of [{ around: 9 }, { around: null }, { first: -1 }, { first: 1.5 }, { head: "9" }]) {
  test(`hostile_ an answer about another message is refused: ${JSON.stringify(lie)}`, async () => {
    const room = await longRoom(120);
    const timeline = room.open();
    await timeline.load();
    const before = lines(room, timeline);
    const { room: server } = room;
    const honest = server.messages.bind(server);
    server.messages = (query) => ({ ...honest(query), ...lie });
    await assert.rejects(timeline.goTo(20), { name: "WireError" });
    assert.deepEqual(lines(room, timeline), before);
    assert.equal(timeline.shows(9), false);
    server.messages = honest;
    assert.equal(await timeline.goTo(20), true);
  });
}

test("hostile_ a number that a window leaves out is missing", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  room.room.rows = room.room.rows.filter(({ seq }) => seq !== 70);
  await timeline.goTo(60);
  const found = lines(room, timeline);
  assert.deepEqual(
    found.filter(([, , gap]) => gap),
    [[71, "m71", true]],
  );
});

test("hostile_ a window with nothing in it leaves what is shown, and its number is missing", async () => {
  const room = await longRoom(120);
  const timeline = room.open();
  await timeline.load();
  const before = lines(room, timeline);
  const { room: server } = room;
  const honest = server.messages.bind(server);
  server.messages = (query) => ({ ...honest(query), messages: [], refs: [] });
  assert.equal(await timeline.goTo(40), false);
  server.messages = honest;
  assert.deepEqual(lines(room, timeline), before);
  assert.deepEqual([timeline.hasOlder, timeline.hasNewer], [true, false]);
  await timeline.receive([await room.say(ben, "m121")]);
  assert.deepEqual(lines(room, timeline).at(-1), [121, "m121", false]);
});

test("hostile_ a row that is repeated from another window is one grey line", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(20);
  const copy = { ...room.room.rows[4], seq: 180 };
  room.room.rows[179] = copy;
  await timeline.goTo(180);
  assert.ok(lines(room, timeline).some(([seq, text]) => seq === 180 && text === "refused"));
});

test("hostile_ another message in the place of one that was verified is never shown", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(50);
  const other = { ...(await room.say(ben, "instead")), seq: 50 };
  room.room.rows.pop();
  room.room.rows[49] = other;
  await timeline.goTo(240);
  await timeline.goTo(50);
  assert.ok(lines(room, timeline).some(([seq, text]) => seq === 50 && text === "refused"));
});

test("hostile_ an own message that a later window leaves out stops the room", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(50);
  await timeline.goTo(240);
  room.room.rows = room.room.rows.filter(({ seq }) => seq !== 51); // ada's
  await timeline.goTo(50);
  assert.equal(room.session.frozen, "cheated");
});

test("hostile_ an own message that is replaced while it is out of sight stops the room", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(50);
  await timeline.goTo(240);
  const other = { ...(await room.say(ben, "instead")), seq: 51 }; // ada's
  room.room.rows.pop();
  room.room.rows[50] = other;
  await timeline.goTo(50);
  assert.equal(room.session.frozen, "cheated");
});

test("hostile_ a change that was kept back counts from when it is seen, wherever one goes", async () => {
  const room = await longRoom(250);
  const change = await room.say(ben, "", { content: await edit(room.room.rows[9], "corrected") });
  for (let seq = 252; seq <= 400; seq += 1) await room.say(ben, `m${seq}`);
  room.room.silent.add(change.seq);
  const timeline = room.open();
  await timeline.load();
  const tenth = () => lines(room, timeline).find(([seq]) => seq === 10)?.[1];
  await timeline.goTo(10);
  assert.equal(tenth(), "m10");
  await timeline.goTo(change.seq);
  await timeline.goTo(10);
  assert.equal(tenth(), "corrected");
});

test("hostile_ a tombstone whose deletion the server does not name is a gap", async () => {
  const room = await longRoom(150);
  const { ct: _ct, ...row } = room.room.rows[9];
  const sha = b64(await sha256(unb64(room.room.rows[9].ct)));
  room.room.rows[9] = { ...row, sha, del: 140 };
  const timeline = room.open();
  await timeline.load();
  await timeline.goTo(10);
  assert.deepEqual(
    lines(room, timeline).find(([seq]) => seq === 10),
    [10, "erased", true],
  );
});

test("hostile_ changes that never end are an error, and nothing is shown of the page", async () => {
  const room = await longRoom(150);
  const timeline = room.open();
  await timeline.load();
  const before = lines(room, timeline);
  room.room.endless = true;
  await assert.rejects(timeline.goTo(10));
  assert.deepEqual(lines(room, timeline), before);
});

test("a page that cannot be had leaves what is shown", async () => {
  const room = await longRoom(250);
  const timeline = room.open();
  await timeline.load();
  const before = lines(room, timeline);
  room.world.before = () => {
    throw refuse(0, "offline");
  };
  await assert.rejects(timeline.goTo(10));
  await assert.rejects(timeline.older());
  room.world.before = () => {};
  assert.deepEqual(lines(room, timeline), before);
  assert.equal(await timeline.goTo(10), true);
});
