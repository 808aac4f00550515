import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageOpener } from "../../../../static/js/conversation/messages/message-opener.js";
import { createInvitation } from "../../../../static/js/conversation/room/invitations.js";
import { b64, unb64 } from "../../../../static/js/crypto/bytes.js";
import { sha256 } from "../../../../static/js/crypto/hash.js";
import { openHeader } from "../../../../static/js/crypto/message.js";
import { ada, ben } from "../../crypto/cast.js";
import { sessionOf } from "../world.js";
import { longStages, stage } from "./timeline-stage.js";

const CODE = "a1b2c3";

/** Counts the rows that are verified and decrypted. */
class CountingOpener extends MessageOpener {
  seqs = [];

  open(row, room) {
    this.seqs.push(row.seq);
    return super.open(row, room);
  }
}

/** A room with a correction and a reaction in it, which Ada has visited once. */
async function visited({ code = CODE } = {}) {
  const room = await stage();
  const first = await room.say(ben, "the beans are up");
  await room.say(ada, "who waters them?");
  const { id } = await openHeader(first);
  const of = [first.seq, id];
  await room.say(ben, "", { content: { t: "edit", of, body: "the peas are up" } });
  await room.say(ada, "", { content: { t: "react", of, emoji: "🌱", on: 1 } });
  await visit(room, { code });
  return room;
}

/** Opens the room as a page that was just loaded does: what is shown, and the rows opened for it. */
async function visit(room, { code = CODE, me = room.me } = {}) {
  const opener = new CountingOpener();
  const browser = { ...me, code, opener };
  const session = await sessionOf(browser, room.id);
  room.shown.clear();
  const timeline = room.open(session, browser);
  await timeline.load();
  await timeline.checkAcknowledged(); // its turn comes after what is kept
  const shown = [...room.shown.values()].map(({ seq, id, kind, text, content, gap, author }) => ({
    ...{ seq, id, kind, text, content, gap: Boolean(gap), author },
  }));
  return { opened: opener.seqs, shown: shown.sort((a, b) => a.seq - b.seq) };
}

const kept = ({ me, id }) => me.store.saved.get(`opened:${id}`) ?? new Map();
const rowsKept = ({ me, id }) => me.store.saved.get(`rows:${id}`);

test("a second visit shows the same and opens nothing anew", async () => {
  const room = await visited();
  const without = await visit(room, { code: "" });
  assert.deepEqual(without.opened, [1, 2, 3, 4], "what stands here without results");
  const again = await visit(room);
  assert.deepEqual(again.opened, []);
  assert.deepEqual(again.shown, without.shown);
  assert.equal(again.shown[0].text, "the beans are up");
});

test("what comes later is kept, too", async () => {
  const room = await visited();
  await room.say(ben, "five");
  const browser = { ...room.me, code: CODE };
  const timeline = room.open(await sessionOf(browser, room.id), browser);
  await timeline.load();
  await timeline.receive([room.room.rows[4]]);
  assert.deepEqual((await visit(room)).opened, []);
});

test("nothing is kept where the version of the code is unknown", async () => {
  const room = await visited({ code: "" });
  assert.equal(kept(room).size, 0);
});

test("hostile: another row at the number of a known one is not believed", async () => {
  const room = await visited();
  const fields = {
    sig: (row) => ({ ...row, sig: flipped(row.sig) }),
    ct: (row) => ({ ...row, ct: flipped(row.ct) }),
    iv: (row) => ({ ...row, iv: flipped(row.iv) }),
    h: (row) => ({ ...row, h: row.h.replace(/"ts":\d/, '"ts":9') }),
    "the whole row": (_row, rows) => ({ ...rows[1], seq: 1 }),
  };
  const before = structuredClone(rowsKept(room));
  for (const [what, change] of Object.entries(fields)) {
    const rows = structuredClone(before);
    rows[0] = change(rows[0], rows);
    room.me.store.saved.set(`rows:${room.id}`, rows);
    const { opened, shown } = await visit(room);
    assert.deepEqual(opened.slice(0, 1), [1], what);
    assert.notEqual(shown[0].text, "the beans are up", what);
  }
});

test("hostile: a result that stands beside another row is not believed", async () => {
  const room = await visited();
  const [one, two] = [kept(room).get(1), kept(room).get(2)];
  const swapped = new Map(kept(room)).set(1, two).set(2, one);
  room.me.store.saved.set(`opened:${room.id}`, swapped);
  const { opened, shown } = await visit(room);
  assert.deepEqual(opened, [1, 2]);
  assert.deepEqual(
    shown.slice(0, 2).map(({ text }) => text),
    ["the beans are up", "who waters them?"],
  );
});

test("hostile: results of another account's messages are not believed", async () => {
  const room = await visited();
  const bens = room.world.browser(ben, { store: room.me.store });
  assert.deepEqual((await visit(room, { me: bens })).opened, [1, 2, 3, 4]);
});

