import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { loadAhead, ROOM_PARTS } from "../../../static/js/pages/load-ahead.js";
import { installDom } from "../ui/fake-dom.js";

beforeEach(installDom);

const gone = async () => {
  throw new TypeError("Failed to fetch dynamically imported module");
};

test("every part of rooms that is loaded ahead is there", async () => {
  const failed = [];
  for (const load of ROOM_PARTS) await load().catch((error) => failed.push(error.message));
  assert.deepEqual(failed, []);
});

test("parts are loaded ahead in turn, also after some that failed, with longer and longer pauses", async () => {
  const loaded = [];
  const part = (name) => async () => loaded.push(name);
  const pause = async (ms) => loaded.push(ms);
  await loadAhead([part("a"), gone, part("b"), ...Array(6).fill(gone), part("c")], { pause });
  assert.deepEqual(loaded, ["a", 2000, "b", 4000, 8000, 16_000, 32_000, 60_000, 60_000, "c"]);
  assert.equal(document.querySelector("dialog"), null);
});

test("who saves data loads nothing ahead", async () => {
  const loaded = [];
  await loadAhead([async () => loaded.push("part")], { savesData: true });
  assert.deepEqual(loaded, []);
});

test("while the server is unreachable nothing is loaded ahead: most browsers would remember each failure", async () => {
  const loaded = [];
  let back;
  const away = new Promise((resolve) => {
    back = resolve;
  });
  const reached = () => loaded.length > 0 && away;
  const loading = loadAhead([async () => loaded.push("a"), async () => loaded.push("b")], {
    reached,
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(loaded, ["a"]);
  back();
  await loading;
  assert.deepEqual(loaded, ["a", "b"]);
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
