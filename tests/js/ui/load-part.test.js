import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { loadPart } from "../../../static/js/ui/load-part.js";
import { lateStrings as strings } from "../../../static/js/ui/strings/late.js";
import { installDom } from "./fake-dom.js";

beforeEach(installDom);

const gone = async () => {
  throw new TypeError("Failed to fetch dynamically imported module");
};

test("a part that is there is given, and nothing is said", async () => {
  assert.equal(await loadPart(async () => "part"), "part");
  assert.equal(document.querySelector("dialog"), null);
});

test("a part that cannot be loaded says so once, and what to do", async () => {
  assert.deepEqual(await Promise.all([loadPart(gone), loadPart(gone)]), [null, null]);
  const dialogs = document.body.querySelectorAll("dialog");
  assert.equal(dialogs.length, 1);
  assert.ok(dialogs[0].textContent.includes(strings.part.text));
});
