import assert from "node:assert/strict";
import { test } from "node:test";
import { collectMessages } from "../../../../static/js/conversation/summaries/collect-messages.js";
import { ben } from "../../crypto/cast.js";
import { stage } from "../messages/timeline-stage.js";

const collected = async ({ me, session }, wanted = {}) => {
  const { said } = await collectMessages(me, session, wanted, { limit: 100 });
  return said.map(({ text }) => text);
};

/** A room in which ben has said "one" and "two", and what he once signed with his first count. */
async function rolledBack() {
  const room = await stage();
  await room.say(ben, "one");
  await room.say(ben, "two");
  await room.say(ben, "taken back", { n: 1, pm: "", sh: [0, ""] });
  return room;
}

test("hostile: a range has no message that the room refuses by what it has read", async () => {
  const room = await rolledBack();
  const { rows } = room.room;
  await room.open().load();
  room.room.rows = rows.slice(2);
  assert.deepEqual(await collected(room, { most: 1 }), []);
  room.room.rows = rows;
  assert.deepEqual(await collected(room), ["one", "two"]);
});

test("hostile: what a range betrays is refused in the room, too", async () => {
  const room = await rolledBack();
  const { rows } = room.room;
  room.room.rows = rows.slice(2);
  await room.open().load();
  assert.deepEqual(room.texts(), ["taken back"]);
  room.room.rows = rows;
  await collected(room);
  const timeline = room.open();
  room.room.rows = rows.slice(2);
  await timeline.load();
  assert.deepEqual(room.texts(), ["refused"]);
});

test("hostile: numbers that come twice or out of order count once and in order", async () => {
  const room = await rolledBack();
  const [first, second] = room.room.rows;
  room.room.rows = [second, first, { ...second }];
  assert.deepEqual(await collected(room), ["one", "two"]);
});
