import assert from "node:assert/strict";
import { test } from "node:test";
import { appendSimple } from "../../../../static/js/conversation/room/append-event.js";
import { ada, ben } from "../../crypto/cast.js";
import { stage } from "./timeline-stage.js";

/** The owner sets how long messages are kept. @param {number} ttl days */
const keepFor = (me, session, ttl) =>
  appendSimple(me, session, (state) => ({ t: "policy", policy: { ...state.policy, ttl } }));

test("an own message that was acknowledged must be there, also outside of the page", async () => {
  const { say, open, watch, session, room } = await stage();
  for (let i = 1; i <= 55; i += 1) await say(ben, `m${i}`);
  watch.owed = [2];
  await open().load();
  assert.ok(watch.seen.includes(2));
  assert.equal(session.frozen, "");
  room.rows = room.rows.filter(({ seq }) => seq !== 2);
  await open().load();
  assert.equal(session.frozen, "cheated");
});

test("an own message may be gone once the room's rules let it go, and not before", async () => {
  const { say, open, watch, session, room, me } = await stage();
  for (let i = 1; i <= 5; i += 1) await say(ben, `m${i}`);
  room.rows = room.rows.filter(({ seq }) => seq > 3);
  room.oldest = 4;
  const day = 24 * 3600 * 1000;
  await keepFor(me, session, 2);
  watch.owed = [2];
  watch.at = me.clock.now() - 3 * day;
  const timeline = open();
  await timeline.load();
  assert.equal(session.frozen, "");
  assert.ok(timeline.startsLate);
  watch.at = me.clock.now() - day;
  await open().load();
  assert.equal(session.frozen, "cheated", "a day too early");
});

test("an own message may have expired under a rule that was changed since", async () => {
  const { say, open, watch, session, room, me } = await stage();
  for (let i = 1; i <= 5; i += 1) await say(ben, `m${i}`);
  room.rows = room.rows.filter(({ seq }) => seq > 3);
  room.oldest = 4;
  await keepFor(me, session, 2);
  await keepFor(me, session, 0);
  watch.owed = [2];
  watch.at = me.clock.now() - 3 * 24 * 3600 * 1000;
  await open().load();
  assert.equal(session.frozen, "");
});

test("an own message of a room that was closed is gone, and nobody is accused", async () => {
  const { say, open, watch, session, room, me, texts } = await stage();
  await say(ada, "mine");
  const timeline = open();
  await timeline.load();
  await appendSimple(me, session, () => ({ t: "close" }));
  room.rows = [];
  room.oldest = 0;
  await timeline.rewound();
  await timeline.reload();
  assert.deepEqual(texts(), ["mine"], "what was read stays");
  watch.owed = [1];
  await open().load();
  assert.equal(session.frozen, "");
});

test("hostile_ a room is only closed by its log: the server cannot say so", async () => {
  const { say, open, watch, session, room } = await stage();
  await say(ada, "mine");
  room.rows = [];
  room.oldest = 0;
  room.open = false;
  watch.owed = [1];
  await open().load();
  assert.equal(session.frozen, "cheated");
});

test("an own message of a room that forgets nothing may not be before its first", async () => {
  const { say, open, watch, session, room } = await stage();
  for (let i = 1; i <= 5; i += 1) await say(ben, `m${i}`);
  room.rows = room.rows.filter(({ seq }) => seq > 3);
  room.oldest = 4;
  watch.owed = [2];
  await open().load();
  assert.equal(session.frozen, "cheated");
});

test("an acknowledgement that follows its message is checked against what is here", async () => {
  const { say, open, watch } = await stage();
  await say(ada, "mine");
  const timeline = open();
  await timeline.load();
  watch.seen.length = 0;
  watch.owed = [1, 2];
  await timeline.checkAcknowledged();
  assert.deepEqual(watch.seen, [1], "the second is still on its way");
});

/** The server gives older copies of messages, and what others said is read from the kept ones. */
function lostTexts(timeline) {
  return timeline.lost.map(({ after, items }) => [after, items.map(({ text }) => text)]);
}

test("hostile_ what others said and the server took back stays readable", async () => {
  const { say, open, room, session, texts } = await stage();
  await say(ada, "mine");
  for (const text of ["lost", "and this"]) await say(ben, text);
  const timeline = open();
  let told = 0;
  timeline.addEventListener("lost", () => (told += 1));
  await timeline.load();
  room.rows = room.rows.slice(0, 1);
  await timeline.rewound();
  assert.deepEqual(lostTexts(timeline), [[1, ["lost", "and this"]]]);
  assert.deepEqual([told, session.frozen, texts()], [1, "", ["mine"]]);
  const again = open();
  await again.load();
  assert.deepEqual(lostTexts(again), [[1, ["lost", "and this"]]], "also at the next visit");
});

test("hostile_ a message that was taken out of the middle is missed when it is read again", async () => {
  const { say, open, room, session } = await stage();
  for (let i = 1; i <= 60; i += 1) await say(ben, `m${i}`);
  const timeline = open();
  await timeline.load();
  await timeline.older();
  await timeline.reload();
  await open().load();
  const short = open();
  await short.load();
  await say(ada, "an end");
  room.rows = room.rows.filter(({ seq }) => seq !== 50);
  await short.reload();
  assert.deepEqual(lostTexts(short), [[49, ["m50"]]]);
  assert.equal(session.frozen, "");
});

test("hostile_ an own message that was taken out of the middle stops the room", async () => {
  const { say, open, room, session } = await stage();
  for (let i = 1; i <= 5; i += 1) await say(i === 3 ? ada : ben, `m${i}`);
  const timeline = open();
  await timeline.load();
  room.rows = room.rows.filter(({ seq }) => seq !== 3);
  await timeline.reload();
  assert.equal(session.frozen, "cheated");
});

test("a server rolled back without the user's own messages shows what it has", async () => {
  const { say, open, room, session, texts } = await stage();
  await say(ada, "mine");
  await say(ben, "lost");
  const timeline = open();
  await timeline.load();
  room.rows.pop();
  await timeline.rewound();
  assert.equal(session.frozen, "");
  assert.deepEqual(texts(), ["mine"]);
  await say(ben, "instead", { n: 1, pm: "" });
  await timeline.receive(room.rows.slice(-1));
  assert.deepEqual(texts(), ["mine", "instead"]);
});

test("a server that lost the user's own message freezes the room", async () => {
  const { say, open, room, session } = await stage();
  await say(ben, "theirs");
  await say(ada, "mine");
  const timeline = open();
  await timeline.load();
  room.rows.pop();
  await timeline.rewound();
  assert.equal(session.frozen, "cheated");
});
