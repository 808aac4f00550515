/** The list of rooms shows no message that the room itself refuses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RoomList } from "../../../static/js/conversation/room-list.js";
import { RoomPreviews } from "../../../static/js/conversation/room-previews.js";
import { collectMessages } from "../../../static/js/conversation/summaries/collect-messages.js";
import { openHeader } from "../../../static/js/crypto/message.js";
import { ben } from "../crypto/cast.js";
import { chatOf } from "./chat-stage.js";
import { stage } from "./messages/timeline-stage.js";
import { sessionOf, until } from "./world.js";

const idOf = async (row) => (await openHeader(row)).id;

/** A room in which ben has said "one" and "two"; `list` is that of a page that was just loaded. */
async function listed({ kept = true } = {}) {
  const room = await stage();
  await room.say(ben, "one");
  await room.say(ben, "two");
  if (kept) await room.open().load();
  const { get } = room.me.api;
  const nobody = { authors: [], more: null };
  room.me.api.get = async (path) => (path.includes("/unread?") ? nobody : get(path));
  const session = await sessionOf(room.me, room.id);
  const list = new RoomList(room.me.uid);
  let drawn = 0;
  const previews = new RoomPreviews(
    room.me,
    list,
    () => false,
    () => (drawn += 1),
  );
  /** The server lists the room with these messages alone. */
  const describe = async (rows, unread = 1) => {
    room.room.rows = rows;
    const last = rows.at(-1);
    list.set([{ id: room.id, msg: last.seq, read: last.seq - unread, unread, last }]);
    await previews.describe(session);
  };
  const line = () => list.items[0];
  return { ...room, list, session, previews, describe, line, drawn: () => drawn };
}

/** What ben signed as his first message, or with another count, at the server's choice of number. */
async function rolledBack(room, seq, changes = {}) {
  const tips = new Map(room.tips);
  const row = await room.say(ben, "taken back", { n: 1, pm: "", ...changes });
  room.room.rows.pop();
  for (const [name, tip] of tips) room.tips.set(name, tip);
  return { ...row, seq };
}

for (const unread of [0, 1, 5])
  test(`hostile: a single message whose count goes back, of ${unread} unread ones`, async () => {
    const room = await listed();
    await room.describe([await rolledBack(room, 3)], unread);
    assert.equal(room.line().last, "two");
  });

test("hostile: a message that was said before, at a new number", async () => {
  const room = await listed();
  const [first] = room.room.rows;
  await room.describe([{ ...first, seq: 3 }]);
  assert.equal(room.line().last, "two");
});

test("hostile: another message in the place of a verified one", async () => {
  const room = await listed();
  const rows = [...room.room.rows];
  const other = await rolledBack(room, 2, {
    n: 2,
    pm: await idOf(rows[0]),
    sh: [1, await idOf(rows[0])],
  });
  await room.describe([other]);
  assert.equal(room.line().last, "two");
});

test("hostile: a member who forgets what they had seen, after a gap", async () => {
  const room = await listed();
  const { id } = await openHeader(room.room.rows[1]);
  await room.describe([await rolledBack(room, 9, { n: 3, pm: id, sh: [0, ""] })]);
  assert.equal(room.line().last, "", "what is kept is older than the gap");
});

test("hostile: after a gap the messages that are kept before it count, in the list and in the room", async () => {
  const room = await listed();
  const { id } = await openHeader(room.room.rows[1]);
  const row = await rolledBack(room, 9, { n: 2, pm: id, sh: [0, ""] });
  await room.me.store.messages.saveRows(room.id, [row]);
  room.list.set([{ id: room.id, msg: 9, read: 9, unread: 0, last: row }]);
  room.room.rows.push(row);
  await room.previews.describe(room.session);
  assert.equal(room.line().last, "");
  room.shown.clear();
  await room.open(await sessionOf(room.me, room.id)).load();
  assert.deepEqual(room.texts(), ["refused"]);
});

test("hostile: a message that comes by the socket is judged by what was kept", async () => {
  const room = await listed();
  const row = await rolledBack(room, 3);
  room.list.set([{ id: room.id, msg: 2, read: 2, unread: 0, last: room.room.rows[1] }]);
  await room.previews.add(room.session, [row]);
  assert.equal(room.line().last, "two");
});

