import assert from "node:assert/strict";
import { test } from "node:test";
import { OfferPolicy } from "../../../../static/js/conversation/summaries/offer-policy.js";
import { stage, summarised } from "./stage.js";

const AUTO = { ai: "auto", ain: 20 };

test("a summary is offered once enough was written, and again after as much more", async () => {
  const said = Array.from({ length: 19 }, (_, at) => `message ${at}`);
  const at = await stage({ policy: AUTO, said });
  const summaries = await at.open();
  const offering = new OfferPolicy(at.me, at.session, summaries);
  await offering.load();
  assert.equal(await offering.due(19), 0);
  await at.say("the twentieth");
  assert.equal(await offering.due(20), 20);
  await offering.pass(20);
  assert.equal(await offering.due(20), 0);
  const again = new OfferPolicy(at.me, at.session, summaries);
  await again.load();
  assert.equal(await again.due(20), 0);
  for (let n = 0; n < 20; n += 1) await at.say(`more ${n}`);
  assert.equal(await again.due(40), 20);
});

test("reactions are no messages; what somebody asked for is not offered again", async () => {
  const said = Array.from({ length: 19 }, (_, at) => `message ${at}`);
  const at = await stage({ policy: AUTO, said });
  const one = await at.say("the twentieth");
  const summaries = await at.open();
  const offering = new OfferPolicy(at.me, at.session, summaries);
  await offering.load();
  await summarised(at, summaries);
  for (let n = 0; n < 20; n += 1)
    await at.say({ t: "react", of: [one.seq, one.id], emoji: "🙂", on: 1 });
  assert.equal(await offering.due(40), 0);
  assert.equal(await offering.due(20), 0);
});

test("what was allowed holds for this worker's key only", async () => {
  const at = await stage({ policy: AUTO });
  const summaries = await at.open();
  const offering = new OfferPolicy(at.me, at.session, summaries);
  await offering.load();
  assert.equal(offering.allowed, false);
  await offering.allow(true);
  assert.equal(offering.allowed, true);
  summaries.worker = { ...summaries.worker, wk: "another" };
  assert.equal(offering.allowed, false);
  await offering.allow(false);
  assert.equal((await at.me.store.settings.progress(at.id, "summaries")).allowed, "");
});
