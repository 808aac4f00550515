import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenMessages } from "../../../../static/js/conversation/messages/seen-messages.js";
import { MessageOrder } from "../../../../static/js/crypto/order.js";
import { randomFrom } from "../../random.js";

const FINE = { accepted: true, missing: false, otherView: false };
const ROUNDS = 300;

/** A message by one of three, good by itself. */
const message = (seq, { who = "a", ...header } = {}) => ({
  seq,
  id: `m${seq}`,
  good: true,
  header: { uid: who, dev: who, e: 1, n: 1, pm: "", lh: [0, ""], sh: [0, ""], ...header },
});

const moved = (one, seq) => ({ ...one, seq });

const LIES = {
  drop: (room, seq) => room.delete(seq),
  refuse: (room, seq) => room.set(seq, { ...room.get(seq), good: false }),
  unreadable: (room, seq) => room.set(seq, { seq, id: "", good: false }),
  repeat: (room, seq, other) => room.set(seq, moved(room.get(other), seq)),
  swap: (room, seq, other) => {
    const [one, two] = [room.get(seq), room.get(other)];
    room.set(seq, moved(two, seq)).set(other, moved(one, other));
  },
  epoch: (room, seq) => room.set(seq, message(seq, { who: "c", e: 9, n: seq, pm: `m${seq - 1}` })),
};

/** A conversation of three, in which the server lies now and then. */
function someRoom(random) {
  const room = new Map();
  const tips = new Map();
  let e = 1;
  for (let seq = 1, many = 1 + random(30); seq <= many; seq += 1) {
    const who = "abc"[random(3)];
    const { n, pm } = tips.get(who) ?? { n: 0, pm: "" };
    const sh = random(seq);
    if (random(10) === 0) e += 1;
    room.set(seq, message(seq, { who, e, n: n + 1, pm, sh: [sh, sh ? `m${sh}` : ""] }));
    tips.set(who, { n: n + 1, pm: `m${seq}` });
  }
  const names = Object.keys(LIES);
  for (let left = random(5); left > 0 && room.size > 0; left -= 1) {
    const seqs = [...room.keys()];
    LIES[names[random(names.length)]](room, seqs[random(seqs.length)], seqs[random(seqs.length)]);
  }
  return room;
}

const readInOrder = (room) => {
  const order = new MessageOrder();
  const rows = [...room.values()].sort((a, b) => a.seq - b.seq);
  return new Map(
    rows.map(({ seq, id, header, good }) => [
      seq,
      good && header
        ? order.add({ seq, id, header })
        : { accepted: false, missing: order.addRefused(seq, id, header), otherView: false },
    ]),
  );
};

const page = (room, [first, last]) =>
  [...room.values()].filter(({ seq }) => seq >= first && seq <= last);

/** Reads pages, each with some messages that stand elsewhere (`beside`), as changes do; what is told
 * of each message must be what stands in the end. */
function readInWindows(room, pages, beside = []) {
  const seen = new SeenMessages();
  const told = new Map();
  const others = [...room.values()].filter(({ seq }) => beside.includes(seq));
  for (const span of pages)
    for (const [seq, verdict] of seen.add([...page(room, span), ...others], span))
      told.set(seq, verdict);
  for (const [seq, verdict] of told) assert.deepEqual(seen.verdict(seq), verdict);
  return seen;
}

const somePages = (random, last) =>
  Array.from({ length: random(7) }, () =>
    [1 + random(last), 1 + random(last)].sort((a, b) => a - b),
  );

test("random jumps end with the verdicts of a full read", () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const random = randomFrom(round);
    const room = someRoom(random);
    const last = Math.max(1, ...room.keys());
    const beside = Array.from({ length: random(5) }, () => 1 + random(last));
    const seen = readInWindows(room, [...somePages(random, last), [1, last]], beside);
    for (const [seq, verdict] of readInOrder(room))
      assert.deepEqual(seen.verdict(seq), verdict, `round ${round}, ${seq}`);
  }
});