test("hostile: a preview goes once the room has read what betrays it", async () => {
  const room = await listed({ kept: false });
  const honest = [...room.room.rows];
  const row = await rolledBack(room, 3, { sh: [0, ""] });
  await room.describe([row]);
  assert.equal(room.line().last, "taken back", "nothing is known that betrays it");
  const before = room.drawn();
  room.room.rows = [...honest, row];
  const timeline = room.open(room.session);
  await timeline.load();
  assert.deepEqual(room.texts(), ["one", "two", "refused"]);
  assert.equal(room.line().last, "");
  assert.ok(room.drawn() > before, "the list is drawn again");
  await room.previews.describe(room.session);
  assert.equal(room.line().last, "two", "and stays away");
});

test("a message that was refused for want of others is shown when the room accepts it", async () => {
  const room = await listed({ kept: false });
  const honest = [...room.room.rows];
  const late = await rolledBack(room, 1, { n: 5, pm: await idOf(honest[1]), sh: [0, ""] });
  room.room.rows = [late, honest[1]];
  const timeline = room.open(room.session);
  await timeline.load();
  await room.describe([late, honest[1]]);
  assert.equal(room.line().last, "taken back", "its later count stands before the second one");
  room.session.seen.forget([1]);
  assert.equal(room.line().last, "two");
});

test("hostile: a refused message mentions nobody in the list", async () => {
  const room = await listed({ kept: false });
  const honest = [...room.room.rows];
  const content = { t: "text", body: "@ada look", at: [room.me.uid] };
  const row = await rolledBack(room, 3, { content, sh: [0, ""] });
  await room.describe([row]);
  assert.equal(room.line().mentioned, true);
  room.room.rows = [...honest, row];
  await room.open(room.session).load();
  assert.equal(room.line().mentioned, false);
});

test("a room that is read in the list is judged the same when it is opened", async () => {
  const room = await listed();
  await room.say(ben, "three");
  await room.describe([...room.room.rows]);
  assert.equal(room.line().last, "three");
  const timeline = room.open(room.session);
  await timeline.load();
  assert.deepEqual(room.texts().slice(0, 2), ["one", "two"]);
  await timeline.receive(room.room.rows);
  assert.deepEqual(room.texts(), ["one", "two", "three"]);
  assert.deepEqual(timeline.highest[0], 3);
});

test("a server that has restored an older copy is believed once the room is opened", async () => {
  const room = await listed({ kept: false });
  const honest = [...room.room.rows];
  await room.describe(honest);
  room.tips.clear();
  room.room.rows = [honest[0]];
  room.tips.set("ben", { n: 1, pm: await idOf(honest[0]) });
  await room.say(ben, "instead");
  const rows = [...room.room.rows];
  room.room.rows = rows.slice(0, 1);
  const timeline = room.open(room.session);
  await timeline.load();
  assert.deepEqual(room.texts(), ["one"]);
  await timeline.receive([rows[1]]);
  assert.deepEqual(room.texts(), ["one", "instead"]);
  await room.previews.add(room.session, [rows[1]]);
  assert.equal(room.line().last, "instead");
});

test("hostile: what the list reads betrays a message that the open room shows", async (t) => {
  const world = await stage();
  const first = await world.say(ben, "one");
  const row = await rolledBack(world, 2, { sh: [0, ""] });
  world.room.rows = [row];
  const { chat, open, ready } = chatOf(t, world.world, world.me);
  await chat.loadRooms(world.id);
  await ready();
  const { timeline, session } = await open(world.id);
  const shown = new Map();
  timeline.addEventListener("items", ({ detail }) => {
    for (const { seq, kind } of detail) shown.set(seq, kind);
  });
  world.room.rows = [first, row];
  const { said } = await collectMessages(world.me, session, {}, { limit: 9 });
  assert.deepEqual([said.map(({ text }) => text), shown], [["one"], new Map([[2, "refused"]])]);
  await until(() => chat.rooms[0].last === "", "the list follows");
});

test("a message whose key comes is judged by what it turns out to be, in the list and in the room", async () => {
  const room = await listed({ kept: false });
  const { rows } = room.room;
  const { keys } = room.session;
  const get = keys.get.bind(keys);
  keys.get = () => undefined;
  await room.describe([...rows]);
  assert.equal(room.line().last, "");
  const seen = (seq) => room.session.seen.get(seq);
  assert.deepEqual([seen(1).locked, seen(2).good], [true, true]);
  keys.get = (e) => (e === 1 ? new Uint8Array(32) : get(e)); // a key that opens nothing
  const timeline = room.open(room.session);
  await timeline.load();
  assert.deepEqual(room.texts(), ["refused", "refused"]);
  assert.deepEqual([seen(1).good, seen(2).good], [false, false]);
  keys.get = get;
  await room.describe([...rows]);
  assert.equal(room.line().last, "two");
});
