/** Whether this browser can keep keys: make, store, read back and use one of each kind. */

import { deleteDB, openDB } from "../../vendor/idb/index.js";

const NAME = "sotto-probe";
const MESSAGE = new Uint8Array([1, 2, 3]);

/** @returns {Promise<boolean>} */
export async function canKeepKeys() {
  try {
    const database = await openDB(NAME, 1, { upgrade: (db) => void db.createObjectStore("keys") });
    try {
      await database.put("keys", await makeKeys(), "all");
      await useKeys(await database.get("keys", "all"));
    } finally {
      database.close();
      await deleteDB(NAME);
    }
    return true;
  } catch {
    return false;
  }
}

async function makeKeys() {
  const rsa = {
    name: "RSA-OAEP",
    modulusLength: 2048, // as good a probe as 3072 and several times quicker to make
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  };
  return {
    ed: await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]),
    rsa: await crypto.subtle.generateKey(rsa, false, ["encrypt", "decrypt"]),
    aes: await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]),
  };
}

/** @param {any} keys as they came back from storage */
async function useKeys({ ed, rsa, aes }) {
  const signature = await crypto.subtle.sign("Ed25519", ed.privateKey, MESSAGE);
  const label = new Uint8Array([9]);
  const oaep = { name: "RSA-OAEP", label };
  const gcm = { name: "AES-GCM", iv: new Uint8Array(12) };
  const wrapped = await crypto.subtle.encrypt(oaep, rsa.publicKey, MESSAGE);
  const sealed = await crypto.subtle.encrypt(gcm, aes, MESSAGE);
  const good = await crypto.subtle.verify("Ed25519", ed.publicKey, signature, MESSAGE);
  await crypto.subtle.decrypt(oaep, rsa.privateKey, wrapped);
  await crypto.subtle.decrypt(gcm, aes, sealed);
  if (!good) throw new Error("a signature that does not verify");
}

/** Ask the browser not to evict what it keeps; true if it says so. */
export async function askToPersist() {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}
