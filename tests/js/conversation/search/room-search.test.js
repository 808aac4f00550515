import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery } from "../../../../static/js/conversation/search/query.js";
import { Search } from "../../../../static/js/conversation/search/search.js";
import { searchGenerations } from "../../../../static/js/crypto/log.js";
import { ada, ben, NOW } from "../../crypto/cast.js";
import { stage } from "./stage.js";

test("words and beginnings of words are found, newest first", async () => {
  const { say, found, index } = await stage();
  await say(ada, "strawberries are ripe");
  await say(ben, "pears are not");
  await say(ada, "straw for the pears");
  assert.deepEqual(await found("straw"), ["straw for the pears", "strawberries are ripe"]);
  assert.deepEqual(await found("pears straw"), ["straw for the pears"]);
  assert.deepEqual(await found("strawberr"), ["strawberries are ripe"]);
  assert.ok(index.asked.every(({ tokens }) => tokens.every(({ t }) => t.every(Number.isInteger))));
  assert.ok(!JSON.stringify(index.asked).includes("straw"), "the server sees no words");
});

test("a word that only shares its first five letters is no hit", async () => {
  const { say, found } = await stage();
  await say(ada, "international");
  await say(ada, "internet");
  assert.deepEqual(await found("internat"), ["international"]);
});

test("by relevance any word counts, and more of rarer ones first", async () => {
  const { say, found } = await stage();
  for (const body of [
    "pears and pears",
    "apples",
    "pears with apples",
    "a few pears in a very long text about nothing much",
    "plums",
  ])
    await say(ada, body);
  const all = await found("apples pears", { order: "relevance" });
  assert.equal(all[0], "pears with apples");
  assert.equal(all.at(-1), "a few pears in a very long text about nothing much");
  assert.equal(all.length, 4);
});

test("it pages until everything is searched", async () => {
  const { say, found, index } = await stage();
  for (let n = 0; n < 120; n += 1) await say(n % 2 ? ada : ben, `pear number${n}`);
  assert.equal((await found("pear")).length, 120);
  assert.deepEqual(
    index.asked.map(({ cursor }) => cursor),
    [undefined, "50", "100", undefined, "50", "100"],
    "beginnings, then whole words",
  );
  assert.equal((await found("pear", { order: "relevance" })).length, 120);
});

test("a search rests when a page of hits is there, and says how far it came", async () => {
  const { say, finder } = await stage();
  for (let n = 0; n < 120; n += 1) await say(ada, `pear number${n}`);
  const search = new Search([finder()], parseQuery("pear"), "newest");
  await search.more();
  assert.equal(search.hits.length, 50);
  assert.deepEqual([search.done, search.busy], [false, false]);
  assert.deepEqual(search.progress, { searched: 50, total: 120, rooms: 0, all: 1 });
  for (let n = 0; n < 3; n += 1) await search.more();
  assert.deepEqual(search.progress, { searched: 120, total: 120, rooms: 1, all: 1 });
});

test("an edited message is found by its present words only", async () => {
  const { say, put, found } = await stage();
  const of = await say(ada, "at sevn in the orchard");
  await put(ada, { t: "edit", of, body: "at seven in the garden" });
  assert.deepEqual(await found("orchard"), []);
  assert.deepEqual(await found("garden"), ["at seven in the garden"]);
  assert.deepEqual(await found("at seven"), ["at seven in the garden"], "once");
});

test("what came with an answer is not asked for again", async () => {
  const { say, put, found, index } = await stage();
  const first = await say(ada, "a paer");
  await put(ada, { t: "edit", of: first, body: "a pear" });
  const second = await say(ben, "pears and plums");
  await put(ada, { t: "react", of: second, emoji: "🍐", on: 1 });
  const third = await say(ben, "my secret pear");
  await put(ben, { t: "delete", of: [third] });
  const wanted = ["pears and plums", "a pear"];
  assert.deepEqual(await found("pear"), wanted);
  assert.equal(index.gets, 0);
  index.twist = (answer) => ({ ...answer, refs: [], whole: false });
  assert.deepEqual(await found("pear"), wanted, "where there is too much, one by one");
  assert.equal(index.gets, 3);
});

