import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { summaryStrings as strings } from "../../../../static/js/ui/strings/summary.js";
import { stateText, summaryPanel, troubleText } from "../../../../static/js/ui/summary/summary.js";
import { paragraphs, summaryAsText } from "../../../../static/js/ui/summary/text.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const words = strings.summary;
const NOON = new Date(2026, 4, 4, 12).getTime();
const worker = {
  wk: "the-present-key",
  spki: "",
  engine: "extractive",
  models: ["extractive"],
  embedded: true,
  most_messages: 500,
  most_bytes: 100_000,
};
const preview = (more = {}) => ({
  question: {
    model: "extractive",
    lang: "en",
    messages: [
      { seq: 3, name: "ada", ts: NOON, text: "one" },
      { seq: 4, name: "ben", ts: NOON, text: "two" },
    ],
  },
  range: { from: 3, to: 4, a: 1, b: 1 },
  earlier: null,
  names: [],
  characters: 6,
  gathered: { said: [], hidden: 0, locked: 0, cut: false },
  cut: false,
  ...more,
});
const asking = (more = {}) => ({
  ranges: [["since", "All"]],
  range: "since",
  model: "extractive",
  masked: false,
  anew: false,
  base: null,
  state: "ready",
  problem: "",
  preview: preview(),
  worker,
  here: false,
  mayChoose: true,
  allowed: true,
  picked: "",
  gathered: null,
  formerly: "",
  onJump: () => {},
  onChange: () => {},
  onBelieve: () => {},
  onRetry: () => {},
  onSend: () => {},
  ...more,
});
const shared = (more = {}) => ({
  key: "k",
  dis: 7,
  by: "ben",
  mine: false,
  from: 3,
  to: 9,
  a: 1,
  b: 1,
  at: NOON,
  text: "In short.",
  model: "extractive",
  why: "",
  ...more,
});
const show = (more = {}) =>
  put(
    summaryPanel({
      loading: false,
      stopped: null,
      running: null,
      trouble: null,
      asking: null,
      shared: [],
      fresh: 0,
      habit: null,
      onCancel: () => {},
      onJump: () => {},
      onCopy: async () => {},
      ...more,
    }),
  );

test("the preview shows each line, how much it is, and who will read it", () => {
  const { textContent } = show({ asking: asking() });
  for (const part of ["one", "two", "ada", "ben", words.lines(2, 6), words.embedded, worker.wk])
    assert.ok(textContent.includes(part), part);
  assert.ok(textContent.includes(words.engines.extractive()));
  assert.ok(button(words.send(2)));
});

test("a model is named, and the worker that is no part of the web server", () => {
  const apart = { ...worker, engine: "openai", embedded: false, models: ["gpt-x"] };
  const question = { ...preview().question, model: "gpt-x" };
  const about = { worker: apart, model: "gpt-x", preview: preview({ question }) };
  const { textContent } = show({ asking: asking(about) });
  assert.ok(textContent.includes(words.engines.openai("gpt-x")));
  assert.ok(textContent.includes(words.apart));
});

test("what is left out is said, and the summary that is gone on from is shown", () => {
  const earlier = shared({ text: "Before." });
  const question = { ...preview().question, earlier: "Before." };
  const gathered = { said: [], hidden: 2, locked: 1, cut: true };
  const about = { base: earlier, preview: preview({ earlier, question, gathered, cut: true }) };
  const { textContent } = show({ asking: asking(about) });
  const said = [
    words.hidden(2),
    words.locked(1),
    words.cut,
    "Before.",
    words.earlierLine(words.about(3, 9)),
  ];
  for (const part of said) assert.ok(textContent.includes(part), part);
});

test("under a new key nothing can be sent before it is believed", () => {
  let believed = 0;
  const about = { formerly: "the-former-key", onBelieve: () => (believed += 1) };
  const body = show({ asking: asking(about) });
  assert.ok(body.textContent.includes("the-former-key"));
  assert.notEqual(button(words.send(2)).getAttribute("disabled"), null);
  button(words.believe).click();
  assert.equal(believed, 1);
});

