import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { button, installDom } from "../ui/fake-dom.js";

const OWN = "sotto-shell:js"; // the build by the module's address: here it is static/js
const NEW = "sotto-shell:new";
const STILL_HERE = 3000;

class FakeWorker extends EventTarget {
  said = [];

  constructor(state) {
    super();
    this.state = state;
  }

  postMessage(data) {
    this.said.push(data);
  }

  become(state) {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

class FakeRegistration extends EventTarget {
  installing = null;
  waiting = null;
  active = null;
  asked = 0;

  async update() {
    this.asked += 1;
  }
}

let registration;
let container;
let chat;
let reloads;
let kept;
let many = 0;

beforeEach(() => {
  installDom();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  registration = new FakeRegistration();
  container = Object.assign(new EventTarget(), {
    controller: null,
    register: async () => registration,
  });
  chat = Object.assign(new EventTarget(), { status: "open" });
  reloads = 0;
  kept = [OWN, "another"];
  Object.defineProperty(globalThis, "navigator", {
    value: { serviceWorker: container },
    configurable: true,
  });
  globalThis.caches = { keys: async () => kept };
  globalThis.location = { reload: () => (reloads += 1) };
});

/** A page that begins to keep the shell, controlled by the active worker or by none. */
async function open({ controlled = true } = {}) {
  registration.active ??= controlled ? new FakeWorker("activated") : null;
  container.controller = controlled ? registration.active : null;
  many += 1;
  const { keepShell } = await import(`../../../static/js/pages/keep-shell.js?${many}`);
  await keepShell(chat);
}

/** The site's facts as a server of this build gives them. @param {string} build */
const serve = (build) => {
  globalThis.fetch = async () => Response.json({ build });
  Object.assign(document, { cookie: "" });
};

/** A worker that the browser begins to install, and tells of unless another tab was told. */
function find(tell = true) {
  registration.installing = new FakeWorker("installing");
  if (tell) registration.dispatchEvent(new Event("updatefound"));
  return registration.installing;
}

function install(worker) {
  registration.installing = null;
  registration.waiting = worker;
  worker.become("installed");
}

/** The worker answers for the pages from now on. */
function activate(worker, state = "activated") {
  [registration.waiting, registration.active] = [null, worker];
  worker.state = state;
  container.controller = worker;
  container.dispatchEvent(new Event("controllerchange"));
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const offered = () => document.body.querySelector(".update-notice") !== null;
const use = () => button("Use it now").click();

test("a new build is offered once it is whole, and applied by one click", async () => {
  await open();
  const fresh = find();
  assert.ok(!offered());
  install(fresh);
  assert.ok(offered());
  use();
  assert.deepEqual(fresh.said, ["apply"]);
  assert.equal(reloads, 0);
  activate(fresh);
  assert.equal(reloads, 1);
});

test("a tab that opens while a new build is fetched, or waits, is offered it, too", async () => {
  const fresh = find(false);
  await open();
  assert.ok(!offered());
  install(fresh);
  assert.ok(offered());
  installDom();
  await open();
  assert.ok(offered());
});

test("of two new builds the newest is applied", async () => {
  await open();
  const first = find();
  install(first);
  const second = find();
  registration.waiting = second; // the browser says so before the page hears of it
  use();
  assert.deepEqual([first.said, second.said], [[], ["apply"]]);
});

test("what another tab has chosen meanwhile is loaded by the click", async () => {
  await open();
  install(find());
  registration.waiting = null;
  use();
  assert.equal(reloads, 1);
});

test("the very first build is not offered, and its worker does not load the page anew", async () => {
  await open({ controlled: false });
  const first = find();
  install(first);
  assert.ok(!offered());
  activate(first);
  await settled();
  assert.ok(!offered());
  assert.equal(reloads, 0);
});

test("a page that was loaded past the worker is offered a new build, and applies it", async () => {
  registration.active = new FakeWorker("activated");
  await open({ controlled: false });
  const fresh = find();
  install(fresh);
  assert.ok(offered());
  use();
  activate(fresh);
  assert.equal(reloads, 1);
});

test("a page whose build another tab has replaced while it was loading is offered the new one", async () => {
  kept = [NEW];
  await open();
  assert.ok(offered());
  use();
  assert.equal(reloads, 1);
});

test("a first worker that is of another build than its page has it loaded anew on one click", async () => {
  await open({ controlled: false });
  kept = [OWN, NEW];
  const first = new FakeWorker("activating");
  activate(first, "activating");
  await settled();
  assert.ok(!offered());
  kept = [NEW];
  first.become("activated");
  await settled();
  assert.ok(offered());
});

test("a browser that has cleared what was kept is offered nothing", async () => {
  kept = ["another"];
  await open();
  assert.ok(!offered());
});

test("who stays to finish something is offered the new build again", async () => {
  await open();
  const fresh = find();
  install(fresh);
  document.body.querySelector(".update-notice").remove();
  activate(fresh);
  assert.equal(reloads, 1);
  container.dispatchEvent(new Event("controllerchange"));
  assert.equal(reloads, 1, "it is on its way");
  mock.timers.tick(STILL_HERE);
  assert.ok(offered());
  use();
  assert.equal(reloads, 2);
});

test("fault: where two builds have no space, the new one takes the place of the old one by one click", async () => {
  const dropped = [];
  caches.delete = async (name) => dropped.push(name);
  kept = [OWN, NEW, "another"];
  await open();
  const hear = (data) => container.dispatchEvent(new MessageEvent("message", { data }));
  hear("something");
  hear({ full: "js" });
  assert.ok(!offered(), "the page runs that build already");
  hear({ full: "new" });
  assert.match(document.body.textContent, /no space for two/);
  use();
  await settled();
  assert.deepEqual([dropped, reloads], [[OWN, NEW], 1]);
});

test("a connection that opens again asks for a new build, not more than every ten seconds", async () => {
  await open();
  const connect = () => chat.dispatchEvent(new Event("status"));
  connect();
  connect();
  assert.equal(registration.asked, 0);
  mock.timers.tick(9999);
  assert.equal(registration.asked, 0);
  mock.timers.tick(1);
  assert.equal(registration.asked, 1, "the server may have been started again at once");
  mock.timers.tick(10_000);
  connect();
  assert.equal(registration.asked, 2);
});

test("a browser that keeps no build asks the server which one it has", async () => {
  const refused = { register: async () => Promise.reject(new Error("blocked")) };
  for (const serviceWorker of [undefined, Object.assign(new EventTarget(), refused)]) {
    installDom();
    Object.defineProperty(globalThis, "navigator", { value: { serviceWorker } });
    many += 1;
    const { keepShell } = await import(`../../../static/js/pages/keep-shell.js?${many}`);
    await keepShell(chat).catch(() => {});
    for (const [build, isOffered] of [
      ["js", false],
      ["new", true],
    ]) {
      serve(build);
      mock.timers.tick(10_000);
      chat.dispatchEvent(new Event("status"));
      for (let turn = 0; turn < 20; turn += 1) await settled();
      assert.equal(offered(), isOffered, build);
    }
    chat = Object.assign(new EventTarget(), { status: "open" });
  }
  const before = reloads;
  await use();
  assert.equal(reloads, before + 1);
});
