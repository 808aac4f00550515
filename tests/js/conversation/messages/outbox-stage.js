/** A room with outboxes whose frames reach it. */
import { Outbox } from "../../../../static/js/conversation/messages/outbox.js";
import { openHeader } from "../../../../static/js/crypto/message.js";
import { ada } from "../../crypto/cast.js";
import { adasRoom, fakeChannels, fakeLocks, until, World } from "../world.js";

/** Ada's room, and ways to make outboxes whose frames reach it. */
export async function outboxStage() {
  const world = new World();
  const me = world.browser(ada);
  const { id, room, session } = await adasRoom(world, me);
  const shared = { locks: fakeLocks(), makeChannel: fakeChannels() };
  const wire = { online: true, frames: [], answer: (frame) => room.send(frame) };

  function tab({ own = session, highest = /** @type {[number, string]} */ ([0, ""]) } = {}) {
    const timeline = { highest };
    const send = (frame) => {
      if (!wire.online) return false;
      wire.frames.push(frame);
      Promise.resolve(wire.answer(frame)).then((answer) => answer && outbox.onAnswer(answer));
      return true;
    };
    const outbox = new Outbox({ me, session: own, timeline, send, ...shared });
    return Object.assign(outbox, { timeline });
  }

  const states = (outbox) => outbox.entries.map(({ content, state }) => [content.body, state]);
  const acked = (outbox, many) =>
    until(() => states(outbox).filter(([, state]) => state === "acked").length === many, "acks");
  const headers = () => Promise.all(room.rows.map(async (row) => (await openHeader(row)).header));
  return { world, me, id, room, session, wire, tab, states, acked, headers };
}
