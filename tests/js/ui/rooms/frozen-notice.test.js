import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { frozenNotice } from "../../../../static/js/ui/rooms/frozen-notice.js";
import { roomStrings as strings } from "../../../../static/js/ui/strings/room.js";
import { full } from "../../../../static/js/ui/time.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const NOON = new Date(2026, 4, 4, 12).getTime();
const HOUR = 3600_000;

test("the way out of a stopped room needs a typed word", async () => {
  let accepted = 0;
  put([frozenNotice({ onExport: async () => {}, onAccept: async () => accepted++ })]);
  const going = button(strings.stop.accept).click();
  const dialog = document.querySelector("dialog");
  const submit = () => dialog.querySelector("form").dispatchEvent(new Event("submit"));
  submit();
  assert.equal(accepted, 0);
  dialog.querySelector("input").value = strings.stop.acceptWord;
  submit();
  await going;
  assert.equal(accepted, 1);
});

test("evidence that could not be written says so", async () => {
  const onExport = () => {
    throw new Error("The disk is full.");
  };
  put([frozenNotice({ onExport, onAccept: async () => {} })]);
  await button(strings.stop.export).click();
  assert.equal(document.querySelector(".trouble").textContent, "The disk is full.");
});

test("what the operator says stands beside the stop, in plain text", async () => {
  const said = { at: NOON, backup: NOON - 24 * HOUR };
  const calm = { onExport: async () => {}, onAccept: async () => {} };
  put([frozenNotice({ ...calm, restored: Promise.resolve(said) })]);
  const word = document.querySelector(".frozen-restored");
  assert.equal(word.hidden, true);
  await said;
  await Promise.resolve();
  assert.equal(word.hidden, false);
  assert.equal(word.textContent, strings.stop.restored(full(said.at), full(said.backup)));
  assert.equal(document.querySelector("h2").textContent, "This room is stopped");
  installDom();
  put([frozenNotice({ ...calm, direct: true })]);
  assert.equal(document.querySelector("h2").textContent, "This conversation is stopped");
});

test("where the operator says nothing the stop stands alone", async () => {
  const calm = { onExport: async () => {}, onAccept: async () => {} };
  for (const restored of [Promise.resolve(undefined), Promise.reject(new Error("away"))]) {
    put([frozenNotice({ ...calm, restored })]);
    await restored.catch(() => {});
    assert.equal(document.querySelector(".frozen-restored").hidden, true);
  }
});
