/** Colours of code: ranges of a text, found by the vendored library in a worker. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  colour,
  coloured,
  languageOf,
  RangeFinder,
} from "../../../../static/js/ui/text/highlight.js";
import { until } from "../../conversation/world.js";
import { installDom } from "../fake-dom.js";

installDom();
const answers = [];
globalThis.self = { postMessage: (answer) => answers.push(answer) };
await import("../../../../static/js/workers/colour-code.js");

/** The worker's answer to one text. */
async function ranges(text, language) {
  const job = answers.length + 1;
  await globalThis.self.onmessage({ data: { job, text, language } });
  return answers.findLast((answer) => answer.job === job).ranges;
}

/** A worker that answers through a function, or never. */
function fake(answer) {
  const worker = { stopped: false, onmessage: null, onerror: null };
  worker.postMessage = async (job) => {
    for (const data of await answer(job)) worker.onmessage?.({ data });
  };
  worker.terminate = () => {
    worker.stopped = true;
  };
  return worker;
}

test("the library's languages are found by the names that people write", async () => {
  for (const [label, language] of [
    ["python", "python"],
    ["JS", "javascript"],
    ["ts title=a", "typescript"],
    ["html", "xml"],
    ["c++", "cpp"],
    ["klingon", undefined],
    ["constructor", undefined],
  ])
    assert.equal(languageOf(label), language, label);
});

test("ranges are parts of the text, in its order, and keep every character", async () => {
  const samples = {
    python: "def greet(name):\n    # hello\n    return f'{name}' + 1",
    javascript: "const a = 'x' + 1; // <b>",
    xml: "<a href='x'><script>let a = 1</script></a>",
    json: '{"a": [1, true, "x"]}',
    bash: "echo $HOME | grep -v x",
    diff: "+ a\n- b",
  };
  for (const [language, text] of Object.entries(samples)) {
    const found = await ranges(text, language);
    assert.ok(found.length > 0, language);
    const nodes = coloured(text, found);
    assert.equal(nodes.map((node) => node.textContent).join(""), text);
    for (const node of nodes) assert.ok(!node.tag || node.tag === "span");
  }
  assert.ok((await ranges("1 ".repeat(4000), "python")).length <= 600);
});

test("an unknown language and ranges that are none change nothing", async () => {
  assert.deepEqual(await ranges("a", "klingon"), []);
  const nodes = coloured("abc", [
    [0, 1, "keyword"],
    [0, 2, "string"],
    [2, 9, "string"],
  ]);
  assert.equal(nodes.map((node) => node.textContent).join(""), "abc");
});

test("a text that takes too long stops the worker, and the next one has another", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const workers = [];
  const answer = async ({ job, text }) =>
    text === "slow" ? [{ job, loaded: true }] : [{ job, ranges: [[0, 1, "keyword"]] }];
  const finder = new RangeFinder(() => {
    workers.push(fake(answer));
    return workers.at(-1);
  });
  const slow = finder.find("slow", "python");
  const next = finder.find("if", "python");
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  t.mock.timers.tick(1001);
  assert.deepEqual(await slow, []);
  assert.deepEqual(await next, [[0, 1, "keyword"]]);
  assert.deepEqual(
    workers.map(({ stopped }) => stopped),
    [true, false],
  );
});

test("code that must be broken, or has too many marks, stays plain", async () => {
  const code = document.createElement("code");
  code.append("x");
  const finder = { find: async () => [[0, 1, "keyword"]] };
  await colour(code, "x".repeat(2000), "python", finder);
  await colour(code, `e${"\u0301".repeat(20)}`, "python", finder);
  await colour(code, "x", "klingon", finder);
  assert.equal(code.children.length, 1);
  await colour(code, "x", "python", finder);
  await until(() => code.children[0].tag === "span", "it is coloured");
});
