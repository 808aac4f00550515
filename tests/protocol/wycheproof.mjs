/** Test cases of Project Wycheproof through the browser's wrappers: which are accepted. */
import { gcmOpen, gcmSeal, hkdf } from "../../static/js/crypto/box.js";
import { equal, unhex } from "../../static/js/crypto/bytes.js";
import { RSA } from "../../static/js/crypto/identity.js";
import { oaepOpen } from "../../static/js/crypto/roomkeys.js";
import { verifyBytes } from "../../static/js/crypto/sign.js";
import { hmac } from "../../static/js/crypto/tokens.js";

const checks = {
  async gcm({ key, iv, aad, msg, ct, tag }) {
    const sealed = unhex(ct + tag);
    const plain = await gcmOpen(unhex(key), unhex(iv), sealed, unhex(aad));
    const again = await gcmSeal(unhex(key), unhex(iv), plain, unhex(aad));
    return equal(plain, unhex(msg)) && equal(again, sealed);
  },
  ed25519: ({ pk, msg, sig }) => verifyBytes(unhex(pk), unhex(msg), unhex(sig)),
  async hkdf({ ikm, salt, text, size, okm }) {
    return equal(await hkdf(unhex(ikm), unhex(salt), text, size), unhex(okm));
  },
  async hmac({ key, msg, tag }) {
    const mac = await hmac(unhex(key));
    return equal(await mac(unhex(msg)), unhex(tag));
  },
  async oaep({ privateKeyPkcs8, label, ct, msg }) {
    const key = await crypto.subtle.importKey("pkcs8", unhex(privateKeyPkcs8), RSA, false, [
      "decrypt",
    ]);
    return equal(await oaepOpen(key, unhex(label), unhex(ct)), unhex(msg));
  },
};

/** Whether each case is accepted. An error is a refusal. */
export const wycheproof = ({ what, cases }) =>
  Promise.all(cases.map((given) => checks[what](given).catch(() => false)));
