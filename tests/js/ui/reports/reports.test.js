import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { reportedContent } from "../../../../static/js/conversation/room/reported-content.js";
import { WireError } from "../../../../static/js/crypto/bytes.js";
import { CHARACTERS, FILES } from "../../../../static/js/ui/limits.js";
import { reportsPanel } from "../../../../static/js/ui/reports/reports.js";
import { reportStrings as words } from "../../../../static/js/ui/strings/reports.js";
import { reportedMessage, reportNote } from "../../../../static/js/ui/timeline/reported-message.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const PNG = Uint8Array.of(
  ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13],
  ...[0x49, 0x48, 0x44, 0x52, 0, 0, 0, 2, 0, 0, 0, 2],
);
const file = (more = {}) => ({
  ...{ id: "f".repeat(32), key: "k", size: 1500, name: "cat.png", type: "image/png", sha: "s" },
  ...more,
});
const message = (more = {}) => ({
  ...{ rid: "r", author: "ben", written: 0, text: "what ben said", files: [] },
  ...more,
});
const shown = (more, open) => put([reportedMessage(message(more), open)]);

test("What a reported message says is found in every kind that has words", () => {
  const files = [file()];
  assert.deepEqual(reportedContent({ t: "text", body: "a", files }), { text: "a", files });
  const poll = { t: "poll", body: "Who?", options: ["you", "me"], multi: 0 };
  assert.deepEqual(reportedContent(poll), { text: "Who?\n• you\n• me", files: [] });
  assert.deepEqual(reportedContent({ t: "edit", of: [1, "x"], body: "b" }).text, "b");
  assert.deepEqual(reportedContent({ t: "hologram" }), { text: null, files: [] });
  assert.deepEqual(reportedContent({ t: "hologram", body: 7 }), { text: null, files: [] });
});

test("A message is shown as it was written, and a kind without words says so", () => {
  assert.equal(shown({ text: "**a** <b>" }).querySelector("p").textContent, "**a** <b>");
  assert.equal(shown({ text: null }).querySelector("p").textContent, words.otherKind);
  assert.equal(shown({ text: "", files: [file()] }).textContent.includes(words.otherKind), false);
});

test("No reported text and no note freezes the page of who handles it", () => {
  const marks = `a${"\u0300".repeat(900)}`;
  const long = shown({ text: "م".repeat(CHARACTERS * 4) });
  assert.ok(long.querySelector("p").textContent.length <= CHARACTERS);
  assert.ok(long.querySelector("wbr"), "a line may be broken");
  assert.ok(button(`Show all ${(CHARACTERS * 4).toLocaleString("en")} characters`));
  assert.ok(reportNote(marks).textContent.length < 20);
  assert.equal(reportNote(""), false);
});

test("Leaders read which files a message has, and open them in the room", () => {
  const report = { ...message({ files: [file({ name: "a\u202egnp.exe" })] }), may: [], seq: 1 };
  const more = { state: "open", handler: "", reporter: "cleo", reported: 0, why: "spam", note: "" };
  const about = { refused: 0, onHandle: async () => {}, onShow: () => {} };
  const panel = put(reportsPanel({ reports: [{ ...report, ...more }], ...about }));
  const files = panel.querySelector(".reported-files");
  assert.match(files.textContent, /a\[U\+202E\]gnp\.exe 2 kB/);
  assert.equal(files.querySelector("button"), null);
});

test("A file is fetched by a click alone; a picture is shown", async () => {
  const asked = [];
  const open = async (one) => {
    asked.push(one.id);
    return new Blob([PNG]);
  };
  const box = shown({ files: [file()] }, open);
  assert.match(box.textContent, /recorded/);
  assert.deepEqual([asked, box.querySelector("img")], [[], null]);
  await button("Show cat.png").click();
  assert.deepEqual(asked, [file().id]);
  assert.equal(box.querySelector("img").getAttribute("alt"), "cat.png");
});

test("A file that is no picture, or too large a one, is saved and not shown", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const saved = [];
  const make = document.createElement.bind(document);
  document.createElement = (tag) => {
    const element = make(tag);
    if (tag === "a") element.click = () => saved.push(element.download);
    return element;
  };
  const bomb = PNG.slice();
  bomb.set([0, 1, 0, 0, 0, 1, 0, 0], 16); // 65,536 by 65,536
  const given = { "cat.png": new Blob([bomb]), "cat.svg": new Blob(["<svg/>"]) };
  const files = [file(), file({ name: "cat.svg", type: "image/svg+xml" })];
  const box = shown({ files }, async ({ name }) => given[name]);
  for (const one of box.querySelectorAll("button")) await one.click();
  assert.deepEqual(saved, ["cat.png", "cat.svg"]);
  assert.equal(box.querySelector("img"), null);
});

test("Why a file did not open is said, and it can be tried again", async () => {
  let error = new Error(words.fileGone);
  const box = shown({ files: [file()] }, async () => {
    throw error;
  });
  const state = () => box.querySelector("[role]").textContent;
  await button("Show cat.png").click();
  assert.equal(state(), words.fileGone);
  error = new WireError("another file");
  await button("Show cat.png").click();
  assert.equal(state(), words.fileRefused);
  assert.equal(box.querySelector("img"), null);
});

test("No message names more files than the protocol allows", () => {
  const many = Array.from({ length: FILES + 5 }, () => file());
  assert.equal(shown({ files: many }).querySelectorAll("li").length, FILES);
});
