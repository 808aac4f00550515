import assert from "node:assert/strict";
import { test } from "node:test";
import { newDeviceKey } from "../../../static/js/store/at-rest.js";
import { DraftStore } from "../../../static/js/store/drafts.js";
import { MessageStore } from "../../../static/js/store/messages.js";
import { OutboxStore } from "../../../static/js/store/outbox.js";
import { PeopleStore } from "../../../static/js/store/people.js";
import { RoomStore } from "../../../static/js/store/rooms.js";
import { FullStorageError, Scope } from "../../../static/js/store/scope.js";
import { SettingStore } from "../../../static/js/store/settings.js";
import { showFullStorage } from "../../../static/js/ui/full-storage.js";
import { installDom } from "../ui/fake-dom.js";

const quota = () => new DOMException("raw words of the browser", "QuotaExceededError");

/** Rejects, and nobody has to look. */
function rejected(error) {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

globalThis.IDBKeyRange ??= { bound: (...range) => range };

/** A database that refuses every write as browsers do; `there` is what it has. */
async function refusing(error = quota(), there = {}) {
  const objects = (name) => ({
    get: async () => there[name]?.[0],
    getKey: async () => undefined,
    put: () => rejected(error),
    delete: async () => {},
  });
  const db = {
    put: () => rejected(error),
    delete: async () => {},
    get: async () => undefined,
    getAll: async (name) => there[name] ?? [],
    transaction: (names) => ({
      objectStore: objects,
      store: objects([names].flat()[0]),
      done: rejected(error),
    }),
  };
  const scope = new Scope(db, "me");
  scope.deviceKey = await newDeviceKey();
  const told = [];
  scope.space.addEventListener("full", () => told.push([...scope.space.lacking]));
  return { scope, told };
}

const ROW = { seq: 1, h: "{}", iv: "", ct: "", sig: "" };
const ENTRY = { room: "r", cid: "c", at: 1, content: { t: "text", body: "x" }, state: "queued" };

test("what the server has, too, is left out where the storage is full, and told once", async () => {
  const { scope, told } = await refusing();
  const messages = new MessageStore(scope);
  assert.equal(await messages.saveRows("r", [ROW]), false);
  assert.equal(await messages.addRows("r", [ROW], 1), false);
  assert.equal(await messages.saveOpened("r", [{ row: ROW, value: {} }]), false);
  assert.equal(await new RoomStore(scope).saveLog("r", { seq: 1 }, new Map()), false);
  assert.equal(await new SettingStore(scope).saveSetting("rooms", []), false);
  assert.deepEqual(told, [["messages"]]);
  assert.equal(await new RoomStore(scope).saveKey("r", 1, new Uint8Array(32)), false);
  assert.deepEqual(told, [["messages"], ["messages", "keys"]]);
});

test("what exists only here is refused in words where the storage is full", async () => {
  const { scope, told } = await refusing(quota(), { outbox: [ENTRY] });
  const outbox = new OutboxStore(scope);
  const drafts = new DraftStore(scope);
  const writes = [
    () => outbox.addEntry(ENTRY),
    () => outbox.updateEntry(ENTRY, { dev: "d", n: 1 }),
    () => outbox.ackEntry("r", "c", 1),
    () => drafts.saveDraft("r", { text: "x" }),
  ];
  for (const write of writes)
    await assert.rejects(write, (error) => {
      assert.ok(error instanceof FullStorageError);
      assert.match(error.message, /storage is full.*Free some space.*Nothing was lost/);
      return true;
    });
  assert.deepEqual(told.at(-1), ["unsent", "draft"]);
});

test("other troubles are not called a full storage", async () => {
  const { scope, told } = await refusing(new DOMException("", "InvalidStateError"));
  await assert.rejects(new MessageStore(scope).saveRows("r", [ROW]), { name: "InvalidStateError" });
  await assert.rejects(new OutboxStore(scope).addEntry(ENTRY), { name: "InvalidStateError" });
  assert.deepEqual(told, []);
});

test("a person's first key counts as long as the page where it cannot be kept", async () => {
  const { scope, told } = await refusing();
  const people = new PeopleStore(scope);
  const pin = (uid, kid) => ({ uid, name: "ben", n: 1, kid, past: [], stood: {}, verified: "" });
  await people.pinPeople({ uid: "me", name: "ada" }, [pin("u1", "k1")]);
  await people.pinPeople({ uid: "me", name: "ada" }, [pin("u1", "k2"), pin("u2", "k3")]);
  assert.equal((await people.pin("u1")).kid, "k1");
  assert.equal((await people.pins()).get("u2").kid, "k3");
  assert.deepEqual((await people.names()).get("ben"), {
    name: "ben",
    first: "u1",
    others: { u2: "new" },
  });
  assert.deepEqual(told, [["keys"]]);
  await assert.rejects(people.savePin(pin("u1", "k2")), FullStorageError);
});

test("the notice names what is not kept, and what to do", () => {
  installDom();
  const shown = (...kinds) => {
    showFullStorage(new Set(kinds));
    return document.querySelector(".storage-notice").textContent;
  };
  const one = shown("messages");
  assert.match(one, /storage is full.*not kept here.*Nothing was lost.*Free some space/);
  assert.doesNotMatch(one, /writing|Keys|send/);
  assert.match(shown("messages", "unsent", "draft", "keys"), /Keys.*writing.*send/);
});
