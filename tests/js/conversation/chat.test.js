import assert from "node:assert/strict";
import { test } from "node:test";
import { startDirect } from "../../../static/js/conversation/room/direct.js";
import { removeMember } from "../../../static/js/conversation/room/members.js";
import { ada, ben, NOW } from "../crypto/cast.js";
import { chatOf, lineOf, stage } from "./chat-stage.js";
import { adasRoom, until, World, words } from "./world.js";

test("after every connection it asks for what it missed", async (t) => {
  const { id, here } = await stage(t);
  assert.deepEqual(here.socket.of("resume").at(-1), { type: "resume", rooms: { [id]: 0 } });
  here.socket.sent.length = 0;
  here.socket.status("waiting");
  await here.ready();
  assert.equal(here.socket.of("resume").length >= 1, true);
});

test("who is signed out before there is a socket stays so once it is loaded", async (t) => {
  const world = new World();
  const { chat, socket } = chatOf(t, world, world.browser(ada));
  chat.onSignedOut();
  assert.equal(chat.status, "signed-out");
  socket.signOut = t.mock.fn();
  await chat.connect();
  assert.equal(socket.signOut.mock.callCount(), 1);
});

test("it connects once frames can be handled, and not after it was closed", async (t) => {
  const world = new World();
  const { chat, socket } = chatOf(t, world, world.browser(ada));
  chat.reconnectNow();
  const connecting = chat.connect();
  assert.equal(socket.connects, 0);
  await connecting;
  assert.equal(socket.connects, 1);
  const closed = chatOf(t, world, world.browser(ben));
  const late = closed.chat.connect();
  closed.chat.close();
  await late;
  assert.equal(closed.socket.connects, 0);
});

test("a message reaches the other side, its line in the list, and its count", async (t) => {
  const { id, here, there, carry } = await stage(t);
  await here.room.outbox.add(words("hello ben"));
  await carry(here);
  await until(() => lineOf(there, id).last === "hello ben", "the last line");
  assert.equal(lineOf(there, id).who, "ada");
  assert.equal(lineOf(there, id).name, "Orchard");
  assert.equal(there.chat.unread, 1);
  assert.equal(here.chat.unread, 0, "the user's own is not unread");
  await until(() => here.room.outbox.entries.length === 0, "the outbox to empty");
  there.chat.markRead(id, 1);
  assert.equal(there.chat.unread, 0);
  assert.deepEqual(there.socket.of("read"), [{ type: "read", room: id, seq: 1 }]);
  there.chat.markRead(id, 1);
  assert.equal(there.socket.of("read").length, 1, "said once");
});

test("another account that signed in in the same browser gets nothing of this one", async (t) => {
  const { here } = await stage(t);
  here.socket.sent.length = 0;
  here.socket.say({ type: "ready", uid: ben.uid, now: NOW, heads: {}, online: {} });
  assert.equal(here.chat.status, "signed-out");
  assert.deepEqual(here.socket.sent, []);
  here.socket.status("connecting");
  assert.equal(here.chat.status, "signed-out", "until it is open again");
  await here.ready();
  assert.equal(here.chat.status, "open");
});

test("a mark that was made offline is told later", async (t) => {
  const { id, here, there, carry } = await stage(t);
  await here.room.outbox.add(words("x"));
  await carry(here);
  await until(() => there.chat.unread === 1);
  there.socket.online = false;
  there.chat.markRead(id, 1);
  there.socket.online = true;
  await there.ready();
  await until(() => there.socket.of("read").length > 0);
  assert.deepEqual(there.socket.of("read"), [{ type: "read", room: id, seq: 1 }]);
});

test("a lost event is noticed by the next heads", async (t) => {
  const { id, room, here, there } = await stage(t);
  await here.room.outbox.add(words("quietly"));
  await until(() => here.socket.of("message_send").length > 0);
  await room.send(here.socket.of("message_send")[0]);
  there.socket.sent.length = 0;
  there.socket.say({ type: "pong", now: NOW, heads: there.heads() });
  await until(() => there.socket.of("resume").length > 0, "a resume");
  assert.deepEqual(there.socket.of("resume")[0].rooms, { [id]: 0 });
});

