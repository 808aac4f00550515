/** Chats of two people whose sockets are the test's. */

import { Chat } from "../../../static/js/conversation/chat.js";
import { Outbox } from "../../../static/js/conversation/messages/outbox.js";
import { TimelineModel } from "../../../static/js/conversation/messages/timeline-model.js";
import {
  createInvitation,
  joinByInvitation,
} from "../../../static/js/conversation/room/invitations.js";
import { parseLink } from "../../../static/js/crypto/link-secret.js";
import { ada, ben, NOW } from "../crypto/cast.js";
import { adasRoom, fakeChannels, fakeLocks, until, World } from "./world.js";

const shared = { locks: fakeLocks(), makeChannel: fakeChannels() };

/** A socket whose server is the test: `sent` is what the chat sends, `say` what it hears. */
function fakeSocket() {
  const socket = { sent: [], online: true, connects: 0, close() {}, reconnectNow() {}, drop() {} };
  socket.connect = () => {
    socket.connects += 1;
  };
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
export function chatOf(t, world, me) {
  const socket = fakeSocket();
  const chat = new Chat(me, socket.make, (parts) => new Outbox({ ...parts, ...shared }));
  t.after(() => chat.close());
  const heads = () =>
    Object.fromEntries(
      [...world.rooms.values()]
        .filter(({ members }) => members.has(me.uid))
        .map(({ id, head, rows }) => [id, { log: head[0], msg: rows.length, read: 0, unread: 0 }]),
    );
  const ready = async () => {
    await chat.connect();
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
export async function stage(t) {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const { id, room, session } = await adasRoom(world, mine);
  const terms = { hours: 1, max: 9 };
  const { url } = await createInvitation(mine, session, terms, "https://sotto.test");
  await joinByInvitation(bens, parseLink(new URL(url).hash), () => {});
  const [here, there] = [chatOf(t, world, mine), chatOf(t, world, bens)];
  for (const side of [here, there]) {
    await side.chat.loadRooms(id);
    await side.chat.connect();
    await side.ready();
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
  return { world, mine, bens, id, room, here, there, carry };
}

/** A room's line in a side's list. */
export const lineOf = (side, id) => side.chat.rooms.find((room) => room.id === id);
