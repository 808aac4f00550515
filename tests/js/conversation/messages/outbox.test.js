import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageDecoder } from "../../../../static/js/conversation/messages/decode-message.js";
import { openHeader } from "../../../../static/js/crypto/message.js";
import { sessionOf, until, words } from "../world.js";
import { outboxStage as stage } from "./outbox-stage.js";

test("a message is kept, sent, acknowledged, and gone once it is seen in the room", async () => {
  const { me, id, room, session, tab, states, acked } = await stage();
  const outbox = tab();
  await outbox.add(words("hello"));
  assert.equal((await me.store.outbox.entries(id)).length, 1, "kept before it is sent");
  await acked(outbox, 1);
  assert.deepEqual(states(outbox), [["hello", "acked"]]);
  assert.deepEqual(outbox.expected(), [1]);
  await outbox.onStored(await new MessageDecoder(me, session).decode(room.rows[0]));
  assert.deepEqual(states(outbox), []);
  outbox.close();
});

test("a message shows before it is kept, and is sent only once it is", async () => {
  const { me, wire, tab, states, acked } = await stage();
  const outbox = tab();
  const { addEntry } = me.store.outbox;
  let keep = () => {};
  const began = new Promise((resolve) => {
    me.store.outbox.addEntry = async (entry) => {
      resolve();
      await new Promise((done) => (keep = done));
      return addEntry.call(me.store.outbox, entry);
    };
  });
  const adding = outbox.add(words("one"));
  await began;
  assert.deepEqual(states(outbox), [["one", "queued"]]);
  await outbox.flush();
  assert.deepEqual([states(outbox), wire.frames], [[["one", "queued"]], []]);
  keep();
  await adding;
  await acked(outbox, 1);
  assert.equal(wire.frames.length, 1);
  outbox.close();
});

test("a message that cannot be kept is taken away again, and its writer is told", async () => {
  const { me, wire, tab, states } = await stage();
  const outbox = tab();
  me.store.outbox.addEntry = async () => {
    throw new Error("full");
  };
  await assert.rejects(outbox.add(words("one")), /full/);
  await outbox.flush();
  assert.deepEqual([states(outbox), wire.frames], [[], []]);
  outbox.close();
});

test("the timeline checks each acknowledged message", async () => {
  const { tab, acked } = await stage();
  const outbox = tab();
  let checks = 0;
  outbox.timeline.checkAcknowledged = async () => {
    checks += 1;
  };
  await outbox.add(words("hello"));
  await acked(outbox, 1);
  await until(() => checks === 1);
  outbox.close();
});

test("messages go in the order they were written, one chain, one after another", async () => {
  const { tab, acked, headers } = await stage();
  const outbox = tab();
  await Promise.all(["a", "b", "c"].map((text) => outbox.add(words(text))));
  await acked(outbox, 3);
  const sent = await headers();
  assert.deepEqual(
    sent.map(({ n }) => n),
    [1, 2, 3],
  );
  assert.equal(new Set(sent.map(({ dev }) => dev)).size, 1);
  outbox.close();
});

test("messages of one moment keep their order, whichever is sealed first", async (t) => {
  const { me, tab, room, session, acked } = await stage();
  t.mock.method(Date, "now", () => 1_800_000_000_000);
  const outbox = tab();
  const { addEntry } = me.store.outbox;
  let held = 3;
  t.mock.method(me.store.outbox, "addEntry", async (entry) => {
    held -= 1;
    for (let turn = 0; turn < held * 20; turn += 1) await new Promise(setImmediate);
    return addEntry.call(me.store.outbox, entry);
  });
  await Promise.all(["a", "b", "c"].map((text) => outbox.add(words(text))));
  await acked(outbox, 3);
  const decoder = new MessageDecoder(me, session);
  const reads = await Promise.all(room.rows.map((row) => decoder.decode(row)));
  assert.deepEqual(
    reads.map(({ message }) => message.text),
    ["a", "b", "c"],
  );
  outbox.close();
});

test("without an answer the same bytes are sent again, and stand in the room once", async () => {
  const { room, wire, tab, acked } = await stage();
  const outbox = tab();
  wire.answer = (frame) => void room.send(frame); // stored, but the ack is lost
  await outbox.add(words("once"));
  await until(() => wire.frames.length === 1);
  wire.online = false;
  outbox.onDisconnect();
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
  await outbox.add(words("patience"));
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
  for (const text of ["one", "two", "three"]) await before.add(words(text));
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
  await Promise.all([
    left.add(words("l1")),
    right.add(words("r1")),
    left.add(words("l2")),
    right.add(words("r2")),
  ]);
  await acked(left, 4);
  assert.deepEqual(
    (await headers()).map(({ n }) => n),
    [1, 2, 3, 4],
  );
  wire.online = false;
  await left.add(words("last words"));
  wire.online = true;
  left.close();
  await right.flush();
  await acked(right, 5);
  right.close();
});

