import assert from "node:assert/strict";
import { test } from "node:test";
import { BrowserModel } from "../../../../static/js/conversation/summaries/browser-model.js";
import { BrowserSummary } from "../../../../static/js/conversation/summaries/browser-summary.js";

const line = (seq, text) => ({ seq, name: "ada", ts: seq * 60_000, text });

/** A browser's API whose model takes `quota` characters, and what it was given. */
function fakeApi({
  quota = 1000,
  available = "available",
  write = (text) => text.slice(0, 5),
} = {}) {
  const seen = { texts: [], sessions: 0, about: null };
  const api = {
    availability: async (about) => {
      seen.about = about;
      if (available instanceof Error) throw available;
      return available;
    },
    create: async ({ monitor, signal }) => {
      signal.throwIfAborted();
      seen.sessions += 1;
      const loading = new EventTarget();
      monitor(loading);
      loading.dispatchEvent(Object.assign(new Event("downloadprogress"), { loaded: 0.5 }));
      return {
        inputQuota: quota,
        measureInputUsage: async (text) => text.length,
        summarize: async (text) => {
          signal.throwIfAborted();
          assert.ok(text.length <= quota, "no more than it takes");
          seen.texts.push(text);
          return write(text);
        },
        destroy: () => {
          seen.sessions -= 1;
        },
      };
    },
  };
  return { api, seen };
}

const watcher = () => {
  const parts = [];
  const signal = new AbortController().signal;
  return { parts, signal, onLoading: () => {}, onPart: (...part) => parts.push(part) };
};

test("a browser has a model, could load one, has none, or takes no such language", async () => {
  const offered = (available) => new BrowserModel("en", fakeApi({ available }).api).isOffered();
  assert.equal(await offered("available"), true);
  assert.equal(await offered("downloadable"), true);
  assert.equal(await offered("downloading"), true);
  assert.equal(await offered("unavailable"), false);
  assert.equal(await offered(new TypeError("no such language")), false);
  assert.equal(await new BrowserModel("en", undefined).isOffered(), false);
});

test("what fits is written at once, with names", async () => {
  const { api, seen } = fakeApi();
  const watched = watcher();
  const text = await new BrowserModel("en", api).write([line(1, "tea"), line(2, "milk")], watched);
  assert.equal(text, "ada: ");
  assert.deepEqual(seen.texts, ["ada: tea\nada: milk"]);
  assert.deepEqual(watched.parts, [[0, 1]]);
  assert.equal(seen.sessions, 0, "the model's memory is given back");
});

test("a long conversation is cut where messages end, and every message is read once", async () => {
  const { api, seen } = fakeApi({ quota: 60 });
  const lines = Array.from({ length: 20 }, (_, n) => line(n + 1, `message ${n + 1} of many`));
  const watched = watcher();
  await new BrowserModel("en", api).write(lines, watched);
  const [, first] = watched.parts[0];
  assert.equal(
    seen.texts.slice(0, first).join("\n"),
    lines.map(({ text }) => `ada: ${text}`).join("\n"),
  );
  assert.ok(watched.parts.length > first, "the parts' summaries are summarised");
});

test("a message that alone is too long is cut, and no character is lost", async () => {
  const { api, seen } = fakeApi({ quota: 50 });
  const text = "🫖".repeat(70);
  const watched = watcher();
  await new BrowserModel("en", api).write([line(1, text)], watched);
  const [, first] = watched.parts[0];
  assert.equal(seen.texts.slice(0, first).join(""), `ada: ${text}`);
});

test("a model that shortens nothing does not go on forever", async () => {
  const { api } = fakeApi({ quota: 40, write: (text) => `${text}!` });
  const lines = Array.from({ length: 8 }, (_, n) => line(n + 1, "the same again and again"));
  const text = await new BrowserModel("en", api).write(lines, watcher());
  assert.ok(text.includes("again!"));
});

/** A summary by a model that a test lets end. */
function staged(isOffered = true) {
  const writes = [];
  const seen = [];
  const model = {
    isOffered: async () => isOffered,
    write: (said, watched) =>
      new Promise((resolve, reject) => writes.push({ said, resolve, reject, ...watched })),
  };
  const summary = new BrowserSummary(model, () => seen.push(1));
  return { summary, writes, seen };
}

const collected = (...said) => ({ said });
const settled = () => new Promise(setImmediate);

test("nothing is offered without a model", async () => {
  const { summary } = staged(false);
  await summary.look();
  assert.equal(summary.of(collected(line(1, "tea"))), null);
});

test("the course of a writing is told, and its text stays", async () => {
  const { summary, writes } = staged();
  const some = collected(line(1, "tea"));
  await summary.look();
  assert.equal(summary.of(some).state, "idle");
  summary.write();
  writes[0].onLoading(0.25);
  assert.deepEqual([summary.of(some).state, summary.of(some).loaded], ["loading", 0.25]);
  writes[0].onPart(1, 3);
  const { state, done, total } = summary.of(some);
  assert.deepEqual([state, done, total], ["writing", 1, 3]);
  summary.write();
  assert.equal(writes.length, 1, "one at a time");
  writes[0].resolve("- Ada wants tea");
  await settled();
  assert.deepEqual([summary.of(some).state, summary.of(some).text], ["done", "- Ada wants tea"]);
});

test("a failure and an empty text are said, and may be tried again", async () => {
  const { summary, writes } = staged();
  const some = collected(line(1, "tea"));
  await summary.look();
  summary.of(some);
  for (const end of [
    () => writes.at(-1).reject(new Error("no memory")),
    () => writes.at(-1).resolve(" "),
  ]) {
    summary.write();
    end();
    await settled();
    assert.equal(summary.of(some).state, "failed");
  }
});

test("other messages end the writing, and nothing of it shows at them", async () => {
  const { summary, writes } = staged();
  const [some, others] = [collected(line(1, "tea")), collected(line(2, "milk"))];
  await summary.look();
  summary.of(some);
  summary.write();
  assert.equal(summary.of(others).state, "idle");
  assert.equal(writes[0].signal.aborted, true);
  writes[0].onPart(1, 2);
  writes[0].resolve("of tea");
  await settled();
  assert.deepEqual([summary.of(others).state, summary.of(others).text], ["idle", ""]);
});
