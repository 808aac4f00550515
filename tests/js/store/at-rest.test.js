import assert from "node:assert/strict";
import { test } from "node:test";
import { newDeviceKey, openAtRest, sealAtRest } from "../../../static/js/store/at-rest.js";

const SECRET = new TextEncoder().encode("a draft of nobody's business");

test("what is kept is sealed, each time otherwise, and comes back whole", async () => {
  const key = await newDeviceKey();
  const [first, second] = [await sealAtRest(key, SECRET), await sealAtRest(key, SECRET)];
  assert.notDeepEqual(first.ct, second.ct);
  assert.ok(!Buffer.from(first.ct).includes("draft"));
  assert.deepEqual(await openAtRest(key, first), SECRET);
});

test("the key can be used and not be read", async () => {
  const key = await newDeviceKey();
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});

test("another browser's key, and bytes that were changed, open nothing", async () => {
  const key = await newDeviceKey();
  const sealed = await sealAtRest(key, SECRET);
  await assert.rejects(openAtRest(await newDeviceKey(), sealed));
  new Uint8Array(sealed.ct)[0] ^= 1;
  await assert.rejects(openAtRest(key, sealed));
});
