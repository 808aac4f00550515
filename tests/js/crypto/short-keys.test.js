/** Keys that begin with zeros, in a browser that takes zeros from what it decrypts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { WireError } from "../../../static/js/crypto/bytes.js";
import { RSA } from "../../../static/js/crypto/identity.js";
import { oaepSeal, unwrapKey, wrapKey } from "../../../static/js/crypto/roomkeys.js";

const CONTEXT = { room: "0".repeat(32), e: 1, to: "kid" };
const KEY = new Uint8Array(32).map((_, index) => (index < 2 ? 0 : index));

/** @returns {Promise<{spki: Uint8Array, privateKey: CryptoKey}>} */
async function rsaPair() {
  const pair = await crypto.subtle.generateKey(RSA, true, ["encrypt", "decrypt"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  return { spki, privateKey: pair.privateKey };
}

test("hostile: a key that was wrapped too short is refused", async () => {
  const { spki, privateKey } = await rsaPair();
  const label = await labelOf(CONTEXT);
  const short = await oaepSeal(spki, label, KEY.subarray(1));
  await assert.rejects(unwrapKey(short, CONTEXT, privateKey), WireError);
});

test("a key with zeros in front opens in a browser that strips them", async (t) => {
  const { unwrapKey: fresh } = await import("../../../static/js/crypto/roomkeys.js?strips");
  const { spki, privateKey } = await rsaPair();
  const ct = await wrapKey(KEY, CONTEXT, spki);
  const decrypt = crypto.subtle.decrypt.bind(crypto.subtle);
  t.mock.method(crypto.subtle, "decrypt", async (...given) => {
    const plain = new Uint8Array(await decrypt(...given));
    const first = plain.findIndex((byte) => byte !== 0);
    return plain.slice(first < 0 ? plain.length : first).buffer;
  });
  assert.deepEqual(await fresh(ct, CONTEXT, privateKey), KEY);
});

/** The label of a wrap, as `unwrapKey` asks for it. @param {typeof CONTEXT} context */
async function labelOf({ room, e, to }) {
  const { pae } = await import("../../../static/js/crypto/hash.js");
  const { encodeBody } = await import("../../../static/js/crypto/body.js");
  return pae("wrap", encodeBody({ v: 1, room, e, to }));
}
