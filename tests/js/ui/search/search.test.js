import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { namesAlike } from "../../../../static/js/conversation/search/names-alike.js";
import { createBackfillStatus } from "../../../../static/js/ui/search/backfill.js";
import { SearchView } from "../../../../static/js/ui/search/search.js";
import { searchStrings as strings } from "../../../../static/js/ui/strings/search.js";
import { button, installDom, outline, put } from "../fake-dom.js";

installDom();

/** @type {[string, ...any[]][]} what the person did */
let done = [];
let view;
const deed =
  (name) =>
  (...about) =>
    done.push([name, ...about]);

beforeEach(() => {
  done = [];
  const people = (typed) => namesAlike(["anna", "ann", "joanna", "ben", "Dr X", "me"], typed);
  const about = { label: "Search here", operators: strings.search.operators, people };
  const names = ["onQuery", "onNow", "onGo", "onMore", "onStop", "onSuggestion"];
  view = new SearchView(about, Object.fromEntries(names.map((name) => [name, deed(name)])));
  put([view.node]);
  const field = one("input");
  let selected = [0, 0];
  field.setSelectionRange = (...range) => {
    selected = range;
  };
  document.execCommand = (command, _, text) => {
    assert.equal(command, "insertText"); // what can be undone
    field.value = field.value.slice(0, selected[0]) + text + field.value.slice(selected[1]);
    field.dispatchEvent(new Event("input"));
    return true;
  };
});

const hit = (seq, ...pieces) => ({
  key: `room:${seq}`,
  href: `/rooms/room/#m${seq}`,
  room: "",
  author: { name: "ada", uid: "u" },
  ts: 0,
  pieces: pieces.map((text, at) => ({ text, hit: at % 2 === 1 })),
  files: [],
  edited: false,
});
const found = (hits, more = {}) => ({
  state: "rest",
  notes: [],
  hits,
  done: true,
  progress: { searched: 4310, total: 4310, all: 1 },
  failures: [],
  suggestions: [],
  ...more,
});
const one = (selector) => view.node.querySelector(selector);
const status = () => one(".search-status").textContent;
const press = (target, key) => {
  const event = new Event("keydown", { cancelable: true });
  Object.defineProperties(event, { key: { value: key }, target: { value: target } });
  view.node.dispatchEvent(event);
};

test("hits are links with what was found in them marked, and nothing in them is markup", () => {
  view.update(found([hit(12, "see <img src=x onerror=alert(1)> ", "<b>straw", "berries")]));
  const text = one(".hit-text");
  assert.equal(
    outline(text),
    "<span>see <img src=x onerror=alert(1)> <mark><b>straw</mark>berries</span>",
  );
  assert.deepEqual(
    text.descendants.map(({ tag }) => tag),
    ["mark"],
  );
  assert.equal(one("a").getAttribute("href"), "/rooms/room/#m12");
});

test("the status is said when a search rests, not at each step", () => {
  view.update(found([], { state: "busy", progress: { searched: 10, total: 4310, all: 1 } }));
  assert.equal(status(), "");
  assert.equal(one(".search-meter").hidden, false);
  assert.match(one(".search-meter").textContent, /Searching: 10 of 4,310 messages/);
  view.update(found([hit(1, "a")]));
  assert.equal(status(), "1 hit. Searched 4,310 of 4,310 messages.");
  assert.equal(one(".search-meter").hidden, true);
  view.update(found([], { progress: { searched: 7, total: 7, all: 3 } }));
  assert.equal(status(), "Nothing found. Searched 7 of 7 messages in 3 rooms.");
  view.update(found([], { state: "stopped", progress: { searched: 5, total: 7, all: 1 } }));
  assert.equal(status(), "Stopped. Nothing found. Searched 5 of 7 messages.");
});

test("a hit that stays keeps its element, also where others come before it", () => {
  view.update(found([hit(1, "old")]));
  const link = one("a");
  view.update(found([hit(2, "new"), hit(1, "old")]));
  const links = view.node.querySelectorAll("a");
  assert.deepEqual(
    links.map((a) => a.getAttribute("href")),
    ["/rooms/room/#m2", "/rooms/room/#m1"],
  );
  assert.equal(links[1], link);
});

