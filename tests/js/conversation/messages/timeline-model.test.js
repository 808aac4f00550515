import assert from "node:assert/strict";
import { test } from "node:test";
import { ada, ben, flip } from "../../crypto/cast.js";
import { refuse, sessionOf } from "../world.js";
import { stage } from "./timeline-stage.js";

test("the newest page is shown, with who wrote what", async () => {
  const { say, open, shown, texts } = await stage();
  await say(ada, "one");
  await say(ben, "two");
  const timeline = open();
  await timeline.load();
  assert.deepEqual(texts(), ["one", "two"]);
  assert.deepEqual(
    [...shown.values()].map(({ author, mine, state }) => [author.name, mine, state]),
    [
      ["ada", true, "sent"],
      ["ben", false, "received"],
    ],
  );
  assert.equal(timeline.newest, 2);
  assert.equal(timeline.highest[0], 2);
  assert.equal(timeline.hasOlder, false);
});

test("what came before is shown once, and what is missing is fetched", async () => {
  const { say, open, room, shown, texts } = await stage();
  const rows = [];
  for (const text of ["1", "2", "3", "4", "5"]) rows.push(await say(ben, text));
  const all = room.rows;
  room.rows = all.slice(0, 1);
  const timeline = open();
  await timeline.load();
  room.rows = all;
  await timeline.receive([rows[0], rows[2]]);
  await timeline.receive([rows[2]]);
  assert.equal(texts().length, timeline.newest);
  assert.deepEqual(texts().slice(0, 3), ["1", "2", "3"]);
  await timeline.receive([rows[3], rows[4]]);
  assert.deepEqual(texts(), ["1", "2", "3", "4", "5"]);
  assert.ok([...shown.values()].every(({ gap }) => !gap));
});

test("messages that cannot be had just now are asked for again later", async () => {
  const { say, open, room, texts, world } = await stage();
  const rows = [await say(ben, "1"), await say(ben, "2"), await say(ben, "3")];
  const all = room.rows;
  room.rows = all.slice(0, 1);
  const timeline = open();
  await timeline.load();
  room.rows = all;
  world.before = () => {
    throw refuse(0, "offline");
  };
  await assert.rejects(timeline.receive([rows[2]]));
  assert.equal(timeline.newest, 1);
  world.before = () => {};
  await timeline.receive([rows[1], rows[2]]);
  assert.deepEqual(texts(), ["1", "2", "3"]);
});

test("older pages come on request, to the first message", async () => {
  const { say, open, texts } = await stage();
  for (let i = 1; i <= 80; i += 1) await say(i % 2 ? ada : ben, `m${i}`);
  const timeline = open();
  await timeline.load();
  assert.equal(texts().length, 30);
  assert.equal(timeline.hasOlder, true);
  await timeline.older(true); // as many as a view lacks
  assert.equal(texts().length, 60);
  await timeline.older();
  assert.equal(timeline.hasOlder, false);
  assert.deepEqual(
    texts(),
    Array.from({ length: 80 }, (_, i) => `m${i + 1}`),
  );
  await timeline.older();
});

test("a reload shows what is kept before it asks the server", async () => {
  const { say, open, session, texts, world } = await stage();
  await say(ben, "kept");
  await open().load();
  world.calls.length = 0;
  const again = open(session);
  await again.load();
  assert.deepEqual(texts(), ["kept"]);
  assert.deepEqual(world.calls, []);
});

test("altered, moved and forged messages are one grey line without their text", async () => {
  const { say, open, room, shown } = await stage();
  await say(ben, "fine");
  const altered = await say(ben, "altered");
  altered.ct = flip(altered.ct, 3);
  const badly = await say(ben, "badly signed");
  badly.sig = flip(badly.sig, 40);
  const moved = structuredClone(room.rows[0]);
  room.rows.push({ ...moved, seq: room.rows.length + 1 });
  const timeline = open();
  await timeline.load();
  const kinds = [...shown.values()].map(({ kind }) => kind);
  assert.deepEqual(kinds, ["message", "refused", "refused", "refused"]);
  assert.ok(
    [...shown.values()].slice(1).every(({ text, author }) => text === "" && author.uid === ""),
  );
});

