/** A room that is read here and there, in any order, says in the end what it says to who reads all of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ada, ben } from "../../crypto/cast.js";
import { randomFrom } from "../../random.js";
import { sessionOf } from "../world.js";
import { edit, lines, longStages } from "./timeline-stage.js";

const ROOM = 230; // messages at first: all of the room fits into the window in the end
const WALKS = Number(process.env.WALKS ?? 8);
const STEPS = 7;
const AFTER = 35; // messages after the changes
const longRoom = longStages(ROOM);

const LIES = {
  none: (rows) => rows,
  "left out": (rows, at) => rows.filter(({ seq }) => seq !== at),
  repeated: (rows, at, other) => put(rows, at, rows.find(({ seq }) => seq === other) ?? rows[0]),
  damaged: (rows, at) => rows.map((row) => (row.seq === at ? { ...row, iv: rows[0].iv } : row)),
  swapped: (rows, at, other) => {
    const [one, two] = [at, other].map((wanted) => rows.find(({ seq }) => seq === wanted));
    return one && two ? put(put(rows, at, two), other, one) : rows;
  },
};

const put = (rows, at, row) => rows.map((one) => (one.seq === at ? { ...row, seq: at } : one));

/** The number of a message of ben's, who does not read: the reader's own may not be tampered with. */
const bens = (random) => {
  const seq = 1 + random(ROOM);
  return seq % 3 === 0 ? seq - 1 : seq;
};

/** A server with corrections, deletions and a few lies, the same for everybody who asks. */
async function someRoom(random, kinds = Object.keys(LIES)) {
  const room = await longRoom();
  for (let left = 6; left > 0; left -= 1) {
    const seq = 1 + random(ROOM);
    const who = seq % 3 === 0 ? ada : ben;
    const row = room.room.rows[seq - 1];
    const content = await edit(row, `edited ${left}`);
    if (random(3) === 0) await room.say(who, "", { content: { t: "delete", of: [content.of] } });
    else await room.say(who, "", { content });
  }
  // The newest page, which every visit begins with, has none of these.
  for (let left = AFTER; left > 0; left -= 1) await room.say(ben, `after ${left}`);
  for (let left = random(4); left > 0; left -= 1)
    room.room.rows = LIES[kinds[random(kinds.length)]](room.room.rows, bens(random), bens(random));
  return room;
}

/** The room as a browser finds it that has never been there. */
async function newBrowser(room) {
  room.shown.clear();
  const me = room.world.browser(ada);
  const session = await sessionOf(me, room.id);
  const timeline = room.open(session, me);
  await timeline.load();
  return { session, timeline };
}

async function readAll(room, timeline) {
  while (timeline.hasOlder) await timeline.older();
  while (timeline.hasNewer) await timeline.newer();
  return lines(room, timeline);
}

const MOVES = {
  goTo: (timeline, random) => timeline.goTo(1 + random(ROOM)),
  read: (timeline, random) => timeline.read(1 + random(ROOM)),
  older: (timeline) => timeline.older(),
  newer: (timeline) => timeline.newer(),
  goToNewest: (timeline) => timeline.goToNewest(),
  reload: (timeline) => timeline.reload(),
};

/** Checks that every window says of its messages what the whole room says: a hole counts once it is
 * inside, and what is judged by others, once these were read. */
function checkWindow(room, timeline, expected) {
  const whole = new Map(expected.map(([seq, ...line]) => [seq, line]));
  for (const [at, [seq, text, gap]] of lines(room, timeline).entries()) {
    const [finally_, isGap] = whole.get(seq) ?? [];
    assert.equal(text, finally_, `${seq}`);
    if (at > 5) assert.equal(gap, isGap, `whether something is missing before ${seq}`);
  }
}

/** Lies that are found by the message alone or by the hole that it leaves. */
const PLAIN_LIES = ["none", "left out", "damaged"];

for (let round = 1; round <= WALKS; round += 1)
  test(`every window on the way says what the whole room says: ${round}`, async () => {
    const random = randomFrom(2000 + round);
    const room = await someRoom(random, PLAIN_LIES);
    const { timeline: whole } = await newBrowser(room);
    const expected = await readAll(room, whole);
    const there = new Set(room.room.rows.map(({ seq }) => seq));
    for (let seq = 1; seq < ROOM; seq += 1)
      if (!there.has(seq)) assert.ok(expected.find(([at]) => at > seq)[2], `${seq} is missing`);
    const { timeline } = await newBrowser(room);
    checkWindow(room, timeline, expected);
    for (let left = STEPS; left > 0; left -= 1) {
      const names = Object.keys(MOVES);
      await MOVES[names[random(names.length)]](timeline, random);
      checkWindow(room, timeline, expected);
    }
  });

/** Moves, some of them at once: the second begins before the first has ended.
 * @returns {Promise<string[]>} what was done */
async function walk(timeline, random) {
  const names = Object.keys(MOVES);
  const done = [];
  let going = Promise.resolve();
  for (let left = STEPS; left > 0; left -= 1) {
    const name = names[random(names.length)];
    done.push(name);
    const next = MOVES[name](timeline, random);
    going = Promise.all([going, next]);
    if (random(3) > 0) await going;
  }
  await going;
  return done;
}

for (let round = 1; round <= WALKS; round += 1)
  test(`random jumps end with what a reader of everything sees: ${round}`, async () => {
    const random = randomFrom(round);
    const room = await someRoom(random);
    const whole = await newBrowser(room);
    const expected = await readAll(room, whole.timeline);
    const { session, timeline } = await newBrowser(room);
    const done = await walk(timeline, random);
    assert.deepEqual(await readAll(room, timeline), expected, done.join());
    assert.deepEqual([whole.session.frozen, session.frozen], ["", ""]);
  });

for (let round = 1; round <= WALKS; round += 1)
  test(`what comes during random jumps is where a reader of everything sees it: ${round}`, async () => {
    const random = randomFrom(1000 + round);
    const room = await someRoom(random);
    const { timeline } = await newBrowser(room);
    for (let left = 3; left > 0; left -= 1) {
      await walk(timeline, random);
      const last = room.room.rows.at(-1).seq;
      const target = room.room.rows.find(({ seq }) => seq === bens(random));
      const content = target && { content: await edit(target, `corrected ${left}`) };
      const row = { ...(await room.say(ben, `new ${left}`, content)), seq: last + 1 };
      room.room.rows[room.room.rows.length - 1] = row;
      await timeline.receive([row]);
    }
    const seen = await readAll(room, timeline);
    const { timeline: whole } = await newBrowser(room);
    assert.deepEqual(seen, await readAll(room, whole));
  });