test("no verdict depends on the order of reading", () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const random = randomFrom(round);
    const room = someRoom(random);
    const last = Math.max(1, ...room.keys());
    const pages = somePages(random, last);
    const beside = Array.from({ length: random(5) }, () => 1 + random(last));
    const [one, other] = [pages, [...pages].reverse()].map((read) =>
      readInWindows(room, read, beside),
    );
    for (const seq of room.keys())
      assert.deepEqual(one.verdict(seq), other.verdict(seq), `round ${round}, ${seq}`);
  }
});

/** The verdicts of one read, in order, of what is there now. */
function readAtOnce(rows, spans) {
  const order = new MessageOrder();
  const found = new Map();
  for (const [first, last] of spans) {
    if (first - 1 > order.last) order.skip(first - 1);
    for (const { seq, id, header, good } of rows.filter(({ seq }) => first <= seq && seq <= last)) {
      const missing = () => order.addRefused(seq, id, header);
      const isFine = good && header;
      const judged = isFine && order.add({ seq, id, header });
      found.set(seq, judged || { accepted: false, missing: missing(), otherView: false });
    }
  }
  return found;
}

/** The spans of the numbers for which something holds. */
function spansWhere(holds, last) {
  const spans = [];
  for (let seq = 1; seq <= last; seq += 1)
    if (holds(seq) && spans.at(-1)?.[1] === seq - 1) spans.at(-1)[1] = seq;
    else if (holds(seq)) spans.push([seq, seq]);
  return spans;
}

/** Reads pages with messages beside them, other rows at their numbers, and has some forgotten and the
 * end dropped now and then. */
function someReading(random, room, last) {
  const seen = new SeenMessages();
  const told = new Map();
  for (let left = random(12); left > 0; left -= 1) {
    const [first, end] = [1 + random(last), 1 + random(last)].sort((a, b) => a - b);
    const beside = [...room.values()].filter(() => random(6) === 0);
    if (random(6) === 0) seen.forget([first, end]);
    if (random(9) === 0) seen.dropAfter(end);
    if (random(5) === 0) LIES.swap(room, ...[0, 0].map(() => [...room.keys()][random(room.size)]));
    const asked = random(4) > 0 ? [first, end] : undefined;
    const rows = [...page(room, [first, end]), ...beside];
    for (const [seq, verdict] of seen.add(random(2) ? rows : rows.reverse(), asked))
      told.set(seq, verdict);
  }
  return { seen, told };
}

test("what is read, replaced, left out and dropped is judged as if it were read at once", () => {
  for (let round = 1; round <= 3 * ROUNDS; round += 1) {
    const random = randomFrom(round);
    const room = someRoom(random);
    const last = Math.max(1, ...room.keys());
    const { seen, told } = someReading(random, room, last);
    const spans = spansWhere((seq) => seen.covers(seq), last);
    const expected = readAtOnce(seen.between(1, last), spans);
    for (const [seq, verdict] of expected) {
      assert.deepEqual(seen.verdict(seq), verdict, `round ${round}, ${seq}`);
      assert.deepEqual(told.get(seq), verdict, `round ${round}, told of ${seq}`);
    }
    const highest = seen.between(1, last).findLast(({ id }) => id !== "");
    assert.deepEqual(seen.highest, highest ? [highest.seq, highest.id] : [0, ""]);
  }
});

/** A long room of many, whose headers count how often they are looked at. */
function countedRoom(many, senders) {
  const work = { looks: 0 };
  const tips = new Map();
  const rows = Array.from({ length: many }, (_, at) => {
    const seq = at + 1;
    const who = `p${(at * 7) % senders}`;
    const { n, pm } = tips.get(who) ?? { n: 0, pm: "" };
    tips.set(who, { n: n + 1, pm: `m${seq}` });
    const one = message(seq, { who, pm, sh: [at, at ? `m${at}` : ""] });
    Object.defineProperty(one.header, "n", {
      get() {
        work.looks += 1;
        return n + 1;
      },
    });
    return one;
  });
  return { rows, work };
}

