/** Shared start-up of pages: account, socket. */

import { loadAccount } from "../conversation/account/account.js";
import { Chat } from "../conversation/chat.js";
import { loadCode } from "../conversation/load-code.js";
import { LateOpener } from "../conversation/messages/late-opener.js";
import { Store } from "../store/store.js";
import { colourWith } from "../ui/text/late-text.js";
import { leadingBack, makeApi, requirePerson } from "./site.js";
import { followTabs } from "./tabs.js";

const [, PRESENT = ""] = /\/static\/([^/]+)\//.exec(import.meta.url) ?? [];
/** The build that this page runs; "" in development, where files change without a new one. */
const BUILD = PRESENT === "dev" ? "" : PRESENT;

const loadScripts = () => import("./trusted-scripts.js");

/** Loads what starts a worker that verifies and decrypts messages. */
async function loadMessageWorker() {
  const { MESSAGE_WORKER, startWorker } = await loadScripts();
  return () => startWorker(MESSAGE_WORKER);
}

/** Loads what starts a worker that finds the colours of code. */
async function loadCodeWorker() {
  const { CODE_WORKER, startWorker } = await loadScripts();
  return () => startWorker(CODE_WORKER);
}

/**
 * Returns a person's account with the keys in this browser.
 * @param {import("./site.js").Person} person who is signed in
 * @returns {Promise<import("../conversation/account/account.js").Account | null>} null without keys or
 *   without storage
 */
export async function accountOf(person) {
  const store = await Store.open(person.uid).catch(() => null); // the page of keys says why
  const me = store && (await loadAccount(person, store, makeApi()));
  return me && { ...me, opener: new LateOpener(loadMessageWorker), code: BUILD };
}

/**
 * Returns the signed-in person with keys in this browser; otherwise the page that makes or restores
 * them opens instead, and this never resolves.
 * @returns {Promise<import("../conversation/account/account.js").Account>}
 */
export async function requireAccount() {
  const me = await accountOf(await requirePerson());
  if (me) return me;
  location.replace(await leadingBack("/keys/"));
  return new Promise(() => {});
}

/** Loads and starts what keeps the shell: not before the page is idle.
 * @param {Chat} chat */
export const keepShellOf = async (chat) => (await import("./keep-shell.js")).keepShell(chat);

/** @type {Map<string, BroadcastChannel>} by uid */
const channels = new Map();

/** The channel between an account's tabs: a page has one, which does not hear what it says itself.
 * @param {string} uid */
export function accountChannel(uid) {
  const channel = channels.get(uid) ?? new BroadcastChannel(`sotto:account:${uid}`);
  channels.set(uid, channel);
  return channel;
}

const loadSocket = () => loadCode(() => import("../net/socket.js"));

/** A chat that follows the network and the tab, and ends when this device is forgotten.
 * @param {import("../conversation/account/account.js").Account} me */
export function startChat(me) {
  colourWith(loadCodeWorker);
  const chat = new Chat(me, async (handlers) => (await loadSocket()).pageSocket(handlers));
  me.api.onSignedOut = () => chat.onSignedOut();
  me.api.onRoomStopped = (room) => chat.onRoomStopped(room);
  followTabs(me.uid, chat);
  accountChannel(me.uid).onmessage = () => {
    chat.close();
    location.replace("/");
  };
  addEventListener("online", () => chat.reconnectNow());
  addEventListener("offline", () => chat.dropConnection());
  addEventListener("pagehide", () => chat.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") chat.reconnectNow();
  });
  return chat;
}
