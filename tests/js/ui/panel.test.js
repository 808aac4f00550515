import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { h } from "../../../static/js/ui/dom.js";
import { Panel } from "../../../static/js/ui/panel.js";
import { button, installDom, put } from "./fake-dom.js";

/** A browser's history that answers at once. */
class FakeHistory {
  entries = [null];
  at = 0;
  listeners = [];

  get state() {
    return this.entries[this.at];
  }

  pushState(state) {
    this.entries = [...this.entries.slice(0, this.at + 1), state];
    this.at += 1;
  }

  go(by) {
    this.at += by;
    for (const listener of this.listeners) listener();
  }

  back() {
    this.go(-1);
  }
}

let panel;
let opener;
let other;
let title;
let aside;
const body = () => aside.querySelector(".body");
const shown = () => (aside.hidden ? null : title.textContent);

beforeEach(() => {
  installDom();
  globalThis.history = new FakeHistory();
  globalThis.matchMedia = () => ({ matches: false, addEventListener() {} });
  globalThis.addEventListener = (name, listener) =>
    name === "popstate" && history.listeners.push(listener);
  opener = h("button", {}, "open");
  other = h("button", {}, "other");
  title = h("h2");
  const closer = h("button", {}, "close");
  const content = h("div", { class: "body" });
  aside = h("aside", { hidden: true }, h("header", {}, title, closer), content);
  put([opener, other, aside]);
  panel = new Panel(aside, title, content, closer);
});

test("it opens with a step in the history, and Back closes it", () => {
  opener.focus();
  panel.open(opener, "Members", [h("p")]);
  assert.equal(shown(), "Members");
  assert.equal(history.entries.length, 2);
  history.back();
  assert.equal(shown(), null);
  assert.equal(document.activeElement, opener);
});

test("pages lie on one another, each with a way back and the focus where it was", () => {
  const way = h("button", { "data-key": "log" }, "Log");
  panel.open(opener, "Room", [way]);
  way.focus();
  panel.push("log", "Log", [h("p")]);
  assert.equal(shown(), "Log");
  assert.equal(aside.querySelector(".panel-back").hidden, false);
  assert.equal(document.activeElement, aside.querySelector(".panel-back"));
  panel.back();
  assert.equal(shown(), "Room");
  assert.equal(aside.querySelector(".panel-back").hidden, true);
  assert.equal(document.activeElement, way);
});

test("what was drawn anew meanwhile gets the focus by its key", () => {
  const draw = () => [h("button", { "data-key": "log" }, "Log")];
  panel.open(opener, "Room", draw());
  button("Log").focus();
  panel.push("log", "Log", [h("p")]);
  panel.refresh(opener, draw);
  assert.equal(shown(), "Log", "the page above is not touched");
  panel.back();
  assert.equal(document.activeElement, button("Log"));
});

test("closing leaves all pages at once, and so does Escape", () => {
  for (const leave of [
    () => panel.close(),
    () => document.dispatchEvent(Object.assign(new Event("keydown"), { key: "Escape" })),
  ]) {
    panel.open(opener, "Room", []);
    panel.push("log", "Log", []);
    panel.push("stored", "Stored", []);
    leave();
    assert.equal(shown(), null);
    assert.equal(history.at, 0);
  }
});

test("another button takes over from its first page", () => {
  panel.open(opener, "Room", []);
  panel.push("log", "Log", []);
  panel.open(other, "Members", []);
  assert.equal(shown(), "Members");
  assert.equal(history.at, 1);
  panel.back();
  assert.equal(shown(), null);
});

test("its own button closes it again", () => {
  panel.open(opener, "Room", []);
  panel.open(opener, "Room", []);
  assert.equal(shown(), null);
});

test("going forward again to a page that is gone shows nothing", () => {
  panel.open(opener, "Room", []);
  history.back();
  history.go(1);
  assert.equal(shown(), null);
  panel.open(other, "Members", []);
  history.back();
  assert.equal(shown(), null);
});

test("drawing anew keeps what is open, typed and focused", () => {
  const draw = () => {
    const details = h("details", { "data-key": "ben" }, h("summary", {}, "ben"));
    details.addEventListener("toggle", () => {
      details.append(h("button", { "data-key": "ben:verify" }, "Compare"));
    });
    return [h("input", { "data-key": "find" }), details];
  };
  panel.open(opener, "Members", draw());
  const [details] = body().querySelectorAll("details");
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  body().querySelector("input").value = "be";
  button("Compare").focus();
  panel.refresh(opener, draw);
  assert.equal(body().querySelector("details").open, true);
  assert.equal(body().querySelector("input").value, "be");
  assert.equal(document.activeElement, button("Compare"));
});

test("drawing anew keeps how far a list in it was scrolled", () => {
  const draw = () => [h("div", { "data-key": "lines" }), h("div", { "data-key": "others" })];
  panel.open(opener, "Lists", draw(), "lists");
  body().children[0].scrollTop = 40;
  panel.refresh("lists", draw);
  assert.deepEqual(
    body().children.map(({ scrollTop }) => scrollTop),
    [40, 0],
  );
});

test("what is not open is not drawn anew", () => {
  let drawn = 0;
  panel.refresh(opener, () => {
    drawn += 1;
    return [];
  });
  assert.equal(drawn, 0);
});
