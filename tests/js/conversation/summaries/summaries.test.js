import assert from "node:assert/strict";
import { test } from "node:test";
import { sealSummary } from "../../../../static/js/crypto/summary.js";
import { SummaryRequestStore } from "../../../../static/js/store/summary-requests.js";
import { ada, ben, flip, NOW } from "../../crypto/cast.js";
import { refuse, sessionOf, until } from "../world.js";
import { HOW, stage, summarised } from "./stage.js";

test("what the worker opens is what was shown, and the log says so first", async () => {
  const at = await stage();
  const summaries = await at.open();
  const preview = await summarised(at, summaries);
  assert.deepEqual(at.room.summaries.opened, [preview.question]);
  assert.deepEqual(
    preview.question.messages.map(({ text }) => text),
    ["one", "two", "three", "four"],
  );
  const [shown] = at.session.state.disclosures;
  assert.deepEqual([shown.from, shown.to, shown.model, shown.uid], [1, 4, "extractive", ada.uid]);
  const calls = at.world.calls.map(([, method, path]) => `${method} ${path.split("/")[2]}`);
  assert.ok(calls.lastIndexOf("post log") < calls.indexOf("post summary"));
});

test("the summary is shared, and another member reads it", async () => {
  const at = await stage();
  await summarised(at, await at.open(), "Four words.");
  const his = await at.open(at.his, await sessionOf(at.his, at.id));
  const [shared] = his.shared;
  assert.deepEqual(
    [shared.why, shared.text, shared.by, shared.mine],
    ["", "Four words.", "ada", false],
  );
  assert.equal(at.room.summaries.requests.size, 0); // the server was told to forget it
  assert.deepEqual(await at.me.store.part(SummaryRequestStore).summaryRequests(at.id), []);
  at.close();
});

test("after a reload the answer is opened with the key that was kept", async () => {
  const at = await stage();
  const before = await at.open();
  const wanted = { after: 0 };
  await before.ask(before.preview(await before.gather(wanted), wanted, HOW));
  before.close();
  await at.room.summaries.work("Kept.");
  const after = await at.open();
  assert.equal(after.shared[0].text, "Kept.");
  assert.equal(after.running, null);
});

test("a summary is looked for without an event, too", async () => {
  const at = await stage();
  const summaries = await at.open();
  const wanted = { after: 0 };
  await summaries.ask(summaries.preview(await summaries.gather(wanted), wanted, HOW));
  await at.room.summaries.work();
  await until(() => summaries.shared.length === 1, "the answer");
  at.close();
});

test("what was cancelled does not come back", async () => {
  const at = await stage();
  const summaries = await at.open();
  const wanted = { after: 0 };
  await summaries.ask(summaries.preview(await summaries.gather(wanted), wanted, HOW));
  assert.equal(summaries.running.state, "queued");
  await summaries.cancel();
  assert.equal(summaries.running, null);
  assert.equal(at.room.summaries.requests.size, 0);
  await at.room.summaries.work();
  await summaries.load();
  assert.deepEqual([summaries.shared, summaries.running], [[], null]);
});

test("edits count, what was deleted or blocked does not", async () => {
  const at = await stage({ said: [] });
  const one = await at.say("teh first");
  const two = await at.say("second");
  await at.say("third");
  await at.say("fourth");
  await at.say({ t: "edit", of: [one.seq, one.id], body: "the first" });
  await at.say({ t: "delete", of: [[two.seq, two.id]] });
  const summaries = await at.open();
  const texts = (found) => found.said.map(({ text }) => text);
  assert.deepEqual(texts(await summaries.gather({})), ["the first", "third", "fourth"]);
  const deaf = await at.open(at.me, at.session, { isHidden: (uid) => uid === ada.uid });
  const found = await deaf.gather({});
  assert.deepEqual([found.said, found.hidden], [[], 3]);
});

