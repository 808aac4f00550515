import assert from "node:assert/strict";
import { test } from "node:test";
import { loadAccount } from "../../../../static/js/conversation/account/account.js";
import {
  KitError,
  makeAccountKeys,
  restoreAccountKeys,
} from "../../../../static/js/conversation/account/setup.js";
import { unb64 } from "../../../../static/js/crypto/bytes.js";
import { importKeys } from "../../../../static/js/crypto/identity.js";
import { makeKit } from "../../../../static/js/crypto/kit.js";
import { ada, ben, rsa } from "../../crypto/cast.js";
import { FakeStore } from "../fake-store.js";
import { fakeLocks } from "../world.js";

const exported = (who) => ({ seed: who.seed, pkcs8: unb64(rsa.pk8) });

async function generate(onProgress) {
  onProgress(1);
  return { ...(await importKeys(exported(ada))), export: exported(ada) };
}

/** A server that knows Ada's identity and notes what it is sent. */
const server = () => ({
  posted: [],
  async post(path, body) {
    this.posted.push([path, body]);
    return { kid: ada.kid };
  },
  get: async () => ({ identities: [ada.signed] }),
});

async function made() {
  const [store, api, progress] = [new FakeStore(), server(), []];
  const onProgress = (done) => progress.push(done);
  const locks = fakeLocks();
  const kit = await makeAccountKeys({ person: ada, store, api, generate, onProgress, locks });
  return { store, api, progress, kit };
}

test("new keys are published, kept, and in the kit that restores them elsewhere", async () => {
  const { store, api, progress, kit } = await made();
  assert.deepEqual(
    api.posted.map(([path]) => path),
    ["identities"],
  );
  assert.equal(JSON.parse(api.posted[0][1].body).uid, ada.uid);
  assert.equal(progress.at(-1), 1);
  assert.equal(kit.name, "sotto-recovery-kit-ada.json");
  const account = await store.accounts.current();
  assert.equal(account.kitSaved, false);
  assert.equal(account.keys.ed.privateKey.extractable, false);
  assert.equal(account.keys.rsa.privateKey.extractable, false);
  assert.equal("export" in account.keys, false);

  const elsewhere = new FakeStore();
  const parts = { person: ada, store: elsewhere, api: server(), locks: fakeLocks() };
  await restoreAccountKeys({ file: kit.file, ...parts });
  const restored = await elsewhere.accounts.current();
  assert.equal(restored.kid, ada.kid);
  assert.notEqual(restored.dev, account.dev, "each browser is a device of its own");
});

test("nothing private is sent", async () => {
  const { api } = await made();
  const sent = JSON.stringify(api.posted);
  assert.ok(!sent.includes(Buffer.from(ada.seed).toString("base64url")));
  assert.ok(!sent.includes(rsa.pk8.slice(40, 120)));
});

/** Making keys where the server's answer to them is a failure with that status. */
async function madeBut(status, kid) {
  const store = new FakeStore();
  const failure = Object.assign(new Error("failed"), { status });
  const api = { post: () => Promise.reject(failure), get: async () => ({ kid }) };
  const parts = { person: ada, store, api, generate, onProgress: () => {}, locks: fakeLocks() };
  const making = makeAccountKeys(parts);
  return { store, made: await making.catch((error) => error) };
}

test("keys that the server refused are not the account's, and stay as they were made", async () => {
  const { store, made } = await madeBut(400, null);
  assert.equal(made.status, 400);
  assert.equal(await store.accounts.current(), undefined);
  assert.deepEqual(
    (await store.accounts.pendingKeys()).map(({ kid }) => kid),
    [ada.kid],
  );
});

test("keys whose answer was lost are the account's, if the server has them", async () => {
  const { store, made } = await madeBut(0, ada.kid);
  assert.ok(made.file.includes("recovery kit"));
  assert.equal((await store.accounts.current()).kid, ada.kid);
  const other = await madeBut(0, null);
  assert.equal(await other.store.accounts.current(), undefined);
  assert.equal((await other.store.accounts.pendingKeys()).length, 1);
});

const kitOf = async (who, changes = {}) =>
  (await makeKit({ uid: who.uid, kid: who.kid, ...exported(who), ...changes })).file;

for (const [name, file] of [
  ["no kit at all", async () => '{"a":1}'],
  ["somebody else's kit", () => kitOf(ben)],
  ["an older kit", () => kitOf(ada, { kid: ben.kid })],
  ["a kit with keys that are not the account's", () => kitOf(ada, { seed: ben.seed })],
]) {
  test(`${name} is refused in words, and nothing is kept`, async () => {
    const store = new FakeStore();
    const parts = { person: ada, store, api: server(), locks: fakeLocks() };
    const restoring = restoreAccountKeys({ file: await file(), ...parts });
    await assert.rejects(restoring, KitError);
    assert.equal(await store.accounts.current(), undefined);
  });
}

test("a browser is somebody's only with the keys of the account as it is now", async () => {
  const { store, api } = await made();
  assert.equal((await loadAccount({ uid: ada.uid, kid: ada.kid }, store, api)).name, "ada");
  assert.equal(await loadAccount({ uid: ada.uid, kid: ben.kid }, store, api), null);
  assert.equal(await loadAccount({ uid: ada.uid, kid: null }, store, api), null);
  assert.equal(await loadAccount({ uid: ada.uid, kid: ada.kid }, new FakeStore(), api), null);
});