test("a message that names a log event not seen here waits for it", async () => {
  const { say, open, session, texts, world, id } = await stage();
  const behind = await sessionOf(world.browser(ada), id);
  await session.rotate();
  await say(ben, "from the future");
  await open(behind).load();
  assert.deepEqual(texts(), ["from the future"]);
  assert.equal(behind.state.e, 2);
});

test("a message without its key is locked, and opens when the key comes", async () => {
  const { say, open, room, session, texts, world, id } = await stage();
  await say(ben, "sealed");
  const kept = room.wraps;
  room.wraps = [];
  const fresh = await sessionOf(world.browser(ada), id);
  const timeline = open(fresh, world.browser(ada));
  await timeline.load();
  assert.deepEqual(texts(), ["locked"]);
  room.wraps = kept;
  await fresh.onWraps({ e: 1, to: ada.kid });
  await timeline.retryLocked();
  assert.deepEqual(texts(), ["sealed"]);
  assert.equal(session.frozen, "");
});

test("a message that the server lost leaves a gap; what follows stays", async () => {
  const { say, open, room, shown, session } = await stage();
  for (const text of ["1", "2", "3", "4"]) await say(ben, text);
  room.rows.splice(1, 1);
  await open().load();
  const lines = [...shown.values()].map(({ seq, text, gap }) => [seq, text, gap]);
  assert.deepEqual(lines, [
    [1, "1", false],
    [3, "3", true],
    [4, "4", false],
  ]);
  assert.equal(session.frozen, "");
});

test("what its author saw differently is marked, and nothing freezes", async () => {
  const { say, open, shown, session } = await stage();
  await say(ada, "1");
  await say(ben, "2", { sh: [1, "A".repeat(43)] });
  await open().load();
  assert.equal(shown.get(2).otherView, true);
  assert.equal(shown.get(2).text, "2");
  assert.equal(session.frozen, "");
});

test("the outbox is told of every row", async () => {
  const { say, open, watch } = await stage();
  await say(ben, "1");
  const last = await say(ada, "2");
  const timeline = open();
  await timeline.load();
  await timeline.receive([last]);
  assert.deepEqual(watch.seen, [1, 2]);
});

test("a head that was overtaken on the way accuses nobody", async () => {
  const { say, open, session, texts } = await stage();
  await say(ada, "mine");
  const timeline = open();
  await timeline.load();
  await timeline.rewound();
  assert.equal(session.frozen, "");
  assert.deepEqual(texts(), ["mine"]);
});

test("starting anew shows the newest page alone", async () => {
  const { say, open, room, texts } = await stage();
  await say(ben, "old");
  const timeline = open();
  await timeline.load();
  for (let i = 1; i <= 60; i += 1) await say(ben, `m${i}`);
  await timeline.reload();
  assert.equal(texts().length, 30);
  assert.equal(timeline.newest, room.rows.length);
  assert.equal(timeline.hasOlder, true);
});

/** A browser's storage that refuses rows and the outbox's changes. */
function refuseWrites({ me, watch }) {
  const refused = async () => {
    throw new DOMException("", "QuotaExceededError");
  };
  me.store.messages.saveRows = refused;
  me.store.messages.saveOpened = refused;
  watch.stored = refused;
}

test("messages are shown whatever this browser's storage says, each once", async () => {
  const room = await stage();
  await room.say(ben, "1");
  refuseWrites(room);
  const timeline = room.open();
  await timeline.load();
  assert.deepEqual(room.texts(), ["1"]);
  const [two, three] = [await room.say(ben, "2"), await room.say(ada, "mine")];
  await timeline.receive([two]);
  await timeline.receive([two, three]);
  assert.deepEqual(room.texts(), ["1", "2", "mine"]);
});

test("a jump goes on where storage refuses what it brings", async () => {
  const room = await stage();
  await room.say(ben, "1");
  const timeline = room.open();
  await timeline.load();
  refuseWrites(room);
  for (let seq = 2; seq <= 9; seq += 1) await room.say(ben, String(seq));
  assert.equal(await timeline.goTo(5), true);
  assert.equal(room.texts().length, 9);
});
