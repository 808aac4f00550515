import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../../static/js/conversation/outbox.js";
import { Reader } from "../../../static/js/conversation/reading.js";
import { openHeader } from "../../../static/js/crypto/message.js";
import { ada } from "../crypto/cast.js";
import { adasRoom, fakeChannels, fakeLocks, sessionOf, until, World } from "./world.js";

/** Ada's room, and ways to make outboxes whose frames reach it. */
async function stage() {
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
      Promise.resolve(wire.answer(frame)).then((answer) => answer && outbox.answered(answer));
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

test("a message is kept, sent, acknowledged, and gone once it is seen in the room", async () => {
  const { me, id, room, session, tab, states, acked } = await stage();
  const outbox = tab();
  await outbox.add("hello");
  assert.equal((await me.store.outbox(id)).length, 1, "kept before it is sent");
  await acked(outbox, 1);
  assert.deepEqual(states(outbox), [["hello", "acked"]]);
  assert.deepEqual(outbox.expected(), [1]);
  await outbox.stored(await new Reader(me, session).read(room.rows[0]));
  assert.deepEqual(states(outbox), []);
  outbox.close();
});

test("messages go in the order they were written, one chain, one after another", async () => {
  const { tab, acked, headers } = await stage();
  const outbox = tab();
  await Promise.all(["a", "b", "c"].map((text) => outbox.add(text)));
  await acked(outbox, 3);
  const sent = await headers();
  assert.deepEqual(
    sent.map(({ n }) => n),
    [1, 2, 3],
  );
  assert.equal(new Set(sent.map(({ dev }) => dev)).size, 1);
  outbox.close();
});

test("without an answer the same bytes are sent again, and stand in the room once", async () => {
  const { room, wire, tab, acked } = await stage();
  const outbox = tab();
  wire.answer = (frame) => void room.send(frame); // stored, but the ack is lost
  await outbox.add("once");
  await until(() => wire.frames.length === 1);
  wire.online = false;
  outbox.disconnected();
  await outbox.flush();
  wire.online = true;
  wire.answer = (frame) => room.send(frame);
  await outbox.flush();
  await acked(outbox, 1);
  assert.equal(room.rows.length, 1);
  assert.deepEqual(wire.frames[0], wire.frames[1]);
  outbox.close();
});

test("a server that does not answer in time is asked again", async (t) => {
  const { room, wire, tab, acked } = await stage();
  const outbox = tab();
  wire.answer = () => null;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  await outbox.add("patience");
  await until(() => wire.frames.length === 1);
  wire.answer = (frame) => room.send(frame);
  t.mock.timers.tick(15_000);
  await acked(outbox, 1);
  assert.deepEqual(wire.frames[0], wire.frames[1]);
  outbox.close();
});

test("what is queued offline survives a reload and goes out by itself", async () => {
  const { wire, tab, states, acked, headers } = await stage();
  wire.online = false;
  const before = tab();
  for (const text of ["one", "two", "three"]) await before.add(text);
  await until(() => before.entries.length === 3);
  before.close();
  wire.online = true;
  const after = tab();
  await after.load();
  assert.deepEqual(
    states(after).map(([body]) => body),
    ["one", "two", "three"],
  );
  await after.flush();
  await acked(after, 3);
  assert.deepEqual(
    (await headers()).map(({ n }) => n),
    [1, 2, 3],
  );
  after.close();
});

test("two tabs share one chain, and one goes on where the other was closed", async () => {
  const { me, id, wire, tab, acked, headers } = await stage();
  const [left, right] = [tab(), tab({ own: await sessionOf(me, id) })];
  await Promise.all([left.add("l1"), right.add("r1"), left.add("l2"), right.add("r2")]);
  await acked(left, 4);
  assert.deepEqual(
    (await headers()).map(({ n }) => n),
    [1, 2, 3, 4],
  );
  wire.online = false;
  await left.add("last words");
  wire.online = true;
  left.close();
  await right.flush();
  await acked(right, 5);
  right.close();
});

test("a tab that has seen less names what the other one has seen", async () => {
  const { me, room, session, tab, acked, headers } = await stage();
  const ahead = tab({ highest: [0, ""] });
  await ahead.add("first");
  await acked(ahead, 1);
  ahead.timeline.highest = [1, (await openHeader(room.rows[0])).id];
  await ahead.add("second");
  await acked(ahead, 2);
  const behind = tab();
  await behind.add("third");
  await acked(behind, 3);
  assert.deepEqual(
    (await headers()).map(({ sh }) => sh[0]),
    [0, 1, 1],
  );
  assert.equal((await me.store.chain(session.id)).n, 3);
  ahead.close();
  behind.close();
});

test("a closed room is rotated first; the message follows in the new epoch", async () => {
  const { room, session, tab, acked, headers } = await stage();
  const outbox = tab();
  await outbox.add("before");
  await acked(outbox, 1);
  await session.rotate();
  room.open = false;
  session.state.open = false;
  const rotate = session.rotate.bind(session);
  let rotations = 0;
  session.rotate = async () => {
    rotations += 1;
    await rotate();
  };
  await outbox.add("after");
  await acked(outbox, 2);
  assert.equal(rotations, 1);
  assert.deepEqual(
    (await headers()).map(({ e, n }) => [e, n]),
    [
      [1, 1],
      [3, 2],
    ],
  );
  outbox.close();
});

test("a room that has moved on is caught up with, and the message sealed anew", async () => {
  const { me, id, tab, acked, headers, wire } = await stage();
  const outbox = tab();
  await (await sessionOf(me, id)).rotate();
  await outbox.add("late");
  await acked(outbox, 1);
  assert.deepEqual(
    (await headers()).map(({ e, n }) => [e, n]),
    [[2, 1]],
  );
  assert.equal(wire.frames.length, 2);
  outbox.close();
});

test("where the server knows another order, it goes on if that is ours, else as a new device", async () => {
  const { room, tab, acked, headers } = await stage();
  const outbox = tab();
  await outbox.add("a");
  await acked(outbox, 1);
  await outbox.add("b");
  await acked(outbox, 2);
  room.rows.pop(); // the server went back by one message
  await outbox.add("c");
  await acked(outbox, 3);
  const sent = await headers();
  assert.deepEqual(
    sent.map(({ n }) => n),
    [1, 1],
  );
  assert.notEqual(sent[0].dev, sent[1].dev);
  outbox.close();
});

test("what the server will never take fails with its reason, and the others pass", async () => {
  const { room, wire, tab, acked, states, headers } = await stage();
  const outbox = tab();
  wire.answer = async (frame) => {
    const { cid } = JSON.parse(frame.h);
    if (wire.frames.length > 1) return room.send(frame);
    return { type: "error", room: room.id, cid, code: "bad_message", detail: "No." };
  };
  await outbox.add("odd");
  await outbox.add("good");
  await acked(outbox, 1);
  assert.deepEqual(states(outbox), [
    ["odd", "failed"],
    ["good", "acked"],
  ]);
  assert.equal(outbox.entries[0].error, "No.");
  assert.deepEqual(
    (await headers()).map(({ n }) => n),
    [1],
    "its place was free again",
  );
  await outbox.retry(outbox.entries[0].cid);
  await acked(outbox, 2);
  assert.deepEqual(
    (await headers()).map(({ n }) => n),
    [1, 2],
  );
  outbox.close();
});

test("a text that no message can hold fails alone, and can be discarded", async () => {
  const { tab, acked, states } = await stage();
  const outbox = tab();
  await outbox.add("x".repeat(65_536));
  await outbox.add("\ud800");
  await outbox.add("short");
  await acked(outbox, 1);
  assert.deepEqual(
    states(outbox).map(([, state]) => state),
    ["failed", "failed", "acked"],
  );
  await outbox.discard(outbox.entries[0].cid);
  assert.equal(outbox.entries.length, 2);
  outbox.close();
});

test("a busy server is asked again after the time it names", async (t) => {
  const { room, wire, tab, acked } = await stage();
  const outbox = tab();
  wire.answer = (frame) =>
    wire.frames.length > 1
      ? room.send(frame)
      : { type: "error", cid: JSON.parse(frame.h).cid, code: "rate", retry_after: 7 };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  await outbox.add("soon");
  await until(() => wire.frames.length === 1);
  for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(6999);
  assert.equal(wire.frames.length, 1);
  t.mock.timers.tick(1);
  await acked(outbox, 1);
  outbox.close();
});

test("a failure on the way is tried again later, and nobody is told of an error", async (t) => {
  const { world, wire, room, tab, acked } = await stage();
  const outbox = tab();
  world.before = () => {
    throw Object.assign(new Error("offline"), { status: 0, code: "offline" });
  };
  wire.answer = (frame) =>
    wire.frames.length > 1
      ? room.send(frame)
      : { type: "error", cid: JSON.parse(frame.h).cid, code: "stale", detail: "" };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  await outbox.add("again");
  await until(() => world.calls.length > 0 && wire.frames.length === 1);
  for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
  world.before = () => {};
  t.mock.timers.tick(30_000);
  await acked(outbox, 1);
  outbox.close();
});

test("nothing leaves a frozen room, or one with a key that was not approved", async () => {
  const { session, wire, tab } = await stage();
  const outbox = tab();
  session.unapproved = ["ben"];
  await outbox.add("wait");
  await outbox.flush();
  assert.equal(wire.frames.length, 0);
  session.unapproved = [];
  session.freeze("cheated");
  await outbox.flush();
  assert.equal(wire.frames.length, 0);
  outbox.close();
});

test("another message where one's own was acknowledged freezes the room", async () => {
  const { me, session, room, tab, acked } = await stage();
  const outbox = tab();
  await outbox.add("mine");
  await acked(outbox, 1);
  const swapped = {
    ...room.rows[0],
    ct: room.rows[0].ct.replace(/^./, (c) => (c === "A" ? "B" : "A")),
  };
  await outbox.stored(await new Reader(me, session).read(swapped));
  assert.equal(session.frozen, "cheated");
  outbox.close();
});

test("a second copy of one's own message, sealed anew, accuses nobody", async () => {
  const { me, id, session, room, wire, tab } = await stage();
  const outbox = tab();
  let first = null;
  wire.answer = async (frame) => {
    first = await room.send(frame);
    return { type: "error", room: id, cid: first.cid, code: "stale", detail: "" };
  };
  await outbox.add("twice");
  await until(() => wire.frames.length >= 2);
  await outbox.stored(await new Reader(me, session).read(room.rows[0]));
  assert.equal(session.frozen, "");
  await until(() => outbox.entries.length === 0);
  assert.equal(room.rows.length, 1);
  outbox.close();
});

test("search tokens of the text travel beside it, the text does not", async () => {
  const { wire, tab, acked } = await stage();
  const outbox = tab();
  await outbox.add("marmalade");
  await acked(outbox, 1);
  assert.equal(wire.frames[0].tokens.g, 1);
  assert.equal(wire.frames[0].tokens.t.length % 8, 0);
  assert.ok(!JSON.stringify(wire.frames).includes("marmalade"));
  outbox.close();
});
