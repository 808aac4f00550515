import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageOrder } from "../../../static/js/crypto/order.js";

const FINE = { accepted: true, missing: false, otherView: false };
const GAP = { ...FINE, missing: true };
const NO = { ...FINE, accepted: false };
const VIEW = { ...FINE, otherView: true };

/** A message by `who` (ada) with id m<seq>, its n and pm by default those of a lone sender. */
const at = (seq, { who = "ada", ...header } = {}) => ({
  seq,
  id: `m${seq}`,
  header: {
    uid: who,
    dev: "d",
    e: 1,
    n: seq,
    pm: seq === 1 ? "" : `m${seq - 1}`,
    lh: [0, ""],
    sh: [0, ""],
    ...header,
  },
});
const run = (...rows) => {
  const order = new MessageOrder();
  return { order, verdicts: rows.map((row) => order.add(row)) };
};

test("messages that follow are fine", () => {
  const { order, verdicts } = run(
    at(1),
    at(2),
    at(3, { who: "ben", n: 1, pm: "" }),
    at(4, { n: 3, pm: "m2" }),
  );
  assert.deepEqual(verdicts, [FINE, FINE, FINE, FINE]);
  assert.deepEqual(order.highest, [4, "m4"]);
  assert.deepEqual(new MessageOrder().highest, [0, ""]);
});

test("gaps are shown and the message stays", () => {
  assert.deepEqual(run(at(1), at(3, { n: 2, pm: "m1" })).verdicts[1], GAP);
  assert.deepEqual(run(at(1), at(2, { n: 3 })).verdicts[1], GAP);
  assert.deepEqual(run(at(1), at(2, { pm: "other" })).verdicts[1], GAP);
  assert.deepEqual(run(at(1, { n: 5, pm: "gone" })).verdicts[0], GAP);
});

test("what falls is not accepted", () => {
  assert.deepEqual(run(at(1, { e: 2 }), at(2)).verdicts[1], NO);
  assert.deepEqual(run(at(1), at(2, { n: 1, pm: "" })).verdicts[1], NO);
  assert.deepEqual(run(at(1, { lh: [4, ""] }), at(2, { lh: [3, ""] })).verdicts[1], NO);
  const back = run(at(1), at(2, { sh: [1, "m1"] }), at(3, { sh: [0, ""] }));
  assert.deepEqual(back.verdicts[2], NO);
});

test("the epoch is the room's, the counts are the sender's own", () => {
  assert.deepEqual(run(at(1, { e: 2 }), at(2, { who: "ben", n: 1, pm: "" })).verdicts[1], NO);
  const other = at(2, { who: "ben", n: 1, pm: "", lh: [0, ""] });
  assert.deepEqual(run(at(1, { lh: [4, ""] }), other).verdicts[1], FINE);
});

test("what was not accepted sets nothing", () => {
  const { verdicts } = run(at(1), at(2, { e: 2, n: 1, pm: "" }), at(3, { n: 2, pm: "m1" }));
  assert.deepEqual(verdicts, [FINE, NO, FINE]);
});

test("a refused message is no gap for the next one, if its place is known", () => {
  const known = new MessageOrder();
  known.add(at(1));
  assert.equal(known.addRefused(2, "m2", at(2).header), false);
  assert.deepEqual(known.add(at(3)), FINE);
  const unknown = new MessageOrder();
  unknown.add(at(1));
  unknown.addRefused(2, "m2");
  assert.deepEqual(unknown.add(at(3)), GAP);
  const jump = new MessageOrder();
  jump.add(at(1));
  jump.addRefused(2, "m2", at(2, { n: 5, pm: "other" }).header);
  assert.deepEqual(jump.add(at(3, { n: 6 })), GAP);
});

test("another view is noticed", () => {
  assert.deepEqual(run(at(1), at(2, { sh: [1, "x"] })).verdicts[1], VIEW);
  assert.deepEqual(run(at(1), at(2, { sh: [1, "m1"] })).verdicts[1], FINE);
});

test("who names another message in the place of one that cannot be read saw another view", () => {
  const { order } = run(at(1));
  order.addRefused(2, "");
  assert.equal(order.add(at(3, { who: "ben", sh: [2, "m2"] })).otherView, true);
  assert.equal(order.add(at(4, { who: "ben", n: 2, pm: "m3", sh: [3, "m3"] })).otherView, false);
});

test("what was not read is not missing", () => {
  const order = new MessageOrder();
  order.add(at(1));
  order.skip(5);
  assert.deepEqual(order.add(at(6)), FINE);
  assert.deepEqual(order.add(at(7, { who: "ben", n: 3, pm: "before" })), FINE);
  assert.deepEqual(order.add(at(8, { n: 8, pm: "x" })), GAP, "n = 7 is not among what was skipped");
  assert.throws(() => order.skip(8), RangeError);
});

test("the next message of a chain names the one before, whatever was not read", () => {
  const order = new MessageOrder();
  order.add(at(1));
  order.skip(5);
  assert.deepEqual(order.add(at(6, { n: 2, pm: "another" })), GAP);
});

test("a message goes in once", () => {
  const { order } = run(at(1));
  assert.throws(() => order.add(at(1)), RangeError);
});

test("a row that cannot be read is never named: one could silence a member otherwise", () => {
  const { order } = run(at(1));
  order.addRefused(2, "");
  assert.deepEqual(order.highest, [1, "m1"]);
  assert.deepEqual(new MessageOrder(40).highest, [0, ""]);
});
