import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { loadAhead, loadPart } from "../../../static/js/ui/load-part.js";
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

test("parts are loaded ahead in turn, also after one that failed", async () => {
  const loaded = [];
  const part = (name) => async () => loaded.push(name);
  await loadAhead([part("a"), gone, part("b")], {});
  assert.deepEqual(loaded, ["a", "b"]);
  assert.equal(document.querySelector("dialog"), null);
});

test("who saves data loads nothing ahead", async () => {
  const loaded = [];
  await loadAhead([async () => loaded.push("part")], { saveData: true });
  assert.deepEqual(loaded, []);
});

test("without a network nothing is loaded ahead until it is back", async (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  t.after(() => {
    delete globalThis.navigator;
    if (before) Object.defineProperty(globalThis, "navigator", before);
  });
  Object.defineProperty(globalThis, "navigator", { value: { onLine: false }, configurable: true });
  const loaded = [];
  const loading = loadAhead([async () => loaded.push("part")], {});
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(loaded, []);
  dispatchEvent(new Event("online"));
  await loading;
  assert.deepEqual(loaded, ["part"]);
});
