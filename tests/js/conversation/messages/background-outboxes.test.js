import assert from "node:assert/strict";
import { test } from "node:test";
import { chatOf, stage } from "../chat-stage.js";
import { adasRoom, until, words } from "../world.js";

test("what waits in a room that is not open is sent all the same", async (t) => {
  const { world, id, room, here, mine } = await stage(t);
  const { id: other } = await adasRoom(world, mine, { name: "South", topic: "" });
  here.socket.online = false;
  await here.room.outbox.add(words("left behind"));
  here.chat.close();
  const elsewhere = chatOf(t, world, mine);
  await elsewhere.chat.loadRooms(other);
  await elsewhere.open(other);
  await elsewhere.ready();
  await until(() => elsewhere.socket.of("message_send").length > 0, "the message");
  const [frame] = elsewhere.socket.of("message_send");
  assert.equal(frame.room, id);
  elsewhere.socket.say(await room.send(frame));
  await until(async () => (await mine.store.outbox.entries(id))[0].state === "acked", "the ack");
});

/** A room that is open, beside another one; `leave` leaves it. */
async function switching(t) {
  const { world, mine, id, room, here } = await stage(t);
  here.chat.close(); // the other tab would send what this one leaves
  const { id: other } = await adasRoom(world, mine, { name: "South", topic: "" });
  const side = chatOf(t, world, mine);
  await side.chat.loadRooms(id);
  await side.ready();
  const leaving = new AbortController();
  const opened = await side.open(id, leaving.signal);
  return { ...side, id, other, room, opened, mine, leave: () => leaving.abort() };
}

test("what waits in a room that was left is sent in the background, and leaves once", async (t) => {
  const { socket, ready, open, id, other, room, opened, mine, leave } = await switching(t);
  socket.online = false;
  await opened.outbox.add(words("on my way out"));
  leave();
  await open(other);
  socket.online = true;
  await ready();
  await until(() => socket.of("message_send").length > 0, "the message");
  const [frame] = socket.of("message_send");
  assert.equal(frame.room, id);
  socket.say(await room.send(frame));
  await until(async () => (await mine.store.outbox.entries(id))[0].state === "acked", "the ack");
  assert.equal(socket.of("message_send").length, 1);
});

test("what is added to a room after it was left is sent all the same", async (t) => {
  const { socket, open, id, other, opened, leave } = await switching(t);
  leave();
  await open(other);
  await opened.outbox.add(words("the upload took a while"));
  await until(() => socket.of("message_send").length > 0, "the message");
  assert.equal(socket.of("message_send")[0].room, id);
});

test("a room that is left before it is open does not replace the next one", async (t) => {
  const { open, other, chat, id, leave, socket } = await switching(t);
  leave();
  const gone = new AbortController();
  const slow = assert.rejects(open(id, gone.signal), { name: "AbortError" });
  gone.abort();
  await open(other);
  await slow;
  socket.sent.length = 0;
  chat.goLive();
  assert.deepEqual(Object.keys(socket.of("resume")[0].rooms), [other]);
});

test("a room opened again takes over from its outbox in the background", async (t) => {
  const { socket, ready, open, id, other, room, opened, leave } = await switching(t);
  socket.online = false;
  await opened.outbox.add(words("back again"));
  leave();
  await open(other);
  socket.online = true;
  await ready();
  await until(() => socket.of("message_send").length > 0, "the message");
  const again = await open(id);
  await until(() => socket.of("message_send").length > 1, "the same message from the open room");
  const [first, second] = socket.of("message_send");
  assert.equal(second.sig, first.sig, "the same bytes");
  socket.say(await room.send(second));
  await until(() => again.outbox.entries[0]?.state === "acked", "the ack");
});
