import assert from "node:assert/strict";
import { test } from "node:test";
import { collectMessages } from "../../../../static/js/conversation/summaries/collect-messages.js";
import { openHeader } from "../../../../static/js/crypto/message.js";
import { ada, ben } from "../../crypto/cast.js";
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

test("a range has messages as they were corrected, without deleted ones and without blocked people", async () => {
  const room = await stage();
  const ref = async (row) => [row.seq, (await openHeader(row)).id];
  const first = await room.say(ben, "the harvset begins");
  const second = await room.say(ben, "never mind");
  await room.say(ada, "> the harvset\n\nwhen?");
  const of = await ref(first);
  await room.say(ben, "", { content: { t: "edit", of, body: "the harvest begins" } });
  await room.say(ben, "", { content: { t: "delete", of: [await ref(second)] } });
  await room.say(ben, "", { content: { t: "react", of, emoji: "👍🏽", on: 1 } });
  assert.deepEqual(await collected(room), ["the harvest begins", "> the harvset\n\nwhen?"]);
  const isHidden = (uid) => uid === ben.uid;
  const heard = await collectMessages(room.me, room.session, {}, { limit: 100, isHidden });
  assert.deepEqual(
    heard.said.map(({ text }) => text),
    ["> the harvset\n\nwhen?"],
  );
});
