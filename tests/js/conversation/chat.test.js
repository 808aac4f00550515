import assert from "node:assert/strict";
import { test } from "node:test";
import { Chat } from "../../../static/js/conversation/chat.js";
import { Outbox } from "../../../static/js/conversation/messages/outbox.js";
import { TimelineModel } from "../../../static/js/conversation/messages/timeline-model.js";
import {
  createInvitation,
  joinByInvitation,
} from "../../../static/js/conversation/room/invitations.js";
import { removeMember } from "../../../static/js/conversation/room/members.js";
import { parseLink } from "../../../static/js/crypto/invite.js";
import { ada, ben, NOW } from "../crypto/cast.js";
import { adasRoom, fakeChannels, fakeLocks, until, World, words } from "./world.js";

const shared = { locks: fakeLocks(), makeChannel: fakeChannels() };

/** A socket whose server is the test: `sent` is what the chat sends, `say` what it hears. */
function fakeSocket() {
  const socket = { sent: [], online: true, connect() {}, close() {}, reconnectNow() {}, drop() {} };
  socket.restarting = false;
  socket.signOut = () => socket.status("signed-out");
  socket.make = ({ onFrame, onStatus }) => {
    socket.say = onFrame;
    socket.status = onStatus;
    return socket;
  };
  socket.send = (frame) => {
    if (socket.online) socket.sent.push(frame);
    return socket.online;
  };
  socket.of = (type) => socket.sent.filter((frame) => frame.type === type);
  return socket;
}

/** A chat that is connected, and answers messages as the room does. */
function chatOf(t, world, me) {
  const socket = fakeSocket();
  const chat = new Chat(me, socket.make, (parts) => new Outbox({ ...parts, ...shared }));
  t.after(() => chat.close());
  const heads = () =>
    Object.fromEntries(
      [...world.rooms.values()]
        .filter(({ members }) => members.has(me.uid))
        .map(({ id, head, rows }) => [id, { log: head[0], msg: rows.length, read: 0, unread: 0 }]),
    );
  const ready = () => {
    socket.status("open");
    socket.say({ type: "ready", now: NOW, heads: heads(), online: {} });
  };
  const open = async (id, signal) => {
    const build = (session) => {
      const timeline = new TimelineModel(me, session, {
        stored: (read) => outbox.onStored(read),
        expected: () => outbox.expected(),
        sealedAt: () => 0,
      });
      const outbox = new Outbox({ me, session, timeline, send: chat.send, ...shared });
      return { timeline, outbox };
    };
    const opened = await chat.openRoom(id, build, signal);
    await opened.timeline.load();
    chat.goLive();
    return opened;
  };
  return { chat, socket, ready, open, heads };
}

/** Ada and Ben share a room; both have it open. */
async function stage(t) {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const { id, room, session } = await adasRoom(world, mine);
  const terms = { hours: 1, max: 9 };
  const { url } = await createInvitation(mine, session, terms, "https://sotto.test");
  await joinByInvitation(bens, parseLink(new URL(url).hash), () => {});
  const [here, there] = [chatOf(t, world, mine), chatOf(t, world, bens)];
  for (const side of [here, there]) {
    await side.chat.loadRooms(id);
    side.ready();
    side.room = await side.open(id);
  }
  /** Let the server take what a side sent, answer it, and pass the rows on to both. */
  async function carry(from) {
    await until(() => from.socket.of("message_send").length > 0, "a message");
    for (const frame of from.socket.of("message_send")) {
      from.socket.sent.splice(from.socket.sent.indexOf(frame), 1);
      const answer = await room.send(frame);
      from.socket.say(answer);
      if (answer.type !== "ack") continue;
      for (const side of [here, there]) {
        side.socket.say({ type: "message_receive", room: id, messages: room.rows.slice(-1) });
      }
    }
  }
  return { world, mine, id, room, here, there, carry };
}

const lineOf = (side, id) => side.chat.rooms.find((room) => room.id === id);

test("after every connection it asks for what it missed", async (t) => {
  const { id, here } = await stage(t);
  assert.deepEqual(here.socket.of("resume").at(-1), { type: "resume", rooms: { [id]: 0 } });
  here.socket.sent.length = 0;
  here.socket.status("waiting");
  here.ready();
  assert.equal(here.socket.of("resume").length >= 1, true);
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
  here.ready();
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
  there.ready();
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

test("what waits in a room that is not open is sent all the same", async (t) => {
  const { world, id, room, here, mine } = await stage(t);
  const { id: other } = await adasRoom(world, mine, { name: "South", topic: "" });
  here.socket.online = false;
  await here.room.outbox.add(words("left behind"));
  here.chat.close();
  const elsewhere = chatOf(t, world, mine);
  await elsewhere.chat.loadRooms(other);
  await elsewhere.open(other);
  elsewhere.ready();
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
  side.ready();
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
  ready();
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
  ready();
  await until(() => socket.of("message_send").length > 0, "the message");
  const again = await open(id);
  await until(() => socket.of("message_send").length > 1, "the same message from the open room");
  const [first, second] = socket.of("message_send");
  assert.equal(second.sig, first.sig, "the same bytes");
  socket.say(await room.send(second));
  await until(() => again.outbox.entries[0]?.state === "acked", "the ack");
});

test("keys that were kept since, as those of a room made here, count when it is opened", async (t) => {
  const { world, mine } = await stage(t);
  const { id } = await adasRoom(world, mine, { name: "South", topic: "" });
  const key = (await mine.store.rooms.keys(id)).get(1);
  await mine.store.rooms.dropKey(id, 1);
  world.rooms.get(id).wraps = [];
  const { chat, open } = chatOf(t, world, mine);
  await chat.loadRooms(id); // a frame was faster than the page that makes the room
  assert.equal((await chat.session(id)).keys.get(1), undefined);
  await mine.store.rooms.saveKey(id, 1, key);
  const { session } = await open(id);
  assert.equal(session.profile.name, "South");
  assert.ok(session.keys.get(1));
});

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

test("previews of a room whose messages expire are not kept", async (t) => {
  const { mine, id, here, carry } = await stage(t);
  const session = await here.chat.session(id);
  session.state.policy = { ...session.state.policy, ttl: 86_400 };
  await here.room.outbox.add(words("for a day"));
  await carry(here);
  await until(() => lineOf(here, id).last === "for a day", "the line");
  await mine.store.settings.saveSealedSetting("lines", null);
  here.socket.say({ type: "presence", room: id, online: [] });
  await until(() => keptLines(mine), "the next time that it is kept");
  const [line] = await keptLines(mine);
  assert.deepEqual([line.name, line.msg, line.preview], ["Orchard", 1, null]);
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
  const { world, id, room } = await stage(t);
  const kept = room.wraps;
  room.wraps = [];
  const fresh = chatOf(t, world, world.browser(ben));
  await fresh.chat.loadRooms(id);
  fresh.ready();
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