test("ranges begin after a message, at a time, or so many from the end", async () => {
  const at = await stage({ said: ["one", "two"] });
  await at.say("three", { ts: NOW + 1000 });
  const summaries = await at.open();
  const seqs = async (wanted) => (await summaries.gather(wanted)).said.map(({ seq }) => seq);
  assert.deepEqual(await seqs({ after: 1 }), [2, 3]);
  assert.deepEqual(await seqs({ since: NOW + 500 }), [3]);
  assert.deepEqual(await seqs({ most: 2 }), [2, 3]);
  at.room.summaries.worker.most_messages = 2;
  await summaries.load();
  const cut = await summaries.gather({});
  assert.deepEqual([cut.said.map(({ seq }) => seq), cut.cut], [[2, 3], true]);
});

test("a newer summary goes on from the last instead of sending all again", async () => {
  const at = await stage();
  const summaries = await at.open();
  await summarised(at, summaries, "Four words.");
  for (const text of ["five", "six", "seven"]) await at.say(text);
  const wanted = { after: 0 };
  const gathered = await summaries.gather(wanted);
  const { question, range } = summaries.preview(gathered, wanted, HOW);
  assert.deepEqual(
    [question.messages.map(({ text }) => text), question.earlier],
    [["five", "six", "seven"], "Four words."],
  );
  assert.deepEqual([range.from, range.to], [1, 7]); // what it is about, not only what is new
  const all = summaries.preview(gathered, wanted, { ...HOW, anew: true });
  assert.equal(all.question.messages.length, 7);
  assert.equal(all.question.earlier, undefined);
  const masked = summaries.preview(gathered, wanted, { ...HOW, masked: true });
  assert.equal(masked.question.earlier, undefined); // its letters would stand for others
  await summarised(at, summaries, "Three more.");
  assert.equal(summaries.shared[0].text, "Four words.\n\n[5–7]\n\nThree more.");
  assert.deepEqual([summaries.shared[0].from, summaries.shared[0].to], [1, 7]);
});

test("a summary that nobody signed for that range is not shown", async () => {
  const at = await stage();
  await summarised(at, await at.open());
  const [good] = at.room.summaries.shared;
  const about = JSON.parse(good.body);
  const keys = [at.session.keys.get(1)];
  const key = ada.keys.ed.privateKey;
  const longer = await sealSummary(keys, { ...about, to: 3 }, { text: "x", model: "m" }, key);
  const his = { ...about, uid: ben.uid, kid: ben.kid };
  const stolen = await sealSummary(keys, his, { text: "x", model: "m" }, ben.keys.ed.privateKey);
  for (const wrong of [
    { ...good, sig: flip(good.sig, 40) },
    { ...good, box: flip(good.box, 20) },
    { ...good, body: "{}" },
    { ...longer, at: NOW },
    { ...stolen, at: NOW },
  ]) {
    at.room.summaries.shared = [wrong];
    const { shared } = await at.open();
    assert.deepEqual([shared[0].why, shared[0].text], ["bad", ""]);
  }
});

test("without the keys of its time a summary says that it cannot be read", async () => {
  const at = await stage();
  await summarised(at, await at.open());
  await at.me.store.rooms.dropKey(at.id, 1);
  const session = await sessionOf(at.me, at.id);
  session.keys.get = () => undefined;
  const { shared } = await at.open(at.me, session);
  assert.deepEqual([shared[0].why, shared[0].text, shared[0].by], ["keys", "", "ada"]);
});

test("another key of the worker is believed only when somebody says so", async () => {
  const at = await stage();
  await at.me.store.settings.saveSetting("worker", "another");
  const summaries = await at.open();
  assert.equal(summaries.previousKey, "another");
  const wanted = { after: 0 };
  const preview = summaries.preview(await summaries.gather(wanted), wanted, HOW);
  await summaries.ask(preview);
  assert.deepEqual([summaries.running, at.session.state.disclosures.length], [null, 0]);
  await summaries.trustWorker();
  await summaries.ask(preview);
  assert.equal(summaries.running.state, "queued");
  at.close();
});

