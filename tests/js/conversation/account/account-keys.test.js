import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compareKeys,
  republishKeys,
} from "../../../../static/js/conversation/account/account-keys.js";
import { resetAccountKeys } from "../../../../static/js/conversation/account/reset.js";
import {
  makeAccountKeys,
  restoreAccountKeys,
} from "../../../../static/js/conversation/account/setup.js";
import { unb64 } from "../../../../static/js/crypto/bytes.js";
import { importKeys, makeIdentity, openIdentity } from "../../../../static/js/crypto/identity.js";
import { makeKit } from "../../../../static/js/crypto/kit.js";
import { ada, ben, eve, rsa } from "../../crypto/cast.js";
import { FakeStore } from "../fake-store.js";
import { fakeLocks, refuse } from "../world.js";

const person = { uid: ada.uid, name: ada.name };
const pkcs8 = unb64(rsa.pk8);

/** The server's half of an account: it takes identities as the real one does. */
class Account {
  chain = [];
  refused = null;
  calls = [];

  get kid() {
    return this.chain.at(-1)?.kid ?? null;
  }

  api = {
    get: async (path) => {
      if (path === "me") return { kid: this.kid };
      const kid = path.slice("identities?kid=".length);
      const { body, sig } = this.known.find((one) => one.kid === kid) ?? {};
      return { identities: body ? [{ body, sig }] : [] };
    },
    post: async (path, { body, sig, password }) => {
      this.calls.push(path);
      if (this.refused) throw this.refused;
      const opened = await openIdentity({ body, sig });
      if (opened.kid === this.kid) return { kid: opened.kid };
      if (opened.prev !== (this.kid ?? "")) throw refuse(409, "has_identity");
      if (opened.n > 1 && password !== "secret") throw refuse(403, "bad_password");
      this.chain.push({ ...opened, body, sig });
      this.known.push({ ...opened, body, sig });
      return { kid: opened.kid };
    },
  };
  /** What it has ever seen: it serves these whatever it says of the present one. */
  known = [];
}

/** One browser: `generate` gives another person's keys each time. */
function browser(server, ...makers) {
  const store = new FakeStore();
  const locks = fakeLocks();
  const left = [...makers];
  let made = 0;
  async function generate(onProgress) {
    const { seed } = left.shift();
    made += 1;
    onProgress(1);
    return { ...(await importKeys({ seed, pkcs8 })), export: { seed, pkcs8 } };
  }
  const parts = { store, api: server.api, locks, generate, onProgress: () => {} };
  return {
    store,
    get made() {
      return made;
    },
    make: () => makeAccountKeys({ ...parts, person }),
    check: () => compareKeys(person, store, server.api, locks),
    republish: (password) => republishKeys({ ...parts, person, password }),
    reset: (password, kid) => resetAccountKeys({ ...parts, person: { ...person, kid }, password }),
    restore: (file, kid) => restoreAccountKeys({ ...parts, file, person: { ...person, kid } }),
  };
}

const kidOf = async ({ store }) => (await store.accounts.current())?.kid;

test("hostile: the server says that a known account has no keys, another key, an old key", async () => {
  const server = new Account();
  const here = browser(server, ada, ben);
  await here.make();
  await here.reset("secret", server.kid);
  const [first, second] = server.chain;
  const evil = await makeIdentity(eve.keys, person);
  server.known.push(evil);
  for (const [chain, state] of [
    [[], "unpublished"],
    [[evil], "other"],
    [[first], "behind"],
    [[], "unpublished"],
    [[first, second], "ready"],
  ]) {
    server.chain = chain;
    assert.equal((await here.check()).state, state);
    assert.equal(await kidOf(here), second.kid, "the keys here stay");
  }
  assert.equal(here.made, 2, "no keys were made beside those asked for");
});

test("hostile: keys that do not follow from those here cannot take their place", async () => {
  const server = new Account();
  const here = browser(server, ada, ben);
  await here.make();
  const mine = server.kid;
  const evil = { ...(await makeIdentity(eve.keys, person)), prev: "" };
  server.chain = [evil];
  server.known.push(evil);
  await assert.rejects(here.reset("secret", evil.kid), /do not follow/);
  const { file } = await makeKit({ uid: ada.uid, kid: evil.kid, seed: eve.seed, pkcs8 });
  await assert.rejects(here.restore(file, evil.kid), /other keys/);
  assert.equal(await kidOf(here), mine);
  assert.equal(here.made, 1);
});

test("the same identity is published again where the server lost it", async () => {
  const server = new Account();
  const here = browser(server, ada, ben);
  await here.make();
  await here.reset("secret", server.kid);
  const [first, second] = server.chain;
  for (const kept of [[], [first]]) {
    server.chain = kept;
    await assert.rejects(here.republish("wrong"), { code: "bad_password" });
    await here.republish("secret");
    assert.equal(server.kid, second.kid);
    assert.equal((await here.check()).state, "ready");
  }
  assert.equal(here.made, 2);
});

