import assert from "node:assert/strict";
import { test } from "node:test";
import { checkKeys, KeyCheckError } from "../../../../static/js/conversation/account/key-check.js";
import { b64, unhex } from "../../../../static/js/crypto/bytes.js";
import { edPublic } from "../../../../static/js/crypto/identity.js";
import { storeAndReadBack } from "../../../../static/js/store/persistence-check.js";

const clone = async (/** @type {any} */ value) => structuredClone(value);

/** Replace one method of crypto.subtle while `run` runs. */
async function withBroken(method, broken, run) {
  const real = crypto.subtle[method].bind(crypto.subtle);
  crypto.subtle[method] = (...given) => broken(real, ...given);
  try {
    await run();
  } finally {
    delete crypto.subtle[method];
  }
}

const fails = (step) => (error) => error instanceof KeyCheckError && error.step === step;

test("a browser that does everything passes", async () => {
  await checkKeys(clone);
});

test("where there is no storage, the check names the step", async () => {
  assert.equal(globalThis.indexedDB, undefined);
  await assert.rejects(checkKeys(storeAndReadBack), fails("storage"));
});

test("keys that do not come back whole are found", async () => {
  await assert.rejects(
    checkKeys(async (value) => ({ ...value, keys: { ...value.keys, ed: undefined } })),
    fails("sign"),
  );
});

test("each function that a browser lacks is named by its step", async () => {
  const refuse = async () => {
    throw new DOMException("no", "OperationError");
  };
  await withBroken("sign", refuse, () => assert.rejects(checkKeys(clone), fails("sign")));
  await withBroken("decrypt", refuse, () => assert.rejects(checkKeys(clone), fails("unwrap")));
  await withBroken("importKey", refuse, () => assert.rejects(checkKeys(clone), fails("import")));
  await withBroken("generateKey", refuse, () =>
    assert.rejects(checkKeys(clone), fails("device key")),
  );
});

test("the public half of a seed needs no export of an imported private key", async () => {
  const refuse = (real, format, key, ...more) =>
    key.type === "private" && key.algorithm.name === "Ed25519"
      ? Promise.reject(new DOMException("no", "OperationError")) // as Firefox 140 does
      : real(format, key, ...more);
  // RFC 8032, section 7.1, test 1
  const seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  await withBroken("exportKey", refuse, async () => {
    assert.equal(
      b64(await edPublic(seed)),
      b64(unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")),
    );
    await checkKeys(clone);
  });
});