test("a refusal says why, keeps nothing, and the log's line serves the next try", async () => {
  const at = await stage();
  const summaries = await at.open();
  const wanted = { after: 0 };
  const preview = summaries.preview(await summaries.gather(wanted), wanted, HOW);
  at.world.before = (_who, method, path) => {
    if (method === "post" && path.endsWith("/summary")) throw refuse(409, "spent");
  };
  await summaries.ask(preview);
  assert.deepEqual([summaries.running, summaries.error.code], [null, "spent"]);
  assert.deepEqual(await at.me.store.part(SummaryRequestStore).summaryRequests(at.id), []);
  at.world.before = () => {};
  await summaries.ask(preview);
  assert.equal(summaries.running.state, "queued");
  assert.equal(at.session.state.disclosures.length, 1);
  at.close();
});

test("a request whose answer was lost on the way is found again", async () => {
  const at = await stage();
  const summaries = await at.open();
  const wanted = { after: 0 };
  const preview = summaries.preview(await summaries.gather(wanted), wanted, HOW);
  const { answer } = at.room.summaries;
  at.room.summaries.answer = async function (person, method, what, body) {
    const given = await answer.call(this, person, method, what, body);
    if (method === "post" && !what) throw refuse(0, "offline");
    return given;
  };
  await summaries.ask(preview);
  assert.equal(summaries.error.code, "offline");
  at.room.summaries.answer = answer;
  await at.room.summaries.work("Found.");
  await summaries.load();
  assert.equal(summaries.shared[0].text, "Found.");
});

/** Ends that come while a summary is being made, and may pass. */
const PASSING = {
  "too many requests": { refusal: [429, "rate"] },
  "a server that is busy": { refusal: [503, "unavailable"] },
  "signed out": { refusal: [401, "not_authenticated"] },
  "stopped by the operator": { refusal: [403, "room_stopped"] },
  "a member's new keys": { unapproved: [{ kid: "k", name: "ben", why: "newer" }] },
};
for (const [name, { refusal, unapproved = [] }] of Object.entries(PASSING))
  test(`an answer that could not be shared yet is shared with the next visit: ${name}`, async () => {
    const at = await stage();
    const summaries = await at.open();
    at.world.before = (_who, _method, path) => {
      if (refusal && path.endsWith("/cache")) throw refuse(...refusal);
    };
    const wanted = { after: 0 };
    await summaries.ask(summaries.preview(await summaries.gather(wanted), wanted, HOW));
    at.session.unapproved = unapproved;
    await at.room.summaries.work("Paid for.");
    await summaries.onFrame({ rid: summaries.running.rid });
    assert.deepEqual([summaries.error.code, summaries.running], ["unshared", null]);
    assert.equal(at.room.summaries.shared.length, 0);
    at.world.before = () => {};
    at.session.unapproved = [];
    await summaries.load();
    assert.equal(summaries.shared[0].text, "Paid for.");
    assert.equal(at.room.summaries.requests.size, 0);
  });

test("what failed at the worker is said in its words", async () => {
  const at = await stage();
  const summaries = await at.open();
  const wanted = { after: 0 };
  await summaries.ask(summaries.preview(await summaries.gather(wanted), wanted, HOW));
  const [request] = at.room.summaries.requests.values();
  Object.assign(request, { state: "failed", code: "engine", detail: "The model is unreachable." });
  await summaries.onFrame({ rid: request.rid });
  assert.deepEqual(
    [summaries.error.detail, summaries.running],
    ["The model is unreachable.", null],
  );
  assert.equal(at.room.summaries.requests.size, 0);
});

test("an answer that does not open is not shown", async () => {
  const at = await stage();
  const summaries = await at.open();
  const wanted = { after: 0 };
  await summaries.ask(summaries.preview(await summaries.gather(wanted), wanted, HOW));
  await at.room.summaries.work();
  const [request] = at.room.summaries.requests.values();
  request.answer = flip(request.answer, 30);
  await summaries.onFrame({ rid: request.rid });
  assert.deepEqual([summaries.error.code, summaries.shared], ["bad_answer", []]);
});