test("abuse: a message with more changes than fit into an answer reads as all of them say", async () => {
  const { say, put, found, index } = await stage();
  const of = await say(ada, "a pear");
  await put(ben, { t: "react", of, emoji: "🍐", on: 1 });
  await put(ada, { t: "edit", of, body: "a pear and a plum" });
  for (let n = 0; n < 5; n += 1) await put(ben, { t: "react", of, emoji: "👍", on: n % 2 });
  index.refsAtOnce = 2;
  index.twist = (answer) => ({ ...answer, refs: [], whole: false });
  assert.deepEqual(await found("pear"), ["a pear and a plum"]);
  assert.deepEqual(await found("plum"), ["a pear and a plum"]);
});

test("hostile_search: changes that begin again and again are no answer", async () => {
  const { say, found, index } = await stage();
  await say(ada, "a pear");
  index.twist = (answer) => ({ ...answer, refs: [], whole: false });
  index.withRefs = (page) => ({ ...page, refs: [], more_refs: 9 });
  let asked = 0;
  index.changes = () => {
    asked += 1;
    return { refs: [], more_refs: 9 };
  };
  assert.deepEqual(await found("pear"), []);
  assert.equal(asked, 1);
});

test("a correction is found, whatever else is asked of what it corrects", async () => {
  const { put, found } = await stage();
  const file = {
    id: "f".repeat(32),
    key: "A".repeat(43),
    size: 1,
    name: "p.png",
    type: "image/png",
    sha: "A".repeat(43),
  };
  const of = await put(ada, { t: "text", body: "a paer", files: [file] }, { ts: NOW });
  await put(ada, { t: "edit", of, body: "a pear" }, { ts: NOW + 5 * 86_400_000 });
  const day = new Date(NOW + 2 * 86_400_000).toISOString().slice(0, 10);
  assert.deepEqual(await found(`pear has:image before:${day}`), ["a pear"]);
  assert.deepEqual(await found(`pear after:${day}`), []);
});

test("a deleted message is not found, also while the server still names it", async () => {
  const { say, put, found } = await stage();
  const of = await say(ada, "my secret plan");
  await say(ada, "no plan at all");
  await put(ada, { t: "delete", of: [of] });
  assert.deepEqual(await found("plan"), ["no plan at all"]);
});

test("who, when and what with: also without a word", async () => {
  const { say, put, found, index } = await stage();
  await say(ada, "pears from ada", { ts: NOW });
  await say(ben, "pears from ben https://example.org", { ts: NOW });
  const file = {
    id: "f".repeat(32),
    key: "A".repeat(43),
    size: 1,
    name: "p.png",
    type: "image/png",
    sha: "A".repeat(43),
  };
  await put(ben, { t: "text", body: "a pear, painted", files: [file] }, { ts: NOW + 1 });
  assert.deepEqual(await found("pears from:ada"), ["pears from ada"]);
  assert.deepEqual(await found("from:me"), ["pears from ada"]);
  assert.deepEqual(await found("from:be has:link"), ["pears from ben https://example.org"]);
  assert.deepEqual(await found("pear has:image"), ["a pear, painted"]);
  assert.deepEqual(await found("has:file"), ["a pear, painted"]);
  assert.deepEqual(await found("from:nobody pears"), []);
  assert.equal((await found("before:2999-01-01")).length, 3);
  assert.deepEqual(await found("pear after:2999-01-01"), []);
  assert.ok(index.asked.at(-1).since < new Date(2999, 0, 2).getTime(), "clocks differ");
  assert.ok(index.asked.every((body) => !("until" in body) && !("files" in body)));
});

