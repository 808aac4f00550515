import assert from "node:assert/strict";
import { test } from "node:test";
import { pad, seal, open as unbox } from "../../../static/js/crypto/box.js";
import {
  b64,
  fromUtf8,
  randomBytes,
  unb64,
  utf8,
  WireError,
} from "../../../static/js/crypto/bytes.js";
import { pae } from "../../../static/js/crypto/hash.js";
import { oaepOpen } from "../../../static/js/crypto/roomkeys.js";
import {
  openAnswer,
  openSummary,
  parseSummary,
  sealAsk,
  sealSummary,
  verifySummary,
  workerId,
} from "../../../static/js/crypto/summary.js";
import { ada, ben, flip, rsa } from "./cast.js";

const ROOM = "9d9040e4fe9b30c434afbc66b99d05b5";
const ASK = { rid: "1".repeat(32), room: ROOM, uid: ada.uid };
const QUESTION = {
  model: "extractive",
  lang: "en",
  messages: [{ seq: 3, name: "ada", ts: 1_800_000_000_000, text: "zwölf Äpfel “heute”" }],
};
const KEYS = [randomBytes(32), randomBytes(32)];
const ABOUT = { room: ROOM, uid: ada.uid, kid: ada.kid, dis: 7, from: 3, to: 9, a: 2, b: 3 };
const ANSWER = { text: "They bought twelve apples.", model: "extractive" };

/** What a worker with the key of rsa.json reads of a request. */
async function opened(context, { ek, box }) {
  const ctx = { v: 1, ...context };
  const label = pae("ask", JSON.stringify(ctx));
  const key = await oaepOpen(ada.keys.rsa.privateKey, label, unb64(ek, 384));
  return JSON.parse(fromUtf8(await unbox(key, "ask", ctx, box)));
}

test("a worker reads what was asked, word for word, and nothing is added", async () => {
  const reply = randomBytes(32);
  const sealed = await sealAsk(ASK, rsa.spki, QUESTION, reply);
  assert.deepEqual(await opened(ASK, sealed), { reply: b64(reply), ...QUESTION });
  const more = { ...QUESTION, earlier: "Before, they talked." };
  assert.deepEqual(await opened(ASK, await sealAsk(ASK, rsa.spki, more, reply)), {
    reply: b64(reply),
    ...more,
  });
});

test("a question is bound to its room, its asker and its number", async () => {
  const sealed = await sealAsk(ASK, rsa.spki, QUESTION, randomBytes(32));
  for (const other of [{ rid: "2".repeat(32) }, { room: "0".repeat(32) }, { uid: ben.uid }]) {
    await assert.rejects(opened({ ...ASK, ...other }, sealed), WireError);
  }
});

test("a worker is known by the hash of its key, and only such a key has one", async () => {
  assert.match(await workerId(rsa.spki), /^[A-Za-z0-9_-]{43}$/);
  await assert.rejects(workerId(flip(rsa.spki, 2)), WireError);
  await assert.rejects(workerId(b64(randomBytes(422))), WireError);
});

test("an answer opens with the reply key, for the request that it answers", async () => {
  const reply = randomBytes(32);
  const plain = pad(utf8(JSON.stringify(ANSWER)));
  const box = await seal(reply, "answer", { v: 1, rid: ASK.rid }, plain);
  assert.deepEqual(await openAnswer(reply, ASK.rid, box), ANSWER);
  await assert.rejects(openAnswer(reply, "2".repeat(32), box), WireError);
  await assert.rejects(openAnswer(randomBytes(32), ASK.rid, box), WireError);
  await assert.rejects(openAnswer(reply, ASK.rid, flip(box, 40)), WireError);
});

test("what is no answer is refused", async () => {
  const reply = randomBytes(32);
  for (const plain of [pad(utf8("[]")), pad(utf8('{"text":1,"model":"m"}')), utf8("{}")]) {
    const box = await seal(reply, "answer", { v: 1, rid: ASK.rid }, plain);
    await assert.rejects(openAnswer(reply, ASK.rid, box), WireError);
  }
});

test("a shared summary opens with all keys of its time, and not without one", async () => {
  const shared = await sealSummary(KEYS, ABOUT, ANSWER, ada.keys.ed.privateKey);
  const summary = parseSummary(shared.body);
  assert.ok(await verifySummary(shared, summary, ada.identity.ed));
  assert.deepEqual(await openSummary(KEYS, summary, shared.box), ANSWER);
  await assert.rejects(openSummary([KEYS[1]], { ...summary, a: 3 }, shared.box), WireError);
  await assert.rejects(openSummary([KEYS[1], KEYS[0]], summary, shared.box), WireError);
  await assert.rejects(openSummary([KEYS[1]], summary, shared.box), WireError);
});

test("nobody can pass off another box, another range or another author", async () => {
  const shared = await sealSummary(KEYS, ABOUT, ANSWER, ada.keys.ed.privateKey);
  const summary = parseSummary(shared.body);
  const other = await sealSummary(KEYS, ABOUT, ANSWER, ada.keys.ed.privateKey);
  assert.equal(await verifySummary({ ...shared, box: other.box }, summary, ada.identity.ed), false);
  assert.equal(await verifySummary(shared, summary, ben.identity.ed), false);
  const body = shared.body.replace('"to":9', '"to":8');
  assert.notEqual(body, shared.body);
  assert.equal(
    await verifySummary({ ...shared, body }, parseSummary(body), ada.identity.ed),
    false,
  );
});

test("bodies that name no range are refused", async () => {
  const { body } = await sealSummary(KEYS, ABOUT, ANSWER, ada.keys.ed.privateKey);
  for (const [from, to] of [
    ['"from":3', '"from":10'],
    ['"from":3', '"from":0'],
    ['"a":2', '"a":4'],
    ['"dis":7', '"dis":7,"more":1'],
  ]) {
    const wrong = body.replace(from, to);
    assert.notEqual(wrong, body);
    assert.throws(() => parseSummary(wrong), WireError);
  }
});
