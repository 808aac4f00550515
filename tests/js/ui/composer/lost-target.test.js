/** An answer or a correction whose message is deleted, or expires, while it is being written. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { installDom } from "../fake-dom.js";

installDom();
globalThis.matchMedia = () => ({ matches: false });
globalThis.CSS = { supports: () => true };
const { Composer } = await import("../../../../static/js/ui/composer/composer.js");
const { h } = await import("../../../../static/js/ui/dom.js");

/** A field that was given a draft, and the drafts that it kept. */
async function writing(draft) {
  const field = h("textarea", { placeholder: "" });
  field.disabled = false;
  const submit = h("button", { type: "submit" });
  const form = h("form", {}, field, submit);
  form.querySelector = (selector) => (selector === "[type=submit]" ? submit : null);
  const page = h("div", {}, form);
  const kept = [];
  const composer = new Composer(form, field, { onDraft: (one) => kept.push(one) });
  await composer.loadNotes();
  composer.restore(draft);
  return { composer, field, page, kept, label: () => submit.getAttribute("aria-label") };
}

const line = { seq: 3, id: "x", text: "written in sand", author: { name: "ada" }, ts: 1000 };
const answer = { kind: "answer", line };
const edit = { kind: "edit", line };

test("an answer stays as it was written, and says that its message is gone", async () => {
  const { composer, field, page, kept } = await writing({ text: "I agree", mode: answer });
  composer.loseTarget(({ ts }) => ts > 1000);
  assert.ok(page.textContent.includes("written in sand"));
  assert.deepEqual(kept, []);
  composer.loseTarget(({ seq, ts }) => seq === 3 && ts === 1000);
  assert.equal(field.value, "I agree");
  assert.deepEqual(kept, [{ text: "I agree" }]);
  assert.ok(!page.textContent.includes("written in sand"), "its words go");
  assert.ok(page.textContent.includes("The message that you answer is gone"));
});

test("a correction becomes a new message, behind the one that it replaced in the field", async () => {
  const draft = { text: "written in stone", mode: edit, before: "another one" };
  const { composer, field, page, kept, label } = await writing(draft);
  composer.loseTarget(() => true);
  assert.equal(field.value, "another one\n\nwritten in stone");
  assert.deepEqual(kept, [{ text: "another one\n\nwritten in stone" }]);
  assert.equal(label(), "Send");
  assert.ok(page.textContent.includes("The message that you correct is gone"));
});

test("a correction that was not begun leaves nothing of its message", async () => {
  const { composer, field } = await writing({ text: line.text, mode: edit, before: "another one" });
  composer.loseTarget(() => true);
  assert.equal(field.value, "another one");
});

test("what a message is for is kept with its time", async () => {
  const { composer } = await writing({ text: "I agree", mode: answer });
  assert.equal(composer.draft.mode.line.ts, 1000);
});