test("keys that were kept since, as those of a room made here, count when it is opened", async (t) => {
  const { world, mine } = await stage(t);
  const { id } = await adasRoom(world, mine, { name: "South", topic: "" });
  const key = (await mine.store.rooms.keys(id)).get(1);
  await mine.store.rooms.dropKey(id, 1);
  world.rooms.get(id).wraps = [];
  const { chat, open } = chatOf(t, world, mine);
  await chat.loadRooms(id); // a frame came before the page that makes the room
  assert.equal((await chat.session(id)).keys.get(1), undefined);
  await mine.store.rooms.saveKey(id, 1, key);
  const { session } = await open(id);
  assert.equal(session.profile.name, "South");
  assert.ok(session.keys.get(1));
});

test("typing and presence are passed on; a message ends the typing", async (t) => {
  const { id, here, there, carry } = await stage(t);
  const heard = [];
  there.chat.addEventListener("typing", ({ detail }) => heard.push([detail.uid, detail.on]));
  there.socket.say({ type: "typing_start", room: id, uid: ada.uid });
  await here.room.outbox.add(words("done"));
  await carry(here);
  await until(() => heard.length === 2);
  assert.deepEqual(heard, [
    [ada.uid, true],
    [ada.uid, false],
  ]);
  there.socket.say({ type: "presence", room: id, online: [ada.uid, ben.uid] });
  assert.deepEqual(there.chat.online(id), [ada.uid, ben.uid]);
  assert.equal(lineOf(there, id).online, 1);
});

test("without a connection nobody is said to be here", async (t) => {
  const { id, there } = await stage(t);
  there.socket.say({ type: "presence", room: id, online: [ada.uid, ben.uid] });
  let told = 0;
  there.chat.addEventListener("presence", () => {
    told += 1;
  });
  there.socket.status("waiting");
  assert.deepEqual(there.chat.online(id), []);
  assert.equal(told, 1);
  there.socket.status("open");
  const online = { [id]: [ben.uid] };
  there.socket.say({ type: "ready", now: NOW, heads: there.heads(), online });
  await until(() => told === 3, "who is here now");
  assert.deepEqual(there.chat.online(id), [ben.uid], "and not who was here before");
});

test("a member who leaves: the other member's next message rotates first", async (t) => {
  const { id, room, here, there, carry } = await stage(t);
  await there.room.session.leave();
  here.socket.say({ type: "user_leave", room: id });
  await until(() => here.room.session.state.members.size === 1, "the departure");
  await here.room.outbox.add(words("alone now"));
  await carry(here);
  await until(() => here.room.session.state.e === 2, "a rotation");
  await carry(here);
  await until(() => here.room.outbox.entries.length === 0);
  assert.equal(room.rows.length, 1);
});

test("a member who is removed learns it at once, in the list, too", async (t) => {
  const { mine, id, here, there } = await stage(t);
  await removeMember(mine, here.room.session, { uid: ben.uid, ban: false });
  there.socket.say({ type: "room_event", room: id });
  await until(() => lineOf(there, id).end === "removed");
  assert.equal(lineOf(there, id).kept, false, "the list was not loaded again yet");
  there.socket.say({ type: "pong", now: NOW, heads: {} });
  await until(() => lineOf(there, id).kept, "the server's list");
  assert.deepEqual([lineOf(there, id).end, lineOf(there, id).unread], ["removed", 0]);
});

test("a room that the server only denies is shown as that", async (t) => {
  const { id, room, there } = await stage(t);
  room.members.delete(ben.uid);
  there.socket.say({ type: "user_leave", room: id });
  await until(() => lineOf(there, id).end === "missing");
  room.members.set(ben.uid, ben.kid);
  there.socket.say({ type: "room_event", room: id });
  await until(() => lineOf(there, id).end === "");
});

test("a blocked person does not show in the list, nor as typing", async (t) => {
  const { id, here, there, carry } = await stage(t);
  await here.room.outbox.add(words("before"));
  await carry(here);
  await until(() => lineOf(there, id).last === "before", "the last line");
  const typing = [];
  there.chat.addEventListener("typing", ({ detail }) => typing.push(detail));
  await there.chat.block(ada.uid, true);
  await until(() => lineOf(there, id).last === "", "her line to go");
  assert.equal(there.chat.unread, 0);
  there.socket.say({ type: "typing_start", room: id, uid: ada.uid });
  there.socket.say({ type: "presence", room: id, online: [ada.uid, ben.uid] });
  await here.room.outbox.add(words("do you see me?"));
  await carry(here);
  await until(() => there.room.timeline.newest === 2, "her message in the room, folded");
  assert.deepEqual(
    typing.filter(({ on }) => on),
    [],
  );
  assert.deepEqual(there.chat.online(id), [ben.uid]);
  assert.deepEqual([lineOf(there, id).last, there.chat.unread], ["", 0]);
  await there.chat.block(ada.uid, false);
  await until(() => lineOf(there, id).last === "do you see me?", "her line again");
});

