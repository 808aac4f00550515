/**
 * Follows links and the browser's history without loading a page: it decides which view an address
 * means, and its owner shows it. Other addresses, other buttons and held keys are the browser's.
 */

import { TaskQueue } from "../conversation/queue.js";
import { onGo } from "../ui/go.js";
import { entry, overHere, placeHere, pushPage, replacePage, step } from "../ui/history.js";
import { opensHere, readAddress, sameView } from "./address.js";

/** @typedef {import("./address.js").Address} Address */
/**
 * @typedef {object} View
 * @property {() => unknown} place where the reader stands in it, to come back to
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
  #at = 0;
  /** The reader's place in each entry of the history. @type {Map<number, unknown>} */
  #places = new Map();
  #queue = new TaskQueue();
  #undoing = false; // a step that closed a dialog

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
    this.#at = placeHere();
    addEventListener("popstate", this.#onMove);
    document.addEventListener("click", this.#onClick);
    onGo(({ path, replace }) => this.#take(path, replace));
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
    // The browser goes to a message of the room that is open: that is a fragment.
    if (url.hash && this.#shown && sameView(address, this.#shown)) return false;
    this.#queue.add(() => this.#travel(address, url, replace)).catch(() => {});
    return true;
  }

  /** @param {Address} address @param {URL} url @param {boolean} replace */
  async #travel(address, url, replace) {
    const path = address.view === "invite" ? await withoutSecret(url) : url.pathname + url.hash;
    for (const dialog of openDialogs()) dialog.close();
    if (overHere() > 0) await step(-overHere());
    const same = this.#shown !== null && sameView(address, this.#shown);
    if (same && path === location.pathname + location.hash) return this.#view?.again();
    this.#leave(this.#at);
    if (replace) replacePage(path);
    else pushPage(path);
    this.#at = placeHere();
    for (const at of this.#places.keys()) if (at >= this.#at) this.#places.delete(at);
    if (same) this.#view?.again();
    else this.#show(address);
  }

  /** @param {number} at the entry that is left */
  #leave(at) {
    const place = this.#view?.place();
    if (place) this.#places.set(at, place);
    else this.#places.delete(at);
  }

  /** Follows Back and Forward. An open dialog is closed first, and the step is undone. */
  #onMove = (/** @type {Event} */ event) => {
    const before = this.#at;
    if (entry().at === undefined) history.replaceState({ ...entry(), at: before + 1 }, "");
    this.#at = placeHere();
    if (this.#undoing) {
      this.#undoing = false;
      return event.stopImmediatePropagation();
    }
    const dialogs = openDialogs();
    if (dialogs.length > 0 && this.#at !== before) {
      dialogs.at(-1)?.close();
      this.#undoing = true;
      event.stopImmediatePropagation(); // nothing else follows a step that is undone
      return history.go(before - this.#at);
    }
    const address = readAddress(location);
    if (!address) return location.reload();
    if (this.#shown && sameView(address, this.#shown)) return;
    this.#leave(before);
    this.#show(address, this.#places.get(this.#at));
  };
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
