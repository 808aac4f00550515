/** The room list beside every view: names, unread counts, title, connection banner. */

import { byId } from "../ui/dom.js";
import { avatar } from "../ui/people/avatar.js";
import { RoomListView } from "../ui/rooms/roomlist.js";
import { siteTitle } from "../ui/site-name.js";
import { WIDTH } from "./late-sidebar.js";
import { startGlobalSearch } from "./open-global-search.js";

/** The address of the log-in page, which leads back here. */
export const loginAddress = () =>
  `/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`;

/**
 * @typedef {object} Beside the view that the list stands beside
 * @property {string} title of the page, until the room's name is known
 * @property {string} current the room that is open; "" for none
 * @property {() => number} waiting its unsent messages
 * @property {((seq: number) => void) | null} jump goes to a message of it
 */

/** A banner has nothing to say before this, ms. */
const BANNER_WITHIN = 2500;
const loadBannerParts = () =>
  Promise.all([import("../ui/rooms/banner.js"), import("../conversation/connection-state.js")]);

export class Sidebar {
  #me;
  #chat;
  #began = Date.now();
  #list;
  /** @type {import("../ui/rooms/banner.js").Banner | null} */
  #banner = null;
  /** @type {Beside} */
  #view = { title: document.title, current: "", waiting: () => 0, jump: null };

  /** @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat */
  constructor(me, chat) {
    this.#me = me;
    this.#chat = chat;
    const current = () => this.#view.current;
    this.#list = new RoomListView(byId("room-list"), byId("room-filter"), current, {
      onForget: (iid) => chat.forgetAsked(iid),
    });
    startGlobalSearch(me, chat, () => this.#view);
    byId("my-name").textContent = me.name;
    byId("my-avatar").append(avatar(me.uid, "small"));
    me.store.accounts.current().then((account) => {
      byId("kit-badge").hidden = account?.kitSaved ?? true;
    });
    chat.addEventListener("rooms", () => this.#drawRooms());
    chat.addEventListener("status", () => this.drawStatus());
    for (const change of ["offline", "online"]) addEventListener(change, () => this.drawStatus());
    setTimeout(() => this.loadBanner(), BANNER_WITHIN);
  }

  /** Loads what says how the connection is. Never rejects: the next change of it tries again. */
  async loadBanner() {
    const parts = await loadBannerParts().catch(() => null);
    if (!parts || this.#banner) return;
    const [{ Banner }, { connectionState }] = parts;
    const stateSince = (/** @type {number} */ since) => {
      const { status, restarting } = this.#chat;
      const { ahead } = this.#me.clock;
      return connectionState({ status, restarting, online: navigator.onLine, since, ahead });
    };
    this.#banner = new Banner(byId("banner"), stateSince, loginAddress, this.#began);
    this.drawStatus();
  }

  /** Loads what is not needed at once: the edge that makes the list wider, and what tells that a day
   * has begun. */
  async loadRest() {
    const [{ startSidebarWidth }, { watchDays }] = await Promise.all([
      import("../ui/rooms/sidebar-width.js"),
      import("../ui/timeline/new-day.js"),
    ]);
    watchDays(() => this.#drawRooms());
    const { settings } = this.#me.store;
    startSidebarWidth(byId("sidebar"), (width) => settings.saveSetting(WIDTH, width));
  }

  /** @param {Beside} view that is shown from now on */
  show(view) {
    this.#view = view;
    this.#drawRooms();
  }

  #drawRooms() {
    if (this.#chat.isListed) this.#list.update(this.#chat.rooms, this.#chat.asked);
    this.#drawTitle();
  }

  #drawTitle() {
    const { title, current } = this.#view;
    const name = this.#chat.rooms.find(({ id }) => id === current)?.name;
    const base = name ? siteTitle(name) : title;
    const shown = this.#chat.unread > 0 ? `(${this.#chat.unread}) ${base}` : base;
    if (document.title !== shown) document.title = shown;
  }

  drawStatus() {
    if (this.#banner) this.#banner.update(this.#view.waiting());
    else if (Date.now() - this.#began > BANNER_WITHIN) this.loadBanner();
  }
}
