import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageDecoder } from "../../../../static/js/conversation/messages/decode-message.js";
import { until, words } from "../world.js";
import { outboxStage as stage } from "./outbox-stage.js";

test("what the server will never take fails with its reason, and the others pass", async () => {
  const { room, wire, tab, acked, states, headers } = await stage();
  const outbox = tab();
  wire.answer = async (frame) => {
    const { cid } = JSON.parse(frame.h);
    if (wire.frames.length > 1) return room.send(frame);
    return { type: "error", room: room.id, cid, code: "bad_message", detail: "No." };
  };
  await outbox.add(words("odd"));
  await outbox.add(words("good"));
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

for (const code of ["quota", "storage", "devices"])
  test(`abuse: a message that meets the limit "${code}" stays, says why, and goes when it is asked again`, async () => {
    const { room, wire, tab, acked, states } = await stage();
    const outbox = tab();
    const detail = "There is no room left. Nothing was lost.";
    let full = true;
    wire.answer = (frame) => {
      const { cid } = JSON.parse(frame.h);
      return full ? { type: "error", room: room.id, cid, code, detail } : room.send(frame);
    };
    await outbox.add(words("kept"));
    await until(() => outbox.entries[0]?.state === "failed");
    assert.equal(outbox.entries[0].error, detail);
    full = false;
    await outbox.retry(outbox.entries[0].cid);
    await acked(outbox, 1);
    assert.deepEqual(states(outbox), [["kept", "acked"]]);
    outbox.close();
  });

test("a text that no message can hold fails alone, and can be discarded", async () => {
  const { tab, acked, states } = await stage();
  const outbox = tab();
  await outbox.add(words("x".repeat(65_536)));
  await outbox.add(words("\ud800"));
  await outbox.add(words("short"));
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
  await outbox.add(words("soon"));
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
  await outbox.add(words("again"));
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
  await outbox.add(words("wait"));
  await outbox.flush();
  assert.equal(wire.frames.length, 0);
  session.unapproved = [];
  session.freeze("cheated");
  await outbox.flush();
  assert.equal(wire.frames.length, 0);
  outbox.close();
});

test("another message in the place of an acknowledged one freezes the room", async () => {
  const { me, session, room, tab, acked } = await stage();
  const outbox = tab();
  await outbox.add(words("mine"));
  await acked(outbox, 1);
  const swapped = {
    ...room.rows[0],
    ct: room.rows[0].ct.replace(/^./, (c) => (c === "A" ? "B" : "A")),
  };
  await outbox.onStored(await new MessageDecoder(me, session).decode(swapped));
  assert.equal(session.frozen, "cheated");
  outbox.close();
});

test("a second copy of the user's own message, sealed anew, accuses nobody", async () => {
  const { me, id, session, room, wire, tab } = await stage();
  const outbox = tab();
  let first = null;
  wire.answer = async (frame) => {
    first = await room.send(frame);
    return { type: "error", room: id, cid: first.cid, code: "stale", detail: "" };
  };
  await outbox.add(words("twice"));
  await until(() => wire.frames.length >= 2);
  await outbox.onStored(await new MessageDecoder(me, session).decode(room.rows[0]));
  assert.equal(session.frozen, "");
  await until(() => outbox.entries.length === 0);
  assert.equal(room.rows.length, 1);
  outbox.close();
});

test("search tokens of the text travel beside it, the text does not", async () => {
  const { wire, tab, acked } = await stage();
  const outbox = tab();
  await outbox.add(words("marmalade"));
  await acked(outbox, 1);
  assert.equal(wire.frames[0].tokens.g, 1);
  assert.equal(wire.frames[0].tokens.t.length % 8, 0);
  assert.ok(!JSON.stringify(wire.frames).includes("marmalade"));
  outbox.close();
});
