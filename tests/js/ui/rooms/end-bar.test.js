import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../../../../static/js/ui/dom.js";
import { Banner } from "../../../../static/js/ui/rooms/banner.js";
import { endNodes } from "../../../../static/js/ui/rooms/end-bar.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const bar = (about = {}) =>
  put(
    endNodes({
      kind: "removed",
      what: "ben removed you.",
      next: "What you read is kept.",
      unsent: "",
      draft: "",
      actions: [],
      ...about,
    }),
  );

test("the bar says what happened, what is kept, and gives back what was being written", () => {
  const text = bar({ draft: "half a sentence", unsent: "1 message was not sent." }).textContent;
  for (const part of ["ben removed you.", "What you read is kept.", "half a sentence", "not sent"])
    assert.ok(text.includes(part), part);
  assert.ok(button(strings.ends.copy));
});

test("where the clipboard refuses, what was being written is shown to be copied by hand", async (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  const clipboard = { writeText: () => Promise.reject(new Error("not allowed")) };
  Object.defineProperty(globalThis, "navigator", { value: { clipboard }, configurable: true });
  t.after(() => Object.defineProperty(globalThis, "navigator", before ?? { value: undefined }));
  bar({ draft: "half a sentence" });
  const copying = button(strings.ends.copy).click();
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(document.querySelector("dialog").textContent.includes("half a sentence"));
  document.querySelector("dialog").close();
  await copying;
});

test("without words there is nothing to copy", () => {
  bar();
  assert.equal(button(strings.ends.copy), undefined);
});

test("an action that fails says why, in the bar", async () => {
  const run = async () => {
    throw new Error("The server is unreachable.");
  };
  const body = bar({
    actions: [
      { label: "Unblock ben", run },
      { label: "Log in", href: "/in" },
    ],
  });
  await button("Unblock ben").click();
  assert.ok(body.textContent.includes("The server is unreachable."));
  assert.equal(body.querySelector("a").getAttribute("href"), "/in");
});

// --- the connection

/** A banner whose state the test sets, and its clock. */
function banner(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const root = h("div", { hidden: true });
  let state = "open";
  const made = new Banner(
    root,
    () => state,
    () => "/in",
  );
  const say = (next, unsent = 0) => {
    state = next;
    made.update(unsent);
  };
  return { root, say, pass: (ms) => t.mock.timers.tick(ms) };
}

test("a short break is not worth a word, a longer one is", (t) => {
  const { root, say, pass } = banner(t);
  say("open");
  say("connecting");
  pass(1000);
  assert.equal(root.hidden, true);
  pass(1000);
  assert.equal(root.hidden, false);
  assert.ok(root.textContent.includes(strings.connection.connecting));
  say("open");
  assert.ok(root.textContent.includes(strings.back));
  pass(3000);
  assert.equal(root.hidden, true);
});

test("each state has its words, and unsent messages are counted", (t) => {
  const { root, say, pass } = banner(t);
  for (const state of ["slow", "restarting", "away", "offline"]) {
    say(state, 3);
    pass(1300);
    assert.equal(root.textContent, `${strings.connection[state]} 3 messages are waiting.`);
  }
});

test("signed out has its words at once, and leads to the log-in", (t) => {
  const { root, say } = banner(t);
  say("signed-out");
  assert.ok(root.textContent.includes(strings.signedOut));
  assert.equal(root.querySelector("a").getAttribute("href"), "/in");
});

test("a clock that is wrong is said as long as it is", (t) => {
  const { root, say, pass } = banner(t);
  say("clock");
  pass(5000);
  assert.equal(root.hidden, false);
  assert.equal(root.textContent, strings.connection.clock);
  say("open");
  pass(3000);
  assert.equal(root.hidden, true);
});
