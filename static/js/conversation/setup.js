/** Making an account's keys in this browser, or bringing them from a recovery kit. */

import { b64, newId } from "../crypto/bytes.js";
import { importKeys, makeIdentity, openIdentity } from "../crypto/identity.js";
import { makeKit, openKit } from "../crypto/kit.js";
import { pastOf } from "./reset.js";

/** @typedef {{uid: string, name: string}} Person */

/**
 * New keys: made in the worker, published, kept here. Returns the recovery kit's file, which is
 * the only way to another browser.
 * @param {object} parts
 * @param {Person} parts.person
 * @param {import("../store/store.js").Store} parts.store
 * @param {import("../net/api.js").Api} parts.api
 * @param {(onProgress: (done: number) => void) => Promise<any>} parts.generate
 * @param {(done: number) => void} parts.onProgress from 0 to 1
 * @returns {Promise<{file: string, name: string}>}
 */
export async function makeAccountKeys({ person, store, api, generate, onProgress }) {
  const { uid, name } = person;
  const { export: exported, ...keys } = await generate((done) => onProgress(done * 0.8));
  const { body, sig, kid } = await makeIdentity(keys, { uid, name });
  const kit = await makeKit({ uid, kid, ...exported });
  onProgress(0.9);
  await store.saveAccount({ uid, name, kid, keys, dev: newId(), kitSaved: false });
  await publish({ body, sig, kid }, store, api);
  onProgress(1);
  return { file: kit.file, name: `sotto-recovery-kit-${name}.json` };
}

/** Tell the server who we are. The keys are kept before: an account whose keys nobody has would
 * be lost. They go only if the server says that it did not take them.
 * @param {{body: string, sig: string, kid: string}} identity
 * @param {import("../store/store.js").Store} store @param {import("../net/api.js").Api} api */
async function publish({ body, sig, kid }, store, api) {
  try {
    await api.post("identities", { body, sig });
  } catch (/** @type {any} */ error) {
    const taken = error.status >= 400 ? false : (await api.get("me")).kid === kid;
    if (taken) return; // only the answer was lost
    await store.forget();
    throw error;
  }
}

/** Why a kit cannot be used here; the text is for people. */
export class KitError extends Error {
  /** @override */
  name = "KitError";
}

/**
 * Keys from a recovery kit, if they are this account's.
 * @param {object} parts
 * @param {string} parts.file
 * @param {Person & {kid: string}} parts.person
 * @param {import("../store/store.js").Store} parts.store
 * @param {import("../net/api.js").Api} parts.api
 */
export async function restoreAccountKeys({ file, person, store, api }) {
  const { uid, name, kid } = person;
  let kit;
  try {
    kit = await openKit(file);
  } catch {
    throw new KitError("That file is not a recovery kit, or it is damaged. Choose another file.");
  }
  if (kit.uid !== uid) throw new KitError("That recovery kit belongs to another account.");
  if (kit.kid !== kid) {
    throw new KitError("That recovery kit is older than this account's present keys.");
  }
  const keys = await importKeys(kit);
  const identity = await mustMatch(keys, kid, api);
  const past = await pastOf(api, identity);
  await store.saveAccount({ uid, name, kid, keys, dev: newId(), kitSaved: true, past });
}

/**
 * A kit's file out of the copy that the server keeps and the code that only its owner has.
 * @param {import("../net/api.js").Api} api @param {string} code
 */
export async function kitFromServer(api, code) {
  const { kit } = await api.get("kit");
  const file = JSON.stringify({ sotto: "recovery kit", code, kit });
  await openKit(file).catch(() => {
    throw new KitError("That code does not open the kit that is kept here. Check each group.");
  });
  return file;
}

/**
 * Keep a kit on the server, without the code that opens it.
 * @param {import("../net/api.js").Api} api @param {string} file
 */
export async function keepSealedKit(api, file) {
  let kit;
  try {
    ({ kit } = JSON.parse(file));
    await openKit(file);
  } catch {
    throw new KitError("That file is not a recovery kit, or it is damaged. Choose another file.");
  }
  const { v, uid, kid, salt, box } = kit;
  await api.put("kit", { kit: { v, uid, kid, salt, box } }); // and never the code
}

/** @param {any} keys @param {string} kid @param {import("../net/api.js").Api} api */
async function mustMatch(keys, kid, api) {
  const { identities } = await api.get(`identities?kid=${kid}`);
  const identity = await openIdentity(identities[0]);
  const same =
    identity.kid === kid &&
    b64(identity.ed) === b64(keys.ed.publicRaw) &&
    b64(identity.rsa) === b64(keys.rsa.spki);
  if (!same) throw new KitError("The keys in that kit are not the ones of this account.");
  return identity;
}
