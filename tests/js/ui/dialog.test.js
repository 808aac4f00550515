import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ask, attempt, busy, complaint } from "../../../static/js/ui/dialog.js";
import { h } from "../../../static/js/ui/dom.js";
import { lateStrings as strings } from "../../../static/js/ui/strings/late.js";
import { button, installDom, put } from "./fake-dom.js";

beforeEach(installDom);

const question = { title: "Remove ben?", text: "He reads nothing more.", confirm: "Remove" };
const dialog = () => document.querySelector("dialog");
const submit = () => dialog().querySelector("form").dispatchEvent(new Event("submit"));

test("a question is answered with yes", async () => {
  const answer = ask(question);
  assert.equal(document.activeElement, button("Remove"));
  submit();
  assert.equal(await answer, true);
  assert.equal(dialog(), null);
});

test("left, by the button or by Escape, the answer is no", async () => {
  const answer = ask(question);
  await button(strings.cancel).click();
  assert.equal(await answer, false);
  const second = ask(question);
  dialog().close();
  assert.equal(await second, false);
});

test("where it is dangerous the focus starts on the way back", () => {
  ask({ ...question, danger: true });
  assert.equal(document.activeElement, button(strings.cancel));
  assert.equal(dialog().getAttribute("role"), "alertdialog");
});

test("a word that was asked for must be typed, whatever the case", async () => {
  const answer = ask({ ...question, field: { label: "Type", word: "go on" } });
  const field = dialog().querySelector("input");
  assert.equal(document.activeElement, field);
  field.value = "go";
  submit();
  assert.ok(dialog(), "it stays open");
  assert.equal(dialog().querySelector(".field-error").textContent, strings.typeWord("go on"));
  field.value = " Go On ";
  submit();
  assert.equal(await answer, " Go On ");
});

test("a box must be ticked, and what is asked for filled in", () => {
  assert.equal(complaint({ type: "check" }, { value: "", checked: false }), strings.tickFirst);
  assert.equal(complaint({ type: "check" }, { value: "", checked: true }), "");
  assert.equal(complaint({}, { value: " " }), strings.typeSomething);
  assert.equal(complaint({}, { value: "x" }), "");
});

test("a busy button keeps the focus and cannot be pressed again", async () => {
  let pressed = 0;
  const one = h("button", { onclick: () => pressed++ }, "Save");
  put([one]);
  one.focus();
  let finish = () => {};
  const waiting = busy(one, new Promise((resolve) => (finish = resolve)));
  assert.equal(one.getAttribute("aria-disabled"), "true");
  await one.click();
  assert.equal(pressed, 0);
  assert.equal(document.activeElement, one);
  finish("done");
  assert.equal(await waiting, "done");
  await one.click();
  assert.equal(pressed, 1);
});

test("after a moment a busy button says so, and shows how far it is", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const one = h("button", {}, "Mend");
  put([one]);
  let finish = () => {};
  const work = (progress) => {
    progress(0.25);
    return new Promise((resolve) => (finish = resolve));
  };
  const waiting = busy(one, work, { label: "Mending …" });
  assert.equal(one.textContent, "Mend");
  assert.equal(document.querySelector("progress"), null, "never for what is fast");
  t.mock.timers.tick(300);
  assert.equal(one.textContent, "Mending …");
  assert.equal(document.querySelector("progress").value, 0.25);
  finish();
  await waiting;
  assert.equal(one.textContent, "Mend");
  assert.equal(document.querySelector("progress"), null);
});

test("what went wrong stands in words, also if it went wrong at once", async () => {
  const one = h("button", {}, "Save");
  const place = h("div");
  put([one, place]);
  const fail = () => {
    throw new Error("Nothing was changed.");
  };
  assert.equal(await attempt(one, fail, place), false);
  assert.equal(place.textContent, "Nothing was changed.");
  assert.equal(await attempt(one, async () => {}, place), true);
  assert.equal(place.textContent, "");
});

/** Whether the browser would ask before the page is left. */
const asksFirst = () => {
  const event = new Event("beforeunload", { cancelable: true });
  dispatchEvent(event);
  return event.defaultPrevented;
};

test("who leaves the page is asked as long as something is not finished", async () => {
  const [one, other] = [h("button", {}, "Hand over"), h("button", {}, "Remove")];
  put([one, other]);
  assert.equal(asksFirst(), false);
  let finish = () => {};
  const first = busy(one, new Promise((resolve) => (finish = resolve)));
  assert.equal(asksFirst(), true);
  await assert.rejects(busy(other, () => Promise.reject(new Error("refused"))));
  assert.equal(asksFirst(), true, "the first goes on");
  finish();
  await first;
  assert.equal(asksFirst(), false);
});

test("what went wrong after its place has gone stands in a dialog with one way out", async () => {
  const one = h("button", {}, "Hand over");
  const place = h("div");
  put([one, place]);
  const fail = async () => {
    put([]); // another room is shown
    throw new Error("Nothing was changed.");
  };
  assert.equal(await attempt(one, fail, place), false);
  assert.ok(dialog().textContent.includes("Nothing was changed."));
  assert.equal(button(strings.cancel), undefined);
  assert.equal(document.activeElement, button(strings.close));
  submit();
  assert.equal(dialog(), null);
});
