import assert from "node:assert/strict";
import { test } from "node:test";
import { setPolicy } from "../../../static/js/conversation/room/members.js";
import { NOW } from "../crypto/cast.js";
import { chatOf, lineOf, stage } from "./chat-stage.js";
import { FakeStore } from "./fake-store.js";
import { adasRoom, refuse, sessionOf, until, words } from "./world.js";

/** Ada's lines as her browser keeps them. */
const keptLines = (mine) => mine.store.settings.sealedSetting("lines");

test("the list stands there as it was shown last, before the server answers", async (t) => {
  const { world, mine, id, here, carry } = await stage(t);
  await here.room.outbox.add(words("hello ben"));
  await carry(here);
  await until(async () => (await keptLines(mine))?.[0]?.preview?.text === "hello ben", "the line");
  world.before = () => new Promise(() => {});
  const later = chatOf(t, world, mine);
  later.chat.loadRooms();
  await until(() => lineOf(later, id)?.last === "hello ben", "the list that was kept");
  assert.equal(lineOf(later, id).name, "Orchard");
  assert.deepEqual(later.socket.sent, []);
});

test("what the server says takes the place of lines that were kept", async (t) => {
  const { world, mine, id, room, here, carry } = await stage(t);
  await here.room.outbox.add(words("hello ben"));
  await carry(here);
  await until(async () => (await keptLines(mine))?.[0]?.preview?.text === "hello ben", "the line");
  here.chat.close();
  room.rows.length = 0; // all of them were erased meanwhile
  const later = chatOf(t, world, mine);
  await later.chat.loadRooms(id);
  await until(() => lineOf(later, id).last === "", "an empty room");
});

test("a list that the server has emptied does not return", async (t) => {
  const { world, mine, id } = await stage(t);
  await until(async () => (await keptLines(mine))?.length === 1, "the line");
  world.rooms.get(id).members.delete(mine.uid);
  await mine.store.rooms.dropRoom(id);
  const { settings } = mine.store;
  const setting = settings.setting.bind(settings);
  let release = () => {};
  const held = new Promise((resolve) => {
    release = resolve;
  });
  settings.setting = async (name) => {
    const kept = await setting(name);
    if (name === "rooms") await held; // the server is faster
    return kept;
  };
  const later = chatOf(t, world, mine);
  await later.chat.loadRooms();
  release();
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(later.chat.rooms, []);
});

test("the preview of a room whose messages got a lifetime elsewhere is not kept any more", async (t) => {
  const { mine, id, here, there, carry } = await stage(t);
  await here.room.outbox.add(words("for a day"));
  await carry(here);
  await until(async () => (await keptLines(mine))?.[0]?.preview?.text === "for a day", "the line");
  await setPolicy(mine, await sessionOf(mine, id), { ttl: 1 }); // in another browser of hers
  assert.equal(there.room.session.state.policy.ttl, 0);
  here.socket.say({ type: "room_event", room: id });
  await until(async () => (await keptLines(mine))?.[0]?.preview === null, "the line without words");
  const [line] = await keptLines(mine);
  assert.deepEqual([line.name, line.msg, line.ttl], ["Orchard", 1, 1]);
  assert.equal(lineOf(here, id).last, "for a day", "as long as it is there");
  mine.clock.now = () => NOW + 86_400_000;
  assert.equal(lineOf(here, id).last, "");
});

test("one room is loaded ahead of the list, which is not shown as all there is", async (t) => {
  const { world, mine, id } = await stage(t);
  const second = await adasRoom(world, mine, { name: "Barn", topic: "" });
  const fresh = { ...mine, store: new FakeStore() };
  const { chat } = chatOf(t, world, fresh);
  world.calls.length = 0;
  assert.equal(await chat.loadRoom(id), true);
  assert.deepEqual([chat.isListed, chat.rooms.map((one) => one.name)], [false, ["Orchard"]]);
  assert.ok(!world.calls.some(([, , path]) => path === "chatrooms"));
  await Promise.all([chat.loadRooms(), chat.loadRooms()]);
  assert.equal(chat.isListed, true);
  assert.equal(world.calls.filter(([, , path]) => path === "chatrooms").length, 1);
  await until(() => chat.rooms.some(({ name }) => name === "Barn"), "the other room");
  assert.equal(await chat.loadRoom("0".repeat(32)), false);
  assert.ok(second.id);
});

test("rooms whose lines are right come last, and nothing is fetched for them", async (t) => {
  const { world, mine, id, here, carry } = await stage(t);
  await here.room.outbox.add(words("hello ben"));
  await carry(here);
  await until(async () => (await keptLines(mine))?.[0]?.preview?.text === "hello ben", "the line");
  const second = await adasRoom(world, mine, { name: "Barn", topic: "" });
  here.chat.close();
  const later = chatOf(t, world, mine);
  const order = [];
  world.before = (_, method, path) => void order.push(`${method} ${path}`);
  await later.chat.loadRooms();
  await until(() => later.chat.rooms.every(({ name }) => name), "the names");
  assert.equal(lineOf(later, id).last, "hello ben");
  assert.ok(!order.some((one) => one.includes(`${id}/messages`)), order.join());
  assert.ok(second.id);
});

test("a room that was loaded ahead opens without a server, though the list never came", async (t) => {
  const { world, mine, id } = await stage(t);
  const fresh = { ...mine, store: new FakeStore() };
  const first = chatOf(t, world, fresh).chat;
  assert.equal(await first.loadRoom(id), true);
  await first.restoreRooms(); // as the list beside the room does
  world.before = () => {
    throw refuse(0, "offline");
  };
  const later = chatOf(t, world, fresh).chat;
  assert.equal(await later.loadRoom(id), false);
  await later.loadRooms(id);
  assert.equal(later.serverRoom(id)?.id, id);
});

test("a list that was kept changes nothing in a room that was loaded ahead of it", async (t) => {
  const { world, mine, id } = await stage(t);
  const other = await adasRoom(world, mine);
  const first = chatOf(t, world, mine).chat;
  await first.loadRooms();
  first.close();
  const { settings } = mine.store;
  const kept = await settings.setting("rooms");
  await settings.saveSetting(
    "rooms",
    kept.map((room) => ({ ...room, read: 0, unread: 7 })),
  );
  const later = chatOf(t, world, mine).chat;
  await later.loadRoom(id);
  const fetched = { ...later.serverRoom(id) };
  await later.restoreRooms();
  assert.deepEqual(later.serverRoom(id), fetched);
  assert.equal(later.rooms.find((room) => room.id === id).name, "Orchard");
  assert.equal(later.serverRoom(other.id).unread, 7);
  assert.ok(later.isListed);
});