test("progress says in words how far it is", () => {
  const at = (state, done = 0, total = 0) => stateText({ state, done, total });
  assert.deepEqual(
    [at("sending"), at("queued"), at("working", 0, 1), at("working", 1, 4), at("working", 4, 4)],
    [words.sending, words.queued, words.working, words.part(1, 4), words.part(4, 4)],
  );
});

test("what cannot be read says why, and shows no text", () => {
  const all = [shared(), shared({ why: "keys", text: "x1" }), shared({ why: "bad", text: "x2" })];
  const { textContent } = show({ shared: all });
  assert.ok(textContent.includes("In short."));
  assert.ok(textContent.includes(words.extractive));
  assert.ok(textContent.includes(words.why.keys) && textContent.includes(words.why.bad));
  assert.ok(!textContent.includes("x1") && !textContent.includes("x2"));
});

test("nobody who is blocked is named or heard in what others have shared", () => {
  const at = "2026-11-01T10:00Z";
  const text = `- #3 ${at} mallory: what mallory said\n- → #4 ${at} ada: what ada said`;
  const all = [shared({ text, from: 1, to: 9, by: "mallory", model: "extractive-1" })];
  const seen = show({ shared: all }).textContent;
  assert.ok(seen.includes("what mallory said") && seen.includes("Asked for by mallory"));
  const { textContent } = show({ shared: all, isHidden: (name) => name === "mallory" });
  assert.ok(!textContent.includes("mallory"));
  for (const part of ["what ada said", words.blockedLine, words.blocked])
    assert.ok(textContent.includes(part), part);
});

test("what a model writes stays plain words, but for lists", () => {
  const text =
    "Look: [here](https://evil.example) ![x](https://evil.example/x.png)\n\n- one\n- two";
  const body = show({ shared: [shared({ text })] });
  assert.ok(body.textContent.includes("[here](https://evil.example) ![x]"));
  for (const tag of ["a", "img"]) assert.equal(body.querySelectorAll(tag).length, 0);
  const items = body.querySelectorAll("li").filter((item) => !item.getAttribute("class"));
  assert.deepEqual(
    items.map((item) => item.textContent),
    ["one", "two"],
  );
});

test("a known trouble is said in our words, another one in the server's", () => {
  assert.equal(troubleText({ code: "spent", detail: "x" }), words.failed.spent);
  assert.equal(
    troubleText({ code: "engine", detail: "It is unreachable." }),
    `It is unreachable. ${words.failedElse}`,
  );
});

test("only the newest ones are drawn at first", () => {
  const many = Array.from({ length: 14 }, (_, at) => shared({ key: `k${at}`, from: at + 1 }));
  const body = show({ shared: many });
  assert.equal(body.querySelectorAll("h4").length, 3);
  button(words.more).click();
  assert.equal(body.querySelectorAll("h4").length, 14);
});

test("results stand first, unless one came to ask for a summary or one is on its way", () => {
  assert.equal(
    show({ shared: [shared()] }).children[0].querySelector("h3").textContent,
    words.list,
  );
  for (const about of [
    { toAsk: true },
    { running: { state: "queued", done: 0, total: 0, from: 1, to: 2 } },
  ]) {
    const [top] = show({ shared: [shared()], ...about }).children;
    assert.ok(!top.textContent.includes(words.list), JSON.stringify(about));
  }
});

test("a summary is named by the times of its messages, where they are known", () => {
  const since = new Date(2026, 3, 24, 9, 1).getTime();
  const title = (more) => show({ shared: [shared(more)] }).querySelector("h4").textContent;
  assert.equal(title({}), "7 messages");
  const minutes = title({ since, until: since + 5 * 60_000 });
  assert.match(minutes, /9:01.* – .*9:06/u);
  const days = title({ since, until: since + 86_400_000 });
  assert.match(days, /9:01.* – .*9:01/u);
});