test("a log that went on, and other code, open everything anew, once", async () => {
  const room = await visited();
  const terms = { hours: 1, max: 1 };
  await createInvitation(room.me, room.session, terms, "https://sotto.test");
  assert.deepEqual((await visit(room)).opened, [1, 2, 3, 4], "the log's head moved");
  assert.deepEqual((await visit(room)).opened, []);
  assert.deepEqual((await visit(room, { code: "d4e5f6" })).opened, [1, 2, 3, 4]);
  assert.deepEqual((await visit(room, { code: "d4e5f6" })).opened, []);
});

test("a deleted message leaves nothing readable behind", async () => {
  const room = await visited();
  const { rows } = room.room;
  const { id } = await openHeader(rows[1]);
  const deletion = await room.say(ada, "", { content: { t: "delete", of: [[2, id]] } });
  const { ct, ...rest } = rows[1];
  rows[1] = { ...rest, sha: b64(await sha256(unb64(ct))), del: deletion.seq };
  const browser = { ...room.me, code: CODE };
  const timeline = room.open(await sessionOf(browser, room.id), browser);
  await timeline.load();
  await timeline.receive([deletion]);
  assert.equal(kept(room).has(2), false);
  assert.ok(kept(room).has(1));
  const { opened, shown } = await visit(room);
  assert.deepEqual(opened, [2], "the tombstone alone");
  assert.equal(shown[1].kind, "erased");
});

test("what cannot be read or is refused is tried again", async () => {
  const room = await stage();
  await room.say(ben, "right");
  const bad = await room.say(ben, "wrong");
  bad.sig = flipped(bad.sig);
  await visit(room);
  assert.deepEqual([...kept(room).keys()], [1]);
  assert.deepEqual((await visit(room)).opened, [2]);
});

test("hostile_ another row in the place of a refused one has to verify, and who saw the first says so", async () => {
  const room = await stage();
  const real = { ...(await room.say(ben, "said")) };
  room.room.rows[0].ct = flipped(real.ct);
  await room.say(ada, "she held the other one");
  assert.deepEqual(
    (await visit(room)).shown.map(({ kind }) => kind),
    ["refused", "message"],
  );
  const again = async (row) => {
    Object.assign(room.room.rows[0], row);
    await visitAndGo(room, (timeline) => timeline.goToTime(0));
    return [1, 2].map((seq) => [room.shown.get(seq).kind, room.shown.get(seq).otherView]);
  };
  assert.deepEqual(await again({ sig: flipped(real.sig) }), [
    ["refused", undefined],
    ["message", false],
  ]);
  assert.deepEqual(await again(real), [
    ["message", false],
    ["message", true],
  ]);
});

const longRoom = longStages(160);

/** A room of 160 of whose messages Ada's browser has opened and kept those from 81 on. */
async function followed() {
  const room = await longRoom();
  const rows = room.room.rows.splice(100);
  const reader = { ...room.me, code: CODE };
  const timeline = room.open(await sessionOf(reader, room.id), reader);
  await timeline.load();
  room.room.rows.push(...rows);
  await timeline.receive(rows);
  await timeline.checkAcknowledged();
  return room;
}

/** Opens the room and goes elsewhere in it: what is shown in the end, and the rows opened for it. */
async function visitAndGo(room, go) {
  const opener = new CountingOpener();
  const browser = { ...room.me, code: CODE, opener };
  room.shown.clear();
  const timeline = room.open(await sessionOf(browser, room.id), browser);
  await timeline.load();
  await go(timeline);
  await timeline.checkAcknowledged(); // its turn comes after what is kept
  return {
    opened: opener.seqs.toSorted((a, b) => a - b),
    text: (seq) => room.shown.get(seq)?.text,
  };
}

const older = (timeline) => timeline.older();
const upTo = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

test("scrolling and jumping open what this browser keeps no results of, and show the same", async () => {
  const room = await followed();
  const scrolled = await visitAndGo(room, older);
  assert.deepEqual(scrolled.opened, upTo(11, 70));
  const went = await visitAndGo(room, (timeline) => timeline.goTo(80));
  assert.deepEqual(went.opened, upTo(30, 70));
  for (const seq of [30, 80, 81, 110]) assert.equal(went.text(seq), `m${seq}`);
});

test("hostile: a page with another row at the number of a known one is not believed", async () => {
  const room = await followed();
  const { rows } = room.room;
  rows[89] = { ...rows[89], sig: flipped(rows[89].sig) };
  const { opened, text } = await visitAndGo(room, older);
  assert.ok(opened.includes(90));
  assert.deepEqual([text(89), text(90)], ["m89", ""]);
});

test("a log that went on opens a page anew, once", async () => {
  const room = await followed();
  const terms = { hours: 1, max: 1 };
  await createInvitation(room.me, room.session, terms, "https://sotto.test");
  assert.deepEqual((await visitAndGo(room, older)).opened, upTo(11, 160));
  assert.deepEqual((await visitAndGo(room, older)).opened, upTo(11, 70));
});

test("storage that fails costs the results and nothing else", async () => {
  const room = await stage();
  await room.say(ben, "still shown");
  room.me.store.messages.saveOpened = async () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const { shown } = await visit(room);
  assert.equal(shown[0].text, "still shown");
});

/** Other bytes of the same length. */
function flipped(text) {
  const bytes = unb64(text);
  bytes[0] ^= 1;
  return b64(bytes);
}
