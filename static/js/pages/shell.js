/**
 * The shell: it stays while its views change, with one account, one socket and one room list. Every
 * view is in the page as a template, so that changing it fetches no page.
 */

import { LateSidebar } from "../panels/late-sidebar.js";
import { byId } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";
import { siteTitle } from "../ui/site-name.js";
import { opensHere, readAddress } from "./address.js";
import { keepShellOf, requireAccount, startChat } from "./bootstrap.js";

/** @typedef {import("./address.js").Address} Address */
/** @typedef {import("./types.js").Visit} Visit */
/** @typedef {{open: (visit: Visit, address: any) => import("./router.js").View}} ViewModule */

/** @type {Record<Address["view"], () => Promise<ViewModule>>} */
const VIEWS = {
  rooms: () => import("./rooms-view.js"),
  new: () => import("./new-room-view.js"),
  settings: () => import("./settings-view.js"),
  invite: () => import("./invite-view.js"),
  room: () => import("./room-view.js"),
};

/** Looks for a new announcement from time to time. */
const watchAnnouncement = async () => (await import("./announcement-watch.js")).watchAnnouncement();

/** Starts the shell on a page that shows one of its views already.
 * @param {import("../conversation/account/account.js").Account} [account] if it is known to be here */
export async function startShell(account) {
  const me = account ?? (await requireAccount());
  new Shell(me).start();
}

class Shell {
  #me;
  #chat;
  #sidebar;
  /** @type {ReturnType<typeof import("../ui/drawer.js").startDrawer> | null} loaded when its button is
   * pressed, or once a view is shown */
  #drawer = null;
  /** @type {Promise<typeof import("../ui/go.js").go> | null} what follows links, loaded when one is pressed, or once a view is
   * shown */
  #router = null;
  #unsent = new Map();
  #leaving = new AbortController();
  #listed = false;
  /** @type {Promise<void> | null} */
  #listing = null;
  #loading = false;
  #arrived = false;
  /** @type {import("./router.js").Shown | undefined} */
  #first;

  /** @param {import("../conversation/account/account.js").Account} me */
  constructor(me) {
    this.#me = me;
    this.#chat = startChat(me);
    this.#sidebar = new LateSidebar(me, this.#chat);
    document.addEventListener("click", this.#onClick);
    document.addEventListener("click", this.#onLink);
    this.#chat.addEventListener("reset", () => location.reload());
    const { space } = me.store;
    space.addEventListener("full", async () => {
      const part = await loadPart(() => import("../ui/full-storage.js"));
      part?.showFullStorage(space.lacking);
    });
    this.#chat.addEventListener("forgotten-elsewhere", () => location.assign("/rooms/"));
    addEventListener("pagehide", () => this.#leaving.abort());
  }

  /** Shows what the page's address means. */
  start() {
    const address = readAddress(location) ?? /** @type {const} */ ({ view: "rooms" });
    this.#first = { address, view: this.show(address, undefined) };
  }

  #loadRouter() {
    this.#router ??= this.#startRouter().catch((error) => {
      this.#router = null;
      throw error;
    });
    return this.#router;
  }