test("what a model marks as bold or as a heading is bold, and nothing else is more than text", () => {
  const blocks = put(paragraphs("## Harvest\n**Monday** and <b>x</b>\n- *a* **b**\n2 ** 3 ** 4"));
  assert.deepEqual(
    blocks.querySelectorAll("b").map(({ textContent }) => textContent),
    ["Harvest", "Monday", "b"],
  );
  for (const part of ["<b>x</b>", "*a*", "2 ** 3 ** 4"])
    assert.ok(blocks.textContent.includes(part), part);
});

test("numbers that point at nothing are left out, and other brackets stay", () => {
  const read = (text) => put(paragraphs(text)).textContent;
  assert.equal(read("They pick apples [2]. See [1, 3]."), "They pick apples. See.");
  assert.equal(read("- **ada** [12] brings it [3–5]"), "ada brings it");
  for (const text of ["call a[2](x)", "the [new] room", "list[x]"]) assert.equal(read(text), text);
});

test("a copy is the summary as it is read", () => {
  const text = "## Plans\n**ada** brings it [2]\n\n- one\n- two";
  const copied = summaryAsText(text, { from: 1, to: 7, onJump() {} });
  assert.equal(copied, "Plans\nada brings it\n- one\n- two");
});

test("what continues a summary leads to its first message", () => {
  const jumps = [];
  const text = "First.\n\n[5–7]\n\nThen.";
  const blocks = put(paragraphs(text, { from: 1, to: 7, onJump: (seq) => jumps.push(seq) }));
  assert.equal(blocks.textContent, `First.${words.since}Then.`);
  blocks.querySelector("button").click();
  assert.deepEqual(jumps, [5]);
  assert.equal(
    put(paragraphs(text, { from: 6, to: 7, onJump() {} })).querySelector("button"),
    null,
  );
});

const PICKED = `## 2026-05-04T10:00Z – 2026-05-04T10:30Z
- #3 2026-05-04T10:00Z ada: Who brings **it**?
- → #4 2026-05-04T10:01Z ben: I do: <b>now</b>.
- #99 2026-05-04T10:02Z eve: beyond the range`;

test("picked lines have the time of their slice and lead to their messages", () => {
  const jumps = [];
  const body = show({ shared: [shared({ text: PICKED })], onJump: (seq) => jumps.push(seq) });
  assert.match(body.querySelector(".summary-slice").textContent, /:00.* – .*:30/u);
  const picks = body.querySelectorAll(".summary-pick");
  assert.deepEqual(
    picks.map(({ children }) =>
      children
        .slice(2)
        .map(({ textContent }) => textContent)
        .join(""),
    ),
    ["ada Who brings **it**?", "ben I do: <b>now</b>."],
  );
  for (const place of body.querySelectorAll(".summary-place")) place.click();
  assert.deepEqual(jumps, [3, 4]);
  assert.ok(body.textContent.includes("#99 2026-05-04T10:02Z eve"), "no other messages");
});

test("on this device nothing is sent, and the rules may allow only that", () => {
  const said = [3, 4, 5].map((seq) => ({ seq, e: 1, name: "ada", ts: NOON, text: "x" }));
  const gathered = { said, hidden: 0, locked: 0, cut: false };
  const here = { here: true, preview: null, picked: PICKED, gathered };
  const chosen = [];
  const body = show({ asking: asking({ ...here, onChange: (change) => chosen.push(change) }) });
  assert.ok(body.textContent.includes(words.here(3)));
  assert.equal(body.querySelectorAll(".summary-pick").length, 2);
  assert.ok(!body.textContent.includes(words.preview));
  const only = show({
    asking: asking({ ...here, worker: null, mayChoose: false, allowed: false }),
  });
  assert.ok(only.textContent.includes(words.onlyHere));
  assert.ok(!only.textContent.includes(words.places.worker));
  const missing = show({ asking: asking({ ...here, worker: null, mayChoose: false }) });
  assert.ok(missing.textContent.includes(words.noWorker));
});
