/**
 * Follows links and the browser's history without loading a page: it decides which view an address
 * means, and its owner shows it. Other addresses, other buttons and held keys are the browser's.
 */

import { TaskQueue } from "../conversation/queue.js";
import { onGo } from "../ui/go.js";
import {
  arrive,
  entry,
  leftHere,
  overHere,
  placeHere,
  pushPage,
  replacePage,
  step,
} from "../ui/history.js";
import { opensHere, readAddress, sameView } from "./address.js";

/** Tells the view that the reader comes back to a place in it: the event's detail. */
const RESUME = "sotto:resume";

/** @typedef {import("./address.js").Address} Address */
/**
 * @typedef {object} View
 * @property {() => unknown} place where the reader stands in it, to come back to; undefined before it is
 *   shown
 * @property {() => void} again its own address was chosen once more
 *
 * @typedef {{address: Address, view: View}} Shown
 */

export class Router {
  #open;
  /** @type {Address | null} */
  #shown = null;
  /** @type {View | null} */
  #view = null;
  /** The reader's place in each entry of the history. @type {Map<number, unknown>} */
  #places = new Map();
  #queue = new TaskQueue();
  #undoing = false; // a step that closed a dialog
  /** The fragment of an entry that has its place again: that is not gone to.
   * @type {string | null} */
  #resumed = null;

  /** @param {(address: Address, place?: unknown) => View} open shows a view instead of the one
   *   before; `place` is where the reader stood in it */
  constructor(open) {
    this.#open = open;
  }

  /** Follows links from now on. @param {Shown} [shown] what the page shows already: the address may
   * be another one by now */
  start(shown) {
    this.#shown = shown?.address ?? null;
    this.#view = shown?.view ?? null;
    if (entry().at === undefined) history.replaceState({ ...entry(), at: 0 }, "");
    arrive();
    const first = { capture: true }; // before panels follow a step that is undone
    addEventListener("popstate", this.#onMove, first);
    addEventListener("hashchange", this.#onFragment, first);
    document.addEventListener("click", this.#onClick);
    onGo(({ path, replace }) => this.#take(path, replace));
    const left = leftHere();
    if (left > 0) this.#queue.add(() => step(-left)).catch(() => {});
    const address = readAddress(location) ?? /** @type {Address} */ ({ view: "rooms" });
    if (!this.#shown || !sameView(address, this.#shown)) this.#show(address);
  }

  /** @param {Address} address @param {unknown} [place] */
  #show(address, place) {
    this.#shown = address;
    this.#view = this.#open(address, place);
  }

  /** @param {MouseEvent} event */
  #onClick = (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[href]");
    if (!(link instanceof HTMLAnchorElement)) return;
    const { target } = link;
    if (!opensHere(event, { target, download: link.hasAttribute("download") })) return;
    if (this.#take(link.href, false)) event.preventDefault();
  };

  /** @param {string} href @param {boolean} replace @returns {boolean} whether it goes there */
  #take(href, replace) {
    const url = new URL(href, location.origin);
    const address = url.origin === location.origin ? readAddress(url) : null;
    if (!address) return false;
    if (url.hash && this.#shown && sameView(address, this.#shown)) return this.#point(url.hash);
    this.#queue.add(() => this.#travel(address, url, replace)).catch(() => {});
    return true;
  }

  /** Goes to a message of the room that is open, or to a part of the page. The browser does, unless a
   * panel's page is over it, or the address names it already: that would be another entry in its place.
   * @param {string} fragment @returns {boolean} */
  #point(fragment) {
    if (fragment !== location.hash && overHere() === 0) return false;
    const go = async () => {
      if (overHere() > 0) await step(-overHere());
      if (fragment !== location.hash) location.hash = fragment;
      else pointAgain(fragment.slice(1));
    };
    this.#queue.add(go).catch(() => {});
    return true;
  }

  /** @param {Address} address @param {URL} url @param {boolean} replace */
  async #travel(address, url, replace) {
    const path = address.view === "invite" ? await withoutSecret(url) : url.pathname + url.hash;
    for (const dialog of openDialogs()) dialog.close();
    if (overHere() > 0) await step(-overHere());
    const same = this.#shown !== null && sameView(address, this.#shown);
    if (same && path === location.pathname + location.hash) return this.#view?.again();
    this.#leave(placeHere());
    if (replace) replacePage(path);
    else pushPage(path);
    this.#forget(placeHere());
    if (same) this.#view?.again();
    else this.#show(address);
  }

  /** @param {number} at the entry that is left */
  #leave(at) {
    const place = this.#view?.place();
    if (place === undefined) this.#places.delete(at);
    else this.#places.set(at, place);
  }

  /** @param {number} from the first entry that is another one by now */
  #forget(from) {
    for (const at of this.#places.keys()) if (at >= from) this.#places.delete(at);
  }

  /** Follows Back and Forward. An open dialog is closed first, and the step is undone. */
  #onMove = (/** @type {Event} */ event) => {
    const isNew = entry().at === undefined; // a fragment
    const before = arrive();
    const at = placeHere();
    if (this.#undoing) {
      this.#undoing = false;
      return event.stopImmediatePropagation();
    }
    const dialogs = openDialogs();
    if (isNew) {
      this.#forget(at);
      for (const dialog of dialogs) dialog.close();
    } else if (dialogs.length > 0 && at !== before.at) {
      dialogs.at(-1)?.close();
      this.#undoing = true;
      event.stopImmediatePropagation(); // nothing else follows a step that is undone
      return history.go(before.at - at);
    }
    const address = readAddress(location);
    if (!address) return location.reload();
    if (this.#shown && sameView(address, this.#shown)) return this.#moveInside(before);
    this.#leave(before.at - before.over);
    this.#show(address, this.#places.get(at));
  };

  /** Follows a step between fragments of one view. @param {import("../ui/history.js").Spot} before */
  #moveInside(before) {
    if (before.over > 0 || overHere() > 0) return; // a panel's page follows it
    this.#leave(before.at);
    const place = this.#places.get(placeHere());
    if (place === undefined) return;
    this.#resumed = location.hash;
    dispatchEvent(new CustomEvent(RESUME, { detail: place }));
  }

  /** The browser went to a fragment: a place that the reader had is kept. */
  #onFragment = (/** @type {Event} */ event) => {
    if (this.#resumed === location.hash) event.stopImmediatePropagation();
    this.#resumed = null;
  };
}

/** Goes once more to what the address names. @param {string} name of a message or of a part of the page */
function pointAgain(name) {
  const part = document.getElementById(name);
  if (!part || part.dataset.seq) return dispatchEvent(new HashChangeEvent("hashchange"));
  part.tabIndex = -1; // or it takes no focus
  part.focus();
}

/** The path of an invitation link, whose secret is kept in this tab and not in the address.
 * @param {URL} url */
async function withoutSecret({ pathname, hash }) {
  const { saveInvitationLink } = await import("./invitation-link.js");
  if (hash) saveInvitationLink(hash);
  return pathname;
}

/** @returns {HTMLDialogElement[]} */
const openDialogs = () => [
  .../** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll("dialog[open]")),
];