  async #startRouter() {
    const [{ Router }, { go }] = await Promise.all([import("./router.js"), import("../ui/go.js")]);
    document.removeEventListener("click", this.#onLink);
    new Router((address, place) => this.show(address, place)).start(this.#first);
    return go;
  }

  /** Follows a link that is pressed before what follows links is here: without it the browser does.
   * @param {MouseEvent} event */
  #onLink = (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin) return;
    const { target } = link;
    if (!opensHere(event, { target, download: link.hasAttribute("download") })) return;
    if (!readAddress(link) || (link.hash && link.pathname === location.pathname)) return;
    event.preventDefault();
    const { href } = link;
    this.#loadRouter().then(
      (go) => go(href),
      () => location.assign(href),
    );
  };

  async #loadDrawer() {
    const { startDrawer } = await import("../ui/drawer.js");
    document.removeEventListener("click", this.#onClick);
    this.#drawer ??= startDrawer();
    return this.#drawer;
  }

  /** Opens the list where its button is pressed before what listens to it is here. */
  #onClick = async (/** @type {MouseEvent} */ { target }) => {
    if (!(/** @type {Element} */ (target).closest("#open-drawer"))) return;
    (await loadPart(() => this.#loadDrawer()))?.open();
  };

  /** Loads the list, or one room ahead of it: the others follow once that is shown.
   * @param {string} [room] that has to be known */
  #list = async (room) => {
    await this.#listing?.catch(() => {}); // that of the view before
    if (this.#listed && (!room || this.#chat.serverRoom(room))) return;
    if (room && !this.#listed && (await this.#chat.loadRoom(room))) return;
    this.#listing = this.#load(room);
    await this.#listing;
  };

  /** @param {string} [room] */
  async #load(room) {
    await this.#chat.loadRooms(room);
    this.#listed = true;
  }

  #onShown = () => {
    this.#list().catch(() => {}); // again once connected
    this.#loadAhead();
  };

  #loadAhead() {
    if (this.#loading) return;
    this.#loading = true;
    this.#loadRouter().catch(() => {}); // the next link loads it again
    this.#loadDrawer().catch(() => {}); // its button loads it again
    this.#sidebar.loadAll().catch(() => {}); // the connection's next change loads it again
    this.#loadParts().catch(() => {
      this.#loading = false; // the next view loads them
    });
  }

  async #loadParts() {
    const { loadAhead, ROOM_PARTS } = await import("./load-ahead.js");
    const views = Object.values(VIEWS);
    const others = [watchAnnouncement, () => keepShellOf(this.#chat)];
    const reached = () => this.#reached();
    await loadAhead([VIEWS.room, ...ROOM_PARTS, ...views, ...others], { reached });
  }

  /** Settled once the connection is back, if it was lost. */
  async #reached() {
    while (this.#chat.isAway)
      await new Promise((resolve) =>
        this.#chat.addEventListener("status", resolve, { once: true }),
      );
  }

  /** @param {string} title of the page */
  #beginWithoutRoom(title) {
    this.#sidebar.show({ title, current: "", waiting: () => 0, jump: null });
    this.#sidebar.load().catch(() => {}); // the connection's next change loads it again
    this.#list()
      .catch(() => {}) // again once connected
      .then(() => {
        this.#chat.connect();
        this.#loadAhead();
      });
  }

  /** Shows a view in place of the one before. @param {Address} address @param {unknown} place
   * @returns {import("./router.js").View} */
  show(address, place) {
    this.#drawer?.hide();
    this.#leaving.abort();
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    const title = this.#arrived ? mount(address.view) : document.title;
    /** @type {import("./router.js").View | undefined} */
    let view;
    const visit = {
      me: this.#me,
      chat: this.#chat,
      sidebar: this.#sidebar,
      list: this.#list,
      shown: this.#onShown,
      beginWithoutRoom: () => this.#beginWithoutRoom(title),
      unsent: this.#unsent,
      signal,
      title,
      arrived: this.#arrived,
      place,
    };
    this.#arrived = true;
    loadPart(VIEWS[address.view]).then((part) => {
      if (part && !signal.aborted) view = part.open(visit, address);
    });
    return { place: () => view?.place(), again: () => view?.again() };
  }
}

/** Puts a view's template into the page. @param {Address["view"]} name @returns {string} its title */
function mount(name) {
  const template = byId(`view-${name}`, HTMLTemplateElement);
  for (const part of document.querySelectorAll("body > main, body > aside")) part.remove();
  document.body.className = template.dataset.class ?? "";
  byId("sidebar").after(document.importNode(template.content, true));
  return siteTitle(template.dataset.title ?? "");
}