test("a member who comes online is asked for the keys that are missing", async (t) => {
  const { world, id, room, here, there } = await stage(t);
  // Behind what their visits still upload.
  for (const { session } of [here.room, there.room]) await session.fetchLog();
  const kept = room.wraps;
  room.wraps = [];
  const fresh = chatOf(t, world, world.browser(ben));
  await fresh.chat.loadRooms(id);
  await fresh.ready();
  const opened = await fresh.open(id);
  assert.deepEqual(room.asked, [1]);
  room.wraps = kept;
  fresh.socket.say({ type: "presence", room: id, online: [ada.uid, ben.uid] });
  await until(() => opened.session.profile.name === "Orchard", "the key, and the name under it");
});

test("a frame that cannot be understood disturbs nothing", async (t) => {
  const { id, here } = await stage(t);
  here.socket.say({ type: "from the future" });
  here.socket.say({ type: "message_receive", room: "0".repeat(32), messages: [] });
  here.socket.say({ type: "ack", room: id, cid: "0".repeat(32), seq: 9 });
  here.socket.say({ type: "error", code: "bad_frame", detail: "" });
  assert.equal(here.room.session.frozen, "");
});

test("keys that were made elsewhere are learnt with the next connection", async (t) => {
  const { mine, here, there } = await stage(t);
  const told = t.mock.fn();
  here.chat.addEventListener("reset", told);
  const ready = { type: "ready", now: NOW, heads: here.heads(), online: {} };
  here.socket.status("waiting");
  here.socket.status("open");
  await here.socket.say({ ...ready, kid: mine.kid });
  await here.socket.say(ready); // of an older server
  assert.equal(told.mock.callCount(), 0);
  await here.socket.say({ ...ready, kid: there.room.session.mine.kid });
  assert.equal(told.mock.callCount(), 1);
});

test("a room that the operator stops takes nothing at once, and goes on at once", async (t) => {
  const { id, room, here } = await stage(t);
  const changed = t.mock.fn();
  here.room.session.addEventListener("changed", changed);
  const isStopped = () => here.chat.serverRoom(id).stopped;
  const listed = room.listed.bind(room);
  for (const stopped of [true, false]) {
    room.listed = () => ({ ...listed(), stopped });
    await here.socket.say({ type: "room_stopped", room: id, stopped });
    await until(() => isStopped() === stopped, "the room of now");
  }
  assert.equal(changed.mock.callCount(), 2, "what is drawn of it is drawn again");
  room.listed = () => ({ ...listed(), stopped: true });
  await here.socket.say({ type: "error", room: id, code: "room_stopped", cid: "c", detail: "" });
  await until(isStopped, "the refusal to be understood");
});

test("a room that was stopped while nobody was connected is known to be at the next connection", async (t) => {
  const { id, room, here } = await stage(t);
  const listed = room.listed.bind(room);
  room.listed = () => ({ ...listed(), stopped: true });
  here.socket.status("waiting");
  await here.ready();
  await until(() => here.chat.serverRoom(id).stopped, "the room of now");
});

test("who was blocked in another browser is known after the next connection", async (t) => {
  const { world, here } = await stage(t);
  world.blocks.set(ada.uid, new Set([ben.uid]));
  assert.equal(here.chat.blocks.isHidden(ben.uid), false);
  here.socket.status("waiting");
  await here.ready();
  await until(() => here.chat.blocks.isHidden(ben.uid), "the list again");
});

test("a message to a blocked person waits until that person is unblocked", async (t) => {
  const world = new World();
  const mine = world.browser(ada);
  world.browser(ben);
  const id = await startDirect(mine, "Ben");
  const here = chatOf(t, world, mine);
  await here.chat.loadRooms(id);
  await here.ready();
  const { session, outbox } = await here.open(id);
  assert.equal(session.writable, true);
  await here.chat.block(ben.uid, true);
  assert.equal(session.writable, false);
  await outbox.add(words("wait for me"));
  await outbox.flush();
  assert.deepEqual(here.socket.of("message_send"), []);
  assert.deepEqual(
    outbox.entries.map(({ state }) => state),
    ["queued"],
  );
  await here.chat.block(ben.uid, false);
  await until(() => here.socket.of("message_send").length === 1, "the message");
});
