/**
 * The life of an account's private keys in this browser. New keys are kept as pending beside the
 * account's keys and take their place only once the server has their identity; nothing here
 * deletes keys for another reason.
 */

import { newId } from "../../crypto/bytes.js";
import { makeIdentity, openIdentity } from "../../crypto/identity.js";
import { makeKit } from "../../crypto/kit.js";
import { AccountKeyStore } from "../../store/account-keys.js";

/** @typedef {import("../../store/store.js").Store} Store */
/** @typedef {import("../../store/accounts.js").AccountRecord} AccountRecord */
/** @typedef {import("../../store/account-keys.js").PendingKeys} PendingKeys */
/** @typedef {import("../../store/accounts.js").PublishedIdentity} PublishedIdentity */
/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {Pick<LockManager, "request">} Locks */
/** @typedef {{uid: string, name: string}} Person */
/** @typedef {(onProgress: (done: number) => void) =>
 *   Promise<import("../../crypto/identity.js").Keys & {export: import("../../crypto/identity.js").Exported}>} Generate */

/**
 * The relation between this browser's keys and the kid that the server names: `ready`: they match ·
 * `none`: neither has any · `unfinished`: keys made here were never published · `elsewhere`:
 * another browser has them · `unpublished`: the server lost the identity · `behind`: the server
 * names a key from before a reset that this browser has made or restored · `replaced`: another
 * browser has reset them · `other`: the server names a key that does not follow from the one here.
 * @typedef {"ready" | "none" | "unfinished" | "elsewhere" | "unpublished" | "behind" |
 *   "replaced" | "other"} KeyState
 */

/**
 * Runs `work` while no other tab makes, restores, resets or publishes keys of the account.
 * @template T
 * @param {string} uid @param {() => Promise<T>} work @param {Locks} [locks]
 * @returns {Promise<T>}
 */
export const withKeyLock = (uid, work, locks = navigator.locks) =>
  locks.request(`sotto:keys:${uid}`, work);

/**
 * Compares this browser's keys with the server's. First finishes an interrupted change: pending
 * keys become the account's if the server has their identity.
 * @param {Person} person @param {Store} store @param {Api} api @param {Locks} [locks]
 * @returns {Promise<{state: KeyState, kid: string | null, kit: string | null}>} `kit` is the
 *   recovery kit of keys that were pending until now
 */
export const compareKeys = ({ uid }, store, api, locks) =>
  withKeyLock(
    uid,
    async () => {
      const { kid } = await api.get("me");
      const kit = kid ? await adoptPending(store, kid) : null;
      return { state: await keyState(store, api, kid), kid, kit };
    },
    locks,
  );

/** @param {Store} store @param {string} kid @returns {Promise<string | null>} the kit's file */
async function adoptPending(store, kid) {
  const pending = (await store.part(AccountKeyStore).pendingKeys()).find((one) => one.kid === kid);
  const account = await store.accounts.current();
  if (!pending || (account && !pending.past.includes(account.kid))) return null;
  const file = await store.part(AccountKeyStore).kitOf(pending);
  return (await store.part(AccountKeyStore).install(accountOf(pending))) ? file : null;
}

/** @param {Store} store @param {Api} api @param {string | null} kid @returns {Promise<KeyState>} */
async function keyState(store, api, kid) {
  const account = await store.accounts.current();
  if (!account) {
    if (kid) return "elsewhere";
    return (await store.part(AccountKeyStore).pendingKeys()).some(isFirst) ? "unfinished" : "none";
  }
  if (account.kid === kid) return "ready";
  if (!kid) return "unpublished";
  if (account.past?.includes(kid)) return "behind";
  const chain = await fetchChain(api, kid);
  return chain.some((one) => one.kid === account.kid) ? "replaced" : "other";
}

/** Tells whether keys are an account's first ones. @param {PendingKeys} pending */
export const isFirst = ({ past }) => past.length === 0;

/** @param {PendingKeys} pending @returns {Omit<AccountRecord, "deviceKey">} */
export function accountOf({ uid, name, kid, keys, dev, past, chain }) {
  return { uid, name, kid, keys, dev, past, chain, kitSaved: false };
}

