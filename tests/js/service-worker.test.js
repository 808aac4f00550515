import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import vm from "node:vm";

const FILE = new URL("../../static/js/service-worker.js", import.meta.url);
const ORIGIN = "https://sotto.example";
const PAGE = "<p>A page of build new</p>";
const CODE = "export const a = 1;";
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

const SHELL = {
  build: "new",
  static: "/static/new/",
  files: { "js/a.js": sha256(CODE) },
  pages: [
    { address: "/rooms/new/", pattern: "^/rooms/new/$", sha256: sha256(PAGE) },
    { address: "/rooms/-/", pattern: "^/rooms/[^/]+/$", sha256: sha256(PAGE) },
  ],
};
const SERVED = { "/rooms/new/": PAGE, "/rooms/-/": PAGE, "/static/new/js/a.js": CODE };

/** The worker in a scope of its own, with caches in memory and a server that serves `served`. */
async function start(served = SERVED, space = Number.POSITIVE_INFINITY) {
  const heard = {};
  const asked = [];
  const kept = new Map();
  const did = [];
  const cacheOf = (name) => ({
    match: async (address) => kept.get(name)?.get(address)?.clone(),
    put: async (address, response) => {
      if (kept.get(name)?.size >= space) throw new DOMException("full", "QuotaExceededError");
      kept.get(name)?.set(address, response); // of one that was deleted meanwhile nothing is kept
    },
  });
  const scope = {
    location: { origin: ORIGIN },
    crypto: webcrypto,
    addEventListener: (type, listener) => {
      heard[type] = listener;
    },
    skipWaiting: async () => did.push("skipWaiting"),
    clients: {
      claim: async () => did.push("claim"),
      matchAll: async () => [{ postMessage: (data) => did.push(data) }],
    },
    caches: {
      open: async (name) => {
        if (!kept.has(name)) kept.set(name, new Map());
        return cacheOf(name);
      },
      keys: async () => [...kept.keys()],
      delete: async (name) => kept.delete(name),
    },
    fetch: async (target, options) => {
      const address = typeof target === "string" ? target : new URL(target.url).pathname;
      asked.push({ address, options });
      const body = served[address];
      return new Response(body ?? "", { status: body === undefined ? 404 : 200 });
    },
  };
  Object.assign(scope, { URL, RegExp, Error, Uint8Array, Array, Promise, Object });
  const text = `const SHELL = ${JSON.stringify(SHELL)};\n${await readFile(FILE, "utf8")}`;
  vm.runInNewContext(text, vm.createContext(scope));
  const life = async (type, more = {}) => {
    let work;
    heard[type]({
      ...more,
      waitUntil: (promise) => {
        work = promise;
      },
    });
    await work;
  };
  const answer = (path, { mode = "no-cors", method = "GET", origin = ORIGIN } = {}) => {
    let response;
    const request = { method, mode, url: origin + path };
    heard.fetch({
      request,
      respondWith: (promise) => {
        response = promise;
      },
    });
    return response;
  };
  return { asked, kept, did, life, answer, say: (data) => heard.message({ data }) };
}

test("the whole shell is kept, fetched without anybody's cookies", async () => {
  const worker = await start();
  await worker.life("install");
  assert.deepEqual(
    [...worker.kept.get("sotto-shell:new").keys()].sort(),
    Object.keys(SERVED).sort(),
  );
  for (const { address, options } of worker.asked.filter(({ address }) => !/static/.test(address)))
    assert.equal(options.credentials, "omit", address);
});

test("a browser that can answers requests of this build's files itself, from what is kept", async () => {
  const worker = await start();
  const routes = [];
  await worker.life("install", { addRoutes: async (route) => routes.push(route) });
  assert.equal(
    JSON.stringify(routes),
    JSON.stringify([
      {
        condition: { urlPattern: "/static/new/*", requestMethod: "GET" },
        source: { cacheName: "sotto-shell:new" },
      },
    ]),
  );
});

test("a browser that refuses the route keeps the shell all the same", async () => {
  const worker = await start();
  const addRoutes = async () => {
    throw new TypeError("this browser knows no such source");
  };
  await worker.life("install", { addRoutes });
  assert.equal(worker.kept.get("sotto-shell:new").size, Object.keys(SERVED).length);
});

for (const address of Object.keys(SERVED)) {
  test(`a build is not kept if ${address} is of another one, or missing`, async () => {
    for (const other of ["of another build", undefined]) {
      const worker = await start({ ...SERVED, [address]: other });
      await assert.rejects(worker.life("install"), /is not of build new/);
    }
  });
}

test("pages and files come from what is kept, the first pattern that fits", async () => {
  const worker = await start();
  await worker.life("install");
  const before = worker.asked.length;
  assert.equal(await (await worker.answer("/rooms/new/", { mode: "navigate" })).text(), PAGE);
  assert.equal(await (await worker.answer("/rooms/abc/?x=1", { mode: "navigate" })).text(), PAGE);
  assert.equal(await (await worker.answer("/static/new/js/a.js")).text(), CODE);
  assert.equal(worker.asked.length, before, "nothing was asked of the network");
});

test("fault: pages hear of a build that the storage has no space for, and of no other failure", async () => {
  const full = await start(SERVED, 2);
  full.kept.set("sotto-shell:old", new Map());
  await assert.rejects(full.life("install"), { name: "QuotaExceededError" });
  assert.deepEqual(JSON.stringify(full.did), '[{"full":"new"}]');
  assert.deepEqual([...full.kept.keys()], ["sotto-shell:old"], "half a build is of no use");
  const failing = await start({});
  await assert.rejects(failing.life("install"), /is not of build new/);
  assert.deepEqual(failing.did, []);
});

test("nothing else is answered", async () => {
  const worker = await start();
  await worker.life("install");
  assert.equal(worker.answer("/api/v1/chatrooms"), undefined);
  assert.equal(worker.answer("/site.json"), undefined);
  assert.equal(worker.answer("/admin/", { mode: "navigate" }), undefined);
  assert.equal(worker.answer("/static/old/js/a.js"), undefined);
  assert.equal(worker.answer("/static/new/toString"), undefined);
  assert.equal(worker.answer("/rooms/abc/", { mode: "navigate", method: "POST" }), undefined);
  const elsewhere = { mode: "navigate", origin: "https://elsewhere.example" };
  assert.equal(worker.answer("/rooms/abc/", elsewhere), undefined);
});

test("a browser that has cleared its storage asks the network", async () => {
  const worker = await start();
  await worker.life("install");
  worker.kept.clear();
  assert.equal(await (await worker.answer("/static/new/js/a.js")).text(), CODE);
});

test("it waits until it is told, and then drops older builds only", async () => {
  const worker = await start();
  await worker.life("install");
  worker.kept.set("sotto-shell:old", new Map()).set("another", new Map());
  worker.say("something");
  assert.deepEqual(worker.did, []);
  worker.say("apply");
  await worker.life("activate");
  assert.deepEqual(worker.did, ["skipWaiting", "claim"]);
  assert.deepEqual([...worker.kept.keys()].sort(), ["another", "sotto-shell:new"]);
});
