/** The room list beside every view: names, unread counts, title, connection banner. */

import { connectionState } from "../conversation/connection-state.js";
import { avatar } from "../ui/avatar.js";
import { createBanner } from "../ui/banner.js";
import { byId } from "../ui/dom.js";
import { watchDays } from "../ui/new-day.js";
import { createRoomList } from "../ui/roomlist.js";
import { startGlobalSearch } from "./open-search.js";

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

export class Sidebar {
  #chat;
  #list;
  #banner;
  /** @type {Beside} */
  #view = { title: document.title, current: "", waiting: () => 0, jump: null };

  /** @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat */
  constructor(me, chat) {
    this.#chat = chat;
    this.#list = createRoomList(byId("room-list"), byId("room-filter"), () => this.#view.current);
    this.#banner = createBanner(byId("banner"), (since) => this.#connection(since), loginAddress);
    startGlobalSearch(me, chat, () => this.#view);
    byId("my-name").textContent = me.name;
    byId("my-avatar").append(avatar(me.uid, "small"));
    me.store.accounts.current().then((account) => {
      byId("kit-badge").hidden = account?.kitSaved ?? true;
    });
    chat.addEventListener("rooms", () => this.#drawRooms());
    chat.addEventListener("status", () => this.drawStatus());
    watchDays(() => this.#drawRooms());
    for (const change of ["offline", "online"]) addEventListener(change, () => this.drawStatus());
  }

  /** @param {number} since ms since the connection was last open */
  #connection(since) {
    const { status, restarting } = this.#chat;
    return connectionState({ status, restarting, online: navigator.onLine, since });
  }

  /** @param {Beside} view that is shown from now on */
  show(view) {
    this.#view = view;
    if (this.#chat.rooms.length > 0) this.#drawRooms();
    else this.#drawTitle();
  }

  #drawRooms() {
    this.#list.update(this.#chat.rooms);
    this.#drawTitle();
  }

  #drawTitle() {
    const { title, current } = this.#view;
    const name = this.#chat.rooms.find(({ id }) => id === current)?.name;
    const base = name ? `${name} · Sotto` : title;
    document.title = this.#chat.unread > 0 ? `(${this.#chat.unread}) ${base}` : base;
  }

  drawStatus() {
    this.#banner.update(this.#view.waiting());
  }
}
