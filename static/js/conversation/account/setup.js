/** Makes an account's first keys, or restores them from a recovery kit. */

import { b64, newId } from "../../crypto/bytes.js";
import { importKeys, makeIdentity } from "../../crypto/identity.js";
import { openKit } from "../../crypto/kit.js";
import { AccountKeyStore } from "../../store/account-keys.js";
import {
  accountOf,
  asPublished,
  fetchChain,
  isFirst,
  preparePending,
  publish,
  withKeyLock,
} from "./account-keys.js";

/** @typedef {import("./account-keys.js").Person} Person */
/** @typedef {import("./account-keys.js").Locks} Locks */

/** The file name of a recovery kit. @param {string} name of its owner */
export const kitName = (name) => `sotto-recovery-kit-${name}.json`;

/**
 * Makes new keys in the worker, keeps them as pending, publishes them and makes them the account's.
 * Continues with the keys of an interrupted attempt.
 * @param {object} parts
 * @param {Person} parts.person
 * @param {import("../../store/store.js").Store} parts.store
 * @param {import("../../net/api.js").Api} parts.api
 * @param {import("./account-keys.js").Generate} parts.generate
 * @param {(done: number) => void} parts.onProgress from 0 to 1
 * @param {Locks} [parts.locks]
 * @returns {Promise<{file: string, name: string} | null>} the recovery kit, which is the only way
 *   to another browser; null where another tab has made the keys meanwhile
 */
export const makeAccountKeys = ({ person, store, api, generate, onProgress, locks }) =>
  withKeyLock(
    person.uid,
    async () => {
      if (await store.accounts.current()) return null;
      const pending =
        (await store.part(AccountKeyStore).pendingKeys()).find(isFirst) ??
        (await preparePending(person, [], { store, generate, onProgress }));
      const file = await store.part(AccountKeyStore).kitOf(pending);
      await publish(pending.chain[0], api);
      await store.part(AccountKeyStore).install(accountOf(pending));
      onProgress(1);
      return { file, name: kitName(person.name) };
    },
    locks,
  );

/** Returns why a kit cannot be used here; the text is for people. */
export class KitError extends Error {
  /** @override */
  name = "KitError";
}

/**
 * Restores this account's keys from a recovery kit. If the server has no identity of the account,
 * the kit's is published again.
 * @param {object} parts
 * @param {string} parts.file
 * @param {Person & {kid: string | null}} parts.person
 * @param {import("../../store/store.js").Store} parts.store
 * @param {import("../../net/api.js").Api} parts.api
 * @param {Locks} [parts.locks]
 * @throws {KitError}
 */
export async function restoreAccountKeys({ file, person, store, api, locks }) {
  const { uid, name, kid } = person;
  let kit;
  try {
    kit = await openKit(file);
  } catch {
    throw new KitError("That file is not a recovery kit, or it is damaged. Choose another file.");
  }
  if (kit.uid !== uid) throw new KitError("That recovery kit belongs to another account.");
  if (kid && kit.kid !== kid) {
    throw new KitError("That recovery kit is older than this account's present keys.");
  }
  const keys = await importKeys(kit);
  await withKeyLock(
    uid,
    async () => {
      const chain = kid ? await matching(keys, kid, api) : await published(keys, kit, person, api);
      const past = chain.slice(0, -1).map((one) => one.kid);
      const about = { uid, name, kid: kit.kid, keys, dev: newId(), kitSaved: true };
      await store.part(AccountKeyStore).install({ ...about, past, chain: asPublished(chain) });
    },
    locks,
  );
}

/** @param {import("../../crypto/identity.js").Keys} keys @param {{kid: string}} kit @param {Person} person
 * @param {import("../../net/api.js").Api} api */
async function published(keys, kit, { uid, name }, api) {
  const identity = await makeIdentity(keys, { uid, name });
  if (identity.kid !== kit.kid) {
    throw new KitError(
      "That kit is of keys that replaced earlier ones, which this server does not know. Use a browser that still has your keys.",
    );
  }
  await publish(identity, api);
  return [identity];
}

/**
 * Builds a kit's file from the server's sealed copy and the owner's code.
 * @param {import("../../net/api.js").Api} api @param {string} code
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
 * Stores a kit on the server, without the code that opens it.
 * @param {import("../../net/api.js").Api} api @param {string} file
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

/** The account's identities; the last one belongs to these keys.
 * @param {import("../../crypto/identity.js").Keys} keys @param {string} kid @param {import("../../net/api.js").Api} api
 */
async function matching(keys, kid, api) {
  const chain = await fetchChain(api, kid);
  const { ed, rsa } = chain[chain.length - 1];
  const same = b64(ed) === b64(keys.ed.publicRaw) && b64(rsa) === b64(keys.rsa.spki);
  if (!same) throw new KitError("The keys in that kit are not the ones of this account.");
  return chain;
}
