import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery } from "../../../../static/js/conversation/search/query.js";
import { Search } from "../../../../static/js/conversation/search/search.js";
import { ArchiveStore } from "../../../../static/js/store/archive.js";
import { ada, ben } from "../../crypto/cast.js";
import { stage } from "./stage.js";

test("a device room is read once, kept, and read on from there", async () => {
  const { say, put, found, finder, world, me, id, index } = await stage({ search: "device" });
  for (let n = 0; n < 450; n += 1) await say(ada, `message number${n}`);
  const of = await say(ben, "pears and plums");
  assert.deepEqual(await found("pears"), ["pears and plums"]);
  assert.deepEqual(index.asked, [], "the server was asked for nothing");
  const { from, to } = await me.store.settings.progress(id, "archive");
  assert.deepEqual([from, to], [1, 451]);
  world.calls.length = 0;
  await put(ben, { t: "edit", of, body: "apples and plums" });
  const again = finder();
  assert.deepEqual(await found("plums", { of: again }), ["apples and plums"]);
  assert.deepEqual(await found("pears", { of: again }), []);
  const fetched = world.calls.filter(([, , path]) => path.includes("/messages"));
  assert.ok(
    fetched.every(([, , path]) => /after=45[12]/.test(path)),
    JSON.stringify(fetched),
  );
});

test("what was deleted is not kept for searching either", async () => {
  const { say, put, found, me, id } = await stage({ search: "device" });
  const of = await say(ben, "my secret plan");
  assert.deepEqual(await found("secret"), ["my secret plan"]);
  await put(ben, { t: "delete", of: [of] });
  assert.deepEqual(await found("secret"), []);
  assert.ok(!JSON.stringify(await me.store.part(ArchiveStore).archive(id)).includes("secret plan"));
});

test("reading can be stopped, and goes on where it stopped", async () => {
  const { say, finder, me, id, found, world } = await stage({ search: "device" });
  for (let n = 0; n < 450; n += 1) await say(ada, `message number${n}`);
  const of = finder();
  const search = new Search([of], parseQuery("number0"), "newest");
  search.addEventListener("changed", () => search.progress.searched >= 200 && search.stop());
  await search.more();
  assert.equal(search.stopped, true);
  assert.deepEqual(search.hits, []);
  const { from } = await me.store.settings.progress(id, "archive");
  assert.equal(from, 251);
  world.calls.length = 0;
  assert.deepEqual(await found("number0"), ["message number0"]);
  const older = world.calls.filter(([, , path]) => path.includes("before=")).length;
  assert.equal(older, 2);
});

test("a second tab reads what is kept and keeps nothing itself", async () => {
  const { say, finder, found, me, id } = await stage({ search: "device" });
  await say(ada, "pears");
  await found("pears");
  await say(ada, "more pears");
  const taken = { request: async (_name, _how, work) => work(null) };
  assert.deepEqual(await found("pears", { of: finder({ locks: taken }) }), ["more pears", "pears"]);
  assert.equal((await me.store.settings.progress(id, "archive")).to, 1);
});

test("the rules changed a moment ago: the browser reads by itself", async () => {
  const { say, found, room, session } = await stage();
  await say(ada, "pears");
  room.device = true;
  assert.equal(session.state.policy.search, "server");
  assert.deepEqual(await found("pears"), ["pears"]);
});
