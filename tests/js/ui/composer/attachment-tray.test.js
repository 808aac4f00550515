import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../../../../static/js/ui/dom.js";
import { installDom } from "../fake-dom.js";

beforeEach(installDom);

/** A tray above a form. */
async function tray() {
  const { AttachmentTray } = await import("../../../../static/js/ui/composer/attachment-tray.js");
  const form = h("form", {});
  const field = h("textarea", {});
  document.body.append(form);
  const made = new AttachmentTray(form, field);
  const [element] = document.body.querySelectorAll(".tray");
  const said = () => element.querySelector(".field-error").textContent;
  const rows = () => element.querySelectorAll("li").length;
  return { made, rows, said };
}

const files = (first, last) =>
  Array.from({ length: last - first + 1 }, (_, at) => new File(["x"], `notes ${first + at}.txt`));

test("the eleventh file is named when it is left out", async () => {
  const { made, rows, said } = await tray();
  assert.equal(made.add(files(1, 10)), true);
  assert.deepEqual([rows(), said()], [10, ""]);
  assert.equal(made.add(files(11, 11)), false);
  assert.equal(rows(), 10);
  assert.equal(said(), "A message can have 10 files at most. Not added: notes 11.txt.");
});

test("of many that are left out the first are named, and the others counted", async () => {
  const { made, rows, said } = await tray();
  made.add(files(1, 40));
  assert.equal(rows(), 10);
  assert.match(said(), /Not added: notes 11\.txt, .*, notes 15\.txt and 25 more\.$/);
  made.add([]);
  assert.equal(said(), "");
});

test("hostile: the name of a file that is left out cannot turn the sentence around", async () => {
  const { made, said } = await tray();
  made.add([...files(1, 10), new File(["x"], `\u202e${"gpj".repeat(200)}.exe`)]);
  assert.ok(!said().includes("\u202e"));
  assert.ok(said().length < 300, "nor fill the page");
});

test("a pasted picture is taken, and one that comes with a text is offered", async () => {
  const { made, rows } = await tray();
  const offer = () => document.body.querySelector(".tray").querySelector(".link-button");
  made.paste(files(1, 1), true);
  assert.deepEqual([rows(), offer().hidden], [0, false]);
  made.paste([], true);
  assert.ok(offer().hidden, "a text without a picture takes the offer away");
  made.paste(files(1, 2), true);
  offer().onclick();
  assert.deepEqual([rows(), offer().hidden], [2, true]);
  made.paste(files(3, 3), false);
  assert.equal(rows(), 3);
});