test("a tab that has seen less names what the other one has seen", async () => {
  const { me, room, session, tab, acked, headers } = await stage();
  const ahead = tab({ highest: [0, ""] });
  await ahead.add(words("first"));
  await acked(ahead, 1);
  ahead.timeline.highest = [1, (await openHeader(room.rows[0])).id];
  await ahead.add(words("second"));
  await acked(ahead, 2);
  const behind = tab();
  await behind.add(words("third"));
  await acked(behind, 3);
  assert.deepEqual(
    (await headers()).map(({ sh }) => sh[0]),
    [0, 1, 1],
  );
  assert.equal((await me.store.outbox.chain(session.id)).n, 3);
  ahead.close();
  behind.close();
});

test("a closed room is rotated first; the message follows in the new epoch", async () => {
  const { room, session, tab, acked, headers } = await stage();
  const outbox = tab();
  await outbox.add(words("before"));
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
  await outbox.add(words("after"));
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

test("a room that has changed is caught up with, and the message sealed anew", async () => {
  const { me, id, tab, acked, headers, wire } = await stage();
  const outbox = tab();
  await (await sessionOf(me, id)).rotate();
  await outbox.add(words("late"));
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
  await outbox.add(words("a"));
  await acked(outbox, 1);
  await outbox.add(words("b"));
  await acked(outbox, 2);
  room.rows.pop(); // the server went back by one message
  await outbox.add(words("c"));
  await acked(outbox, 3);
  const sent = await headers();
  assert.deepEqual(
    sent.map(({ n }) => n),
    [1, 1],
  );
  assert.notEqual(sent[0].dev, sent[1].dev);
  outbox.close();
});

test("a message that was not sent is taken back, and the next one takes its place", async () => {
  const { me, id, wire, tab, states, acked, headers } = await stage();
  const outbox = tab();
  wire.online = false;
  await outbox.add(words("firts"));
  await until(() => outbox.entries[0]?.sealed !== undefined);
  const [{ cid }] = outbox.entries;
  assert.equal((await outbox.takeBack(cid)).body, "firts");
  assert.deepEqual([states(outbox), await me.store.outbox.entries(id)], [[], []]);
  assert.equal(await outbox.takeBack(cid), null);
  wire.online = true;
  await outbox.add(words("first"));
  await acked(outbox, 1);
  assert.deepEqual(
    (await headers()).map(({ n, pm }) => [n, pm]),
    [[1, ""]],
  );
  outbox.close();
});

test("a message that the server may have is not taken back", async () => {
  const { room, wire, tab } = await stage();
  const outbox = tab();
  wire.answer = (frame) => void room.send(frame); // stored, but the ack is lost
  await outbox.add(words("once"));
  await until(() => wire.frames.length === 1);
  wire.online = false;
  outbox.onDisconnect();
  assert.equal(await outbox.takeBack(outbox.entries[0].cid), null);
  assert.equal(outbox.entries.length, 1);
  outbox.close();
});

test("a message that another tab has seen in the room is shown here until this one has", async () => {
  const { me, session, room, wire, tab, acked, states } = await stage();
  const [first, other] = [tab(), tab()];
  await first.add(words("hello"));
  await acked(first, 1);
  await acked(other, 1);
  const shown = [];
  other.addEventListener("changed", () => shown.push(other.entries.length));
  const stored = await new MessageDecoder(me, session).decode(room.rows[0]);
  await first.onStored(stored);
  await until(() => shown.length > 0, "the other tab to hear of it");
  await other.flush();
  assert.deepEqual(states(other), [["hello", "acked"]]);
  assert.equal(wire.frames.length, 1, "it is not sent again");
  assert.deepEqual(new Set(shown), new Set([1]), "it never went in between");
  await other.onStored(stored);
  assert.deepEqual(other.entries, []);
  for (const outbox of [first, other]) outbox.close();
});

test("a message that another tab takes back leaves this one at once", async () => {
  const { wire, tab, states } = await stage();
  wire.online = false;
  const [first, other] = [tab(), tab()];
  await first.add(words("hello"));
  await until(() => states(other).length === 1, "the other tab to hear of it");
  await first.discard(first.entries[0].cid);
  await until(() => other.entries.length === 0, "it to go");
  for (const outbox of [first, other]) outbox.close();
});