test("hostile: a server that refuses the identity again costs no key", async () => {
  const server = new Account();
  const here = browser(server, ada);
  await here.make();
  const mine = server.kid;
  server.chain = [];
  server.refused = refuse(409, "has_identity");
  await assert.rejects(here.republish(), { code: "has_identity" });
  assert.equal(await kidOf(here), mine);
  server.refused = null;
  await here.republish();
  assert.equal(server.kid, mine);
});

test("hostile: 409 to the first identity; the next start publishes the same one", async () => {
  const server = new Account();
  const here = browser(server, ada, ben);
  server.refused = refuse(409, "has_identity");
  await assert.rejects(here.make(), { code: "has_identity" });
  assert.equal((await here.check()).state, "unfinished");
  server.refused = null;
  const kit = await here.make();
  assert.equal(here.made, 1, "what was made is used");
  assert.equal(await kidOf(here), server.kid);
  assert.ok(kit.file.includes(server.kid));
  assert.deepEqual(await here.store.accounts.pendingKeys(), []);
});

test("fault: a crash between publishing and keeping is mended at the next start", async () => {
  const server = new Account();
  const here = browser(server, ada);
  const { install } = here.store.accounts;
  here.store.accounts.install = () => Promise.reject(new Error("crash"));
  await assert.rejects(here.make(), /crash/);
  here.store.accounts.install = install;
  const { state, kit } = await here.check();
  assert.equal(state, "ready");
  assert.equal(await kidOf(here), server.kid);
  assert.ok(kit.includes("recovery kit"), "the kit that nobody got yet is offered");
  assert.equal((await here.check()).kit, null, "once");
});

test("fault: the same for a reset, which keeps the old keys until then", async () => {
  const server = new Account();
  const here = browser(server, ada, ben);
  await here.make();
  const before = server.kid;
  await assert.rejects(here.reset("wrong", before), { code: "bad_password" });
  assert.equal(await kidOf(here), before);
  const { install } = here.store.accounts;
  here.store.accounts.install = () => Promise.reject(new Error("crash"));
  await assert.rejects(here.reset("secret", before), /crash/);
  here.store.accounts.install = install;
  assert.equal(await kidOf(here), before);
  assert.equal((await here.check()).state, "ready");
  assert.equal(await kidOf(here), server.kid);
  assert.deepEqual((await here.store.accounts.current()).past, [before]);
  assert.equal(here.made, 2, "the keys of the first attempt were used");
});

test("two tabs that make keys end with one identity, and both have it", async () => {
  const server = new Account();
  const here = browser(server, ada, ben);
  const kits = await Promise.all([here.make(), here.make()]);
  assert.equal(kits.filter(Boolean).length, 1);
  assert.equal(here.made, 1);
  assert.equal(server.chain.length, 1);
  assert.equal((await here.check()).state, "ready");
});

test("two browsers that make keys: the second one brings the kit of the first", async () => {
  const server = new Account();
  const [here, there] = [browser(server, ada), browser(server, ben)];
  const kit = await here.make();
  await assert.rejects(there.make(), { code: "has_identity" });
  assert.equal((await there.check()).state, "elsewhere");
  await there.restore(kit.file, server.kid);
  assert.equal((await there.check()).state, "ready");
  assert.equal(await kidOf(there), await kidOf(here));
});

test("a kit publishes its identity where the server lost it, and no other one", async () => {
  const server = new Account();
  const kit = await browser(server, ada).make();
  const { kid } = server;
  server.chain = [];
  const there = browser(server);
  assert.equal((await there.check()).state, "none");
  await there.restore(kit.file, null);
  assert.equal(server.kid, kid);
  server.chain = [];
  const { file } = await makeKit({ uid: ada.uid, kid: ben.kid, seed: ada.seed, pkcs8 });
  await assert.rejects(browser(server).restore(file, null), { name: "KitError" });
  assert.equal(server.kid, null);
});

test("a reset made elsewhere is brought here by its kit, and replaces the keys here", async () => {
  const server = new Account();
  const [here, there] = [browser(server, ada), browser(server, ben)];
  await here.make();
  const { file } = await there.reset("secret", server.kid);
  assert.equal((await here.check()).state, "replaced");
  await here.restore(file, server.kid);
  assert.equal(await kidOf(here), server.kid);
});

test("keys that were kept without their identity publish it again all the same", async () => {
  const server = new Account();
  const here = browser(server, ada);
  await here.make();
  const mine = server.kid;
  const { chain: _older, ...account } = await here.store.accounts.current();
  const upgraded = browser(server);
  await upgraded.store.accounts.install(account);
  server.chain = [];
  await upgraded.republish();
  assert.equal(server.kid, mine);
});
