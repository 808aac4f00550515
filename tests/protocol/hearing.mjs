/** Frames that a server makes up, heard by a browser's socket and chat. */
import { Chat } from "../../static/js/conversation/chat.js";
import { Outbox } from "../../static/js/conversation/messages/outbox.js";
import { TimelineModel } from "../../static/js/conversation/messages/timeline-model.js";
import { Socket } from "../../static/js/net/socket.js";
import {
  adasRoom,
  fakeChannels,
  fakeLocks,
  until,
  World,
  words,
} from "../js/conversation/world.js";
import { ada } from "../js/crypto/cast.js";

const shared = { locks: fakeLocks(), makeChannel: fakeChannels() };

/** Ada's open room in one browser, which writes, and in another, which hears `texts`. */
async function stage() {
  const world = new World();
  const [writing, hearing] = [world.browser(ada), world.browser(ada)];
  const { id, room, session } = await adasRoom(world, writing);
  const box = new Outbox({
    me: writing,
    session,
    timeline: { highest: [0, ""] },
    send: (frame) => room.send(frame).then((answer) => box.onAnswer(answer)) && true,
    ...shared,
  });
  const wire = { readyState: 1, send() {}, close() {} };
  const chat = new Chat(
    hearing,
    (handlers) => new Socket({ open: () => wire, ...handlers }),
    (parts) => new Outbox({ ...parts, ...shared }),
  );
  await chat.loadRooms(id);
  chat.connect();
  const { timeline } = await chat.openRoom(id, (found) => {
    const model = new TimelineModel(hearing, found, {
      stored: async () => {},
      expected: () => [],
      sealedAt: () => 0,
    });
    const parts = { me: hearing, session: found, timeline: model, send: chat.send };
    const outbox = new Outbox({ ...parts, ...shared });
    return { timeline: model, outbox };
  });
  const heard = [];
  timeline.addEventListener("items", ({ detail }) => heard.push(...detail.map(({ text }) => text)));
  await timeline.load();
  chat.goLive();
  await until(() => wire.onmessage, "a connection");
  return { box, heard, id, room, wire };
}

let there;

async function scene() {
  there ??= await stage();
  return { room: there.id, uid: ada.uid, kid: ada.kid };
}

/** Which of these frames made something fail that nobody handles. */
async function hear({ texts }) {
  await scene();
  const failed = [];
  let current = "";
  const note = (error) => failed.push(`${current}: ${error?.stack ?? error}`);
  process.on("unhandledRejection", note);
  try {
    for (current of texts) {
      try {
        there.wire.onmessage({ data: current });
      } catch (error) {
        note(error);
      }
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    }
  } finally {
    process.off("unhandledRejection", note);
  }
  return failed;
}

/** Whether a message that is as it should be still comes through. */
async function stillHears({ text }) {
  const { box, heard, id, room, wire } = there;
  const before = room.rows.length;
  await box.add(words(text));
  await until(() => room.rows.length > before, "a message");
  const frame = { type: "message_receive", room: id, messages: room.rows.slice(-1) };
  wire.onmessage({ data: JSON.stringify(frame) });
  await until(() => heard.includes(text), "the message");
  return true;
}

export const hearing = { scene, hear, stillHears };