/**
 * Makes keys and keeps them as pending, with their kit.
 * @param {Person} person @param {PublishedIdentity[]} before the account's identities so far, oldest first
 * @param {{store: Store, generate: Generate, onProgress: (done: number) => void}} parts
 * @returns {Promise<PendingKeys>}
 */
export async function preparePending({ uid, name }, before, { store, generate, onProgress }) {
  const { export: exported, ...keys } = await generate((done) => onProgress(done * 0.8));
  const prev = before.at(-1)?.kid ?? "";
  const signed = await makeIdentity(keys, { uid, name, n: before.length + 1, prev });
  const kit = await makeKit({ uid, kid: signed.kid, ...exported });
  onProgress(0.9);
  const past = before.map(({ kid }) => kid);
  const { kid } = signed;
  const pending = { uid, name, kid, keys, dev: newId(), past, chain: [...before, signed] };
  return store.part(AccountKeyStore).savePendingKeys(pending, kit.file);
}

/**
 * Publishes an identity. A lost response is no failure if the server has the identity.
 * @param {PublishedIdentity} identity @param {Api} api @param {string} [password] for a reset
 */
export async function publish({ kid, body, sig }, api, password) {
  try {
    await api.post("identities", password === undefined ? { body, sig } : { body, sig, password });
  } catch (error) {
    if (error.status >= 400 || (await api.get("me")).kid !== kid) throw error;
  }
}

/**
 * Publishes the identity of this browser's keys again, and earlier ones that the server lacks.
 * @param {{person: Person, password?: string, store: Store, api: Api, locks?: Locks}} parts
 *   `password` is needed where one of them is a reset
 * @throws where the server names a key that is none of these
 */
export const republishKeys = ({ person, password, store, api, locks }) =>
  withKeyLock(
    person.uid,
    async () => {
      const account = await store.accounts.current();
      if (!account) throw new Error("This browser has no keys of your account.");
      const { kid } = await api.get("me");
      for (const identity of await missingAfter(account, kid)) {
        const isReset = JSON.parse(identity.body).n > 1;
        await publish(identity, api, isReset ? password : undefined);
      }
    },
    locks,
  );

/** @param {AccountRecord} account @param {string | null} kid @returns {Promise<PublishedIdentity[]>} */
async function missingAfter(account, kid) {
  const chain = account.chain ?? [await ownIdentity(account)];
  const known = chain.findIndex((one) => one.kid === kid);
  const follows = known >= 0 || kid === (account.past ?? []).at(-chain.length);
  if (kid ? !follows : chain.length <= (account.past ?? []).length)
    throw new Error("The server lacks keys from before, or has others. Yours here were kept.");
  return chain.slice(known + 1);
}

/** The identity of a stored account whose record lacks it. @param {AccountRecord} account */
async function ownIdentity({ uid, name, kid, keys, past = [] }) {
  const made = await makeIdentity(keys, { uid, name, n: past.length + 1, prev: past.at(-1) ?? "" });
  if (made.kid !== kid) throw new Error("The keys here do not fit their identity.");
  return made;
}

/**
 * The server's identities up to this one, oldest first, all verified.
 * @param {Api} api @param {string} kid
 * @returns {Promise<(PublishedIdentity & import("../../crypto/identity.js").OpenedIdentity)[]>}
 */
export async function fetchChain(api, kid) {
  const chain = [];
  for (let next = kid; next; next = chain[0].prev) {
    const { identities } = await api.get(`identities?kid=${next}`);
    const { body, sig } = identities[0] ?? {};
    const opened = await openIdentity({ body, sig });
    if (opened.kid !== next) throw new Error("The server answered with another key.");
    const later = chain[0];
    if (later && (opened.uid !== later.uid || opened.n !== later.n - 1))
      throw new Error("The server answered with keys that do not follow one another.");
    chain.unshift({ ...opened, body, sig });
  }
  return chain;
}

/** The fields of a chain of identities that an account record keeps.
 * @param {PublishedIdentity[]} chain @returns {PublishedIdentity[]} */
export const asPublished = (chain) => chain.map(({ kid, body, sig }) => ({ kid, body, sig }));