test("blocked people's messages are not shown", async () => {
  const { say, found, finder } = await stage();
  await say(ben, "pears of ben");
  await say(ada, "pears of ada");
  const of = finder({ isHidden: (uid) => uid === ben.uid });
  assert.deepEqual(await found("pears", { of }), ["pears of ada"]);
});

test("after a rotation that took somebody out both search keys are asked", async () => {
  const { say, found, session, index } = await stage();
  await say(ada, "old pears");
  await session.rotate();
  assert.deepEqual(
    [...searchGenerations(session.state)],
    [
      [1, 1],
      [2, 1],
    ],
    "an open room goes on",
  );
  await say(ada, "new pears");
  assert.deepEqual(await found("pears"), ["new pears", "old pears"]);
  assert.deepEqual(
    index.asked.at(-1).tokens.map(({ g }) => g),
    [1],
  );
});

test("what the page shows already comes first, and is not fetched again", async () => {
  const { say, finder, world } = await stage();
  const [seq, id] = await say(ada, "pears here");
  const line = {
    seq,
    id,
    kind: "message",
    text: "pears here",
    author: { uid: ada.uid },
    ts: NOW,
    content: null,
  };
  const of = finder({ lines: () => [line] });
  const search = new Search([of], parseQuery("pear"), "newest");
  const first = new Promise((resolve) => {
    search.addEventListener(
      "changed",
      () => search.hits.length > 0 && resolve(search.progress.total),
    );
  });
  world.calls.length = 0;
  const done = search.more();
  assert.equal(await first, 0, "before anybody is asked");
  await done;
  assert.deepEqual(
    search.hits.map(({ line: found }) => found),
    [line],
  );
  assert.ok(!world.calls.some(([, , path]) => path.includes("/messages")));
});

for (const search of ["server", "device"]) {
  test(`forms of words come after the words themselves: ${search}`, async () => {
    const { say, found } = await stage({ search });
    await say(ada, "we are deploying the fix");
    await say(ben, "we deployed the fix");
    await say(ada, "der Termin ist morgen");
    await say(ben, "прочитал книгу");
    const wanted = ["we are deploying the fix", "we deployed the fix"];
    assert.deepEqual(await found("deploying"), wanted);
    assert.deepEqual(await found("deploying", { order: "relevance" }), wanted);
    assert.deepEqual(await found("Termine"), ["der Termin ist morgen"]);
    assert.deepEqual(await found("книга"), ["прочитал книгу"]);
  });

  test(`signs in queries: ${search}`, async () => {
    const { say, found } = await stage({ search });
    for (const body of ["a black swan", "the swan was not black", "cats sleep", "dogs bark"])
      await say(ada, body);
    assert.deepEqual(await found('"black swan"'), ["a black swan"]);
    assert.deepEqual(await found('"black swan"', { order: "relevance" }), ["a black swan"]);
    assert.deepEqual(await found("swan -not"), ["a black swan"]);
    assert.deepEqual(await found("cats OR dogs"), ["dogs bark", "cats sleep"]);
  });

  test(`where no message has all words, those with most of them: ${search}`, async () => {
    const { say, searched } = await stage({ search });
    for (const body of ["a red apple pie", "a red pear", "nothing of the kind"])
      await say(ada, body);
    const some = await searched("red apple zebra");
    assert.deepEqual(
      some.hits.map(({ line }) => line.text),
      ["a red apple pie"],
    );
    assert.ok(some.most);
    const all = await searched("red apple");
    assert.deepEqual([all.hits.length, all.most], [1, false]);
    assert.deepEqual((await searched("yellow submarine")).hits, []);
  });

  test(`names of files and options of polls are found: ${search}`, async () => {
    const { put, found } = await stage({ search });
    const file = {
      id: "f".repeat(32),
      key: "A".repeat(43),
      size: 1,
      name: "Quarterly report.txt",
      type: "text/plain",
      sha: "A".repeat(43),
    };
    await put(ada, { t: "text", body: "here it is", files: [file] });
    await put(ben, { t: "poll", body: "Where to?", options: ["lighthouse", "harbour"], multi: 0 });
    assert.deepEqual(await found("quarterly"), ["here it is"]);
    assert.deepEqual(await found("lighthouse"), ["Where to?"]);
  });
}