test("arrows go from the field through the hits and back", () => {
  view.update(found([hit(2, "b"), hit(1, "a")]));
  const field = one("input");
  const [first, second] = view.node.querySelectorAll("a");
  press(field, "ArrowDown");
  assert.equal(document.activeElement, first);
  press(first, "ArrowDown");
  assert.equal(document.activeElement, second);
  press(second, "ArrowDown");
  assert.equal(document.activeElement, second, "the last one");
  press(second, "Home");
  assert.equal(document.activeElement, first);
  press(first, "ArrowUp");
  assert.equal(document.activeElement, field);
});

test("following a hit jumps", async () => {
  view.update(found([hit(2, "b")]));
  await one("a").click();
  assert.deepEqual(
    done.map(([name, { key }]) => [name, key]),
    [["onGo", "room:2"]],
  );
});

test("what follows the hits is what can be done next", async () => {
  view.update(found([hit(1, "a")], { done: false }));
  await button(strings.search.more).click();
  view.update(found([], { state: "stopped" }));
  await button(strings.search.goOn).click();
  const failures = [{ room: "Orchard", message: "The server failed." }];
  view.update(found([], { failures }));
  assert.match(one(".danger").textContent, /Orchard: not searched. The server failed./);
  await button(strings.tryAgain).click();
  assert.deepEqual(
    done.map(([name]) => name),
    ["onMore", "onMore", "onMore"],
  );
  view.update(found([]));
  assert.match(one(".search-after").textContent, /Try fewer words/);
  view.update(found([], { notes: ["That is no day."] }));
  assert.equal(one(".notice").textContent, "That is no day.");
});

test("an operator of the help is put into the field", async () => {
  const field = one("input");
  field.value = "pears";
  await button("from:name").click();
  assert.equal(field.value, "pears from:");
  assert.deepEqual(done, [["onQuery", "pears from:", "newest"]]);
});

test("making older messages findable can be stopped, goes on, and says what came of it", async () => {
  const fill = createBackfillStatus({ onStart: deed("start"), onStop: deed("stop") });
  put([fill.node]);
  const filling = { state: "none", done: 0, taken: 0, problem: "" };
  fill.update(filling);
  assert.equal(fill.node.hidden, true);
  fill.update({ ...filling, state: "busy", done: 0.5 });
  assert.equal(fill.node.querySelector("progress").value, 0.5);
  await button(strings.search.stop).click();
  fill.update({ ...filling, state: "paused", problem: "The server failed." });
  assert.match(fill.node.textContent, /The server failed./);
  await button(strings.search.fill).click();
  fill.update({ ...filling, state: "done", taken: 3 });
  assert.match(fill.node.textContent, /3 older messages can be found now/);
  assert.deepEqual(
    done.map(([name]) => name),
    ["stop", "start"],
  );
});

test("what may have been meant is offered, and is looked for when it is chosen", () => {
  view.update(found([], { suggestions: ["receive", "relieve"] }));
  const meant = one(".search-meant");
  assert.equal(meant.hidden, false);
  assert.equal(meant.textContent, `${strings.search.meant} receive relieve`);
  button("relieve").dispatchEvent(new Event("click"));
  assert.deepEqual(done.at(-1), ["onSuggestion", "relieve"]);
  view.update(found([hit(1, "receive")]));
  assert.equal(meant.hidden, true);
});

test("people are chosen by what is typed of their names, a name that begins alike too", () => {
  const names = () =>
    one(".search-choices")
      .querySelectorAll("button")
      .map((b) => b.textContent);
  view.text = "pears from:an";
  assert.deepEqual(names(), ["ann", "anna", "joanna"]);
  button("anna").click();
  assert.equal(view.text, "pears from:anna ");
  assert.deepEqual(done.at(-1), ["onQuery", "pears from:anna ", "newest"]);
  assert.deepEqual(names(), []);
  view.text = "from:m";
  assert.deepEqual(names(), ["me"]);
  view.text = 'from:"dr';
  button("Dr X").click();
  assert.equal(view.text, 'from:"Dr X" ');
});

test("who is named in full is not offered again, unless another name begins alike", () => {
  assert.deepEqual(namesAlike(["Änne", "ben"], "anne"), []);
  assert.deepEqual(namesAlike(["Änne", "Anneliese"], "@anne"), ["Änne", "Anneliese"]);
});

test("a day is picked after before: and after:", () => {
  view.text = "pears after:";
  const picker = one(".search-choices").querySelector("input");
  assert.equal(picker.getAttribute("aria-label"), strings.search.days.after);
  picker.value = "2026-11-01";
  picker.dispatchEvent(new Event("change"));
  assert.equal(view.text, "pears after:2026-11-01 ");
  assert.equal(one(".search-choices").hidden, true);
});