const READINGS = {
  "from the newest to the oldest": (pages) => pages.toReversed(),
  "from the oldest to the newest": (pages) => pages,
  "every other page, then those between": (pages) => [
    ...pages.filter((_, at) => at % 2 === 0),
    ...pages.filter((_, at) => at % 2 === 1),
  ],
};

for (const [name, order] of Object.entries(READINGS))
  test(`a page costs the same however much was seen before: ${name}`, () => {
    const { rows, work } = countedRoom(6_000, 20);
    const pages = Array.from({ length: 60 }, (_, at) => rows.slice(at * 100, at * 100 + 100));
    const seen = new SeenMessages();
    for (const one of order(pages)) {
      work.looks = 0;
      seen.add(one, [one[0].seq, one[99].seq]);
      assert.ok(work.looks < 600, `${work.looks} looks at headers for 100 messages`);
    }
    for (const { seq } of rows) assert.deepEqual(seen.verdict(seq), FINE);
  });

test("messages that come at the end are judged as if all were judged anew", () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const room = someRoom(randomFrom(round));
    const seen = new SeenMessages();
    for (const one of [...room.values()].sort((a, b) => a.seq - b.seq)) seen.add([one]);
    const again = new SeenMessages();
    again.add([...room.values()].reverse());
    for (const seq of room.keys()) assert.deepEqual(seen.verdict(seq), again.verdict(seq));
  }
});

test("a change that stands far behind its page is judged where it stands", () => {
  const room = chain(60);
  const seen = new SeenMessages();
  seen.add(page(room, [50, 60]), [50, 60]);
  seen.add([...page(room, [1, 5]), room.get(30)], [1, 5]);
  assert.deepEqual(
    [5, 30, 50].map((seq) => seen.verdict(seq)),
    [FINE, FINE, FINE],
  );
  assert.deepEqual(
    [29, 30, 31].map((seq) => seen.covers(seq)),
    [false, true, false],
  );
});

/** One sender's messages. */
function chain(many) {
  return new Map(
    Array.from({ length: many }, (_, at) => [
      at + 1,
      message(at + 1, { n: at + 1, pm: at ? `m${at}` : "" }),
    ]),
  );
}

test("what was not read is not missing, and what was asked for and did not come is", () => {
  const room = chain(9);
  room.delete(5);
  const apart = readInWindows(room, [
    [1, 2],
    [8, 9],
  ]);
  assert.deepEqual(
    [1, 2, 8, 9].map((seq) => apart.verdict(seq)),
    [FINE, FINE, FINE, FINE],
  );
  assert.equal(readInWindows(room, [[4, 6]]).verdict(6).missing, true);
  assert.equal(
    readInWindows(room, [
      [6, 9],
      [4, 5],
    ]).verdict(6).missing,
    true,
  );
  assert.equal(readInWindows(room, [[6, 9]]).verdict(6).missing, false);
});

test("a row that is repeated far away is refused once both were seen", () => {
  const room = chain(9);
  room.set(8, moved(room.get(1), 8));
  assert.equal(readInWindows(room, [[8, 8]]).verdict(8).accepted, true);
  assert.equal(
    readInWindows(room, [
      [8, 8],
      [1, 2],
    ]).verdict(8).accepted,
    false,
  );
});

test("who saw another message is found once it is seen, and the next header names the highest", () => {
  const room = chain(3);
  room.set(9, message(9, { who: "b", sh: [2, "other"] }));
  const seen = readInWindows(room, [[9, 9]]);
  assert.deepEqual([seen.verdict(9).otherView, seen.highest], [false, [9, "m9"]]);
  seen.add([room.get(2)]);
  assert.equal(seen.verdict(9).otherView, true);
  seen.dropAfter(5);
  assert.deepEqual([seen.highest, seen.verdict(9), seen.covers(9)], [[2, "m2"], undefined, false]);
});

test("a message that is left out later is missing", () => {
  const seen = readInWindows(chain(3), [[1, 3]]);
  seen.forget([2]);
  assert.equal(seen.verdict(3).missing, true);
});