test("very common words are read for in this browser, and it says so", async () => {
  const { say, searched, index } = await stage();
  await say(ada, "ask the IT people");
  await say(ada, "nobody else");
  const run = await searched("IT");
  assert.deepEqual(
    run.hits.map(({ line }) => line.text),
    ["ask the IT people"],
  );
  assert.ok(run.unindexed);
  assert.equal(index.asked.length, 0);
  assert.ok(!(await searched("people")).unindexed);
});

test("single characters of Korean and its like are read for in this browser", async () => {
  const { say, searched, index } = await stage();
  await say(ada, "책을 샀다");
  await say(ada, "아무것도");
  for (const order of ["newest", "relevance"]) {
    const run = await searched("책", { order });
    assert.deepEqual(
      run.hits.map(({ line }) => line.text),
      ["책을 샀다"],
    );
    assert.ok(run.unindexed);
  }
  assert.equal(index.asked.length, 0);
});

test("of messages with the other words, those with the common ones come first", async () => {
  const { say, found } = await stage();
  await say(ada, "Will Smith called");
  await say(ada, "John Smith called");
  for (const order of ["newest", "relevance"]) {
    assert.deepEqual(await found("Will Smith", { order }), [
      "Will Smith called",
      "John Smith called",
    ]);
    assert.deepEqual(await found('"Will" Smith', { order }), ["Will Smith called"]);
  }
});

test("by relevance all words come before forms of them, and these before some", async () => {
  const { say, found } = await stage();
  await say(ada, "pears and apples, pears and apples");
  await say(ada, "pear apple and a longer text that says more about other things");
  await say(ada, "pear pear pear");
  assert.deepEqual(await found("pear apple", { order: "relevance" }), [
    "pear apple and a longer text that says more about other things",
    "pears and apples, pears and apples",
    "pear pear pear",
  ]);
});

test("what was probably meant is among the words that this browser has decrypted", async () => {
  const { say, searched, rules } = await stage({ search: "device" });
  await say(ada, "we will receive it");
  assert.deepEqual((await searched("recieve")).suggestions, ["receive"]);
  assert.deepEqual((await searched("receive")).suggestions, []);
  await rules({ search: "server" });
  assert.deepEqual((await searched("recieve")).suggestions, [], "nothing was decrypted");
});

test("all words of a long query count, though the server is asked for sixteen", async () => {
  const { say, found, index } = await stage();
  const letter = (n) => String.fromCharCode(97 + n);
  const words = Array.from(
    { length: 24 },
    (_, n) => `${"long".repeat(n % 3)}${letter(n)}q${letter(n)}word`,
  );
  await say(ada, words.join(" "));
  await say(ada, words.slice(1).join(" "));
  assert.deepEqual(await found(words.join(" ")), [words.join(" ")]);
  assert.ok(index.asked.every(({ tokens }) => tokens.every(({ t }) => t.length === 16)));
});

// --- trouble ----------------------------------------------------------------------------------------

test("a room that fails is named, the others are searched", async () => {
  const [good, bad] = [await stage(), await stage()];
  await good.say(ada, "pears");
  bad.index.twist = () => {
    throw new Error("The server failed.");
  };
  const search = new Search([good.finder(), bad.finder()], parseQuery("pears"), "newest");
  await search.more();
  assert.deepEqual(
    search.hits.map(({ line }) => line.text),
    ["pears"],
  );
  assert.deepEqual(search.failures, [{ room: "Orchard", message: "The server failed." }]);
  assert.equal(search.done, true);
});
