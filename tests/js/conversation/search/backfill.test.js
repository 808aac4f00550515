import assert from "node:assert/strict";
import { test } from "node:test";
import { Backfill } from "../../../../static/js/conversation/search/backfill.js";
import { ada, ben } from "../../crypto/cast.js";
import { stage } from "./stage.js";

test("a room that goes over to the server is made findable, once, and goes on after a stop", async () => {
  const { say, put, rules, found, index, me, session } = await stage({ search: "device" });
  for (let n = 0; n < 230; n += 1) await say(ada, `pear number${n}`);
  const of = await say(ben, "pear of ben");
  await put(ben, { t: "react", of, emoji: "👍", on: 1 });
  await rules({ search: "server" });
  assert.deepEqual(await found("ben"), []);
  const backfill = new Backfill(me, session);
  assert.equal(await backfill.waiting(), 232);
  const stop = new AbortController();
  await assert.rejects(
    backfill.run(stop.signal, () => stop.abort()),
    { name: "AbortError" },
  );
  assert.equal(index.tokens.size, 200);
  const told = [];
  assert.equal(await backfill.run(new AbortController().signal, (done) => told.push(done)), 32);
  assert.equal(told.at(-1), 1);
  assert.equal(await backfill.waiting(), 0, "a reaction has no words, and is done with, too");
  assert.equal(index.tokens.size, 232);
  assert.deepEqual(await found("ben"), ["pear of ben"]);
  assert.equal((await found("pear")).length, 231);
});
