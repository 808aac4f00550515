import assert from "node:assert/strict";
import { test } from "node:test";

const ORIGIN = "https://sotto.example";

/** A browser's tab: entries, and steps that arrive later. */
class Tab {
  page = new EventTarget();
  entries;
  at;
  dialogs = [];

  /** @param {{path: string, state: any}[]} entries @param {number} [at] */
  constructor(entries, at = entries.length - 1) {
    this.entries = entries;
    this.at = at;
  }

  get state() {
    return this.entries[this.at].state;
  }

  get path() {
    return this.entries[this.at].path;
  }

  pushState(state, _, path) {
    const next = { state, path: path || this.path };
    this.entries = [...this.entries.slice(0, this.at + 1), next];
    this.at += 1;
  }

  replaceState(state, _, path) {
    this.entries[this.at] = { state, path: path || this.path };
  }

  go(by) {
    setImmediate(() => this.#arrive(this.at + by));
  }

  /** Goes to a fragment, as the browser does it. @param {string} hash */
  point(hash) {
    this.pushState(null, "", this.path.split("#")[0] + hash);
    this.#tell(true);
  }

  #arrive(at) {
    const before = this.path;
    this.at = at;
    const [one, other] = [before, this.path].map((path) => path.split("#"));
    this.#tell(one[0] === other[0] && one[1] !== other[1]);
  }

  #tell(isFragment) {
    this.page.dispatchEvent(new Event("popstate"));
    if (isFragment) this.page.dispatchEvent(new Event("hashchange"));
  }
}

/** Installs a tab as the browser's. @param {Tab} tab */
function install(tab) {
  const url = () => new URL(tab.path, ORIGIN);
  const { page } = tab;
  for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"])
    globalThis[name] = page[name].bind(page);
  globalThis.HashChangeEvent = Event;
  globalThis.history = tab;
  globalThis.location = {
    origin: ORIGIN,
    get pathname() {
      return url().pathname;
    },
    get hash() {
      return url().hash;
    },
    set hash(hash) {
      tab.point(hash);
    },
  };
  const document = new EventTarget();
  document.querySelectorAll = () => tab.dialogs.filter(({ open }) => open);
  document.getElementById = () => null;
  globalThis.document = document;
  return tab;
}

const first = install(
  new Tab([
    { path: "/rooms/a/", state: { at: 0 } },
    { path: "/rooms/b/", state: { at: 1 } },
    { path: "/rooms/b/", state: { at: 2, over: 1, panel: "p" } },
  ]),
);
const { Router } = await import("../../../static/js/pages/router.js");
const { pushOver } = await import("../../../static/js/ui/history.js");
const { go } = await import("../../../static/js/ui/go.js");

/** Lets steps arrive. */
async function settle() {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A router with views that say where their reader stands. @param {Tab} tab */
function start(tab) {
  const log = [];
  const stands = {};
  const open = (address, place) => {
    const name = address.room ?? address.view;
    stands[name] = place ?? null;
    log.push(place === undefined ? name : `${name} at ${place}`);
    return { place: () => stands[name], again: () => log.push(`${name} again`) };
  };
  tab.page.addEventListener("sotto:resume", ({ detail }) => log.push(`resume ${detail}`));
  const router = new Router(open);
  router.start();
  tab.page.addEventListener("hashchange", () => log.push(`to ${location.hash}`));
  return { log, stands };
}

const follow = async (path) => {
  go(path);
  await settle();
};

/** One step of the reader. */
const walk = async (by) => {
  history.go(by);
  await settle();
};

test("an entry that a reload has left over the page is not one to pass", async () => {
  const { log } = start(first);
  await settle();
  assert.equal(first.at, 1);
  await walk(-1);
  assert.deepEqual(log, ["b", "a"]);
});

const inRoom = () => install(new Tab([{ path: "/rooms/a/", state: null }]));

test("Back and Forward between rooms lead to where the reader stood, also at the newest message", async () => {
  const tab = inRoom();
  const { log, stands } = start(tab);
  stands.a = 12;
  await follow("/rooms/b/");
  await walk(-1);
  await walk(1);
  assert.deepEqual(log, ["a", "b", "a at 12", "b at null"]);
});

test("Back closes the dialog of a panel, and leaves the panel to its own step", async () => {
  const tab = inRoom();
  start(tab);
  const heard = [];
  tab.page.addEventListener("popstate", () => heard.push(history.state.panel ?? "none"));
  pushOver({ panel: "p" });
  const dialog = {
    open: true,
    close() {
      this.open = false;
    },
  };
  tab.dialogs = [dialog];
  await walk(-1);
  assert.deepEqual([dialog.open, history.state.panel, heard], [false, "p", []]);
  await walk(-1);
  assert.deepEqual([history.state.panel, heard], [undefined, ["none"]]);
});

test("links to messages of the open room keep the reader's place in each entry", async () => {
  const tab = inRoom();
  const { log, stands } = start(tab);
  stands.a = 30;
  tab.point("#m5");
  stands.a = 8;
  await walk(-1);
  stands.a = 31;
  await walk(1);
  assert.deepEqual(log, ["a", "to #m5", "resume 30", "resume 8"]);
  stands.a = 9;
  await follow("/rooms/b/");
  await walk(-1);
  assert.deepEqual(log.slice(4), ["b", "a at 9"]);
});

test("a link to the message that the address names leads there again, in the same entry", async () => {
  const tab = inRoom();
  const { log } = start(tab);
  tab.point("#m5");
  await follow("/rooms/a/#m5");
  assert.deepEqual(log, ["a", "to #m5", "to #m5"]);
  assert.equal(tab.entries.length, 2);
});

test("a link to a message closes the panel over the room, and leaves no entry of it", async () => {
  const tab = inRoom();
  const { log } = start(tab);
  pushOver({ panel: "p" });
  await follow("/rooms/a/#m5");
  assert.deepEqual(
    tab.entries.map(({ path, state }) => [path, state.at, state.over ?? 0]),
    [
      ["/rooms/a/", 0, 0],
      ["/rooms/a/#m5", 1, 0],
    ],
  );
  assert.deepEqual(log, ["a", "to #m5"]);
});

test("a panel's page that is left by a step of several keeps the place of its room", async () => {
  const tab = inRoom();
  const { log, stands } = start(tab);
  await follow("/rooms/b/");
  stands.b = 7;
  pushOver({ panel: "p" });
  pushOver({ panel: "q" });
  await walk(-3);
  await walk(1);
  assert.deepEqual(log, ["a", "b", "a at null", "b at 7"]);
});
