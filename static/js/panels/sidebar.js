/** The room list beside every page: names, unread counts, title, connection banner. */

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
 * @param {import("../conversation/account/account.js").Account} me
 * @param {import("../conversation/chat.js").Chat} chat
 * @param {object} [about]
 * @param {string} [about.current] the room that is open
 * @param {() => number} [about.waiting]
 * @param {(seq: number) => Promise<void>} [about.jump] go to a message of that room
 */
export function startSidebar(me, chat, { current = "", waiting = () => 0, jump } = {}) {
  const list = createRoomList(byId("room-list"), byId("room-filter"), current);
  const banner = createBanner(
    byId("banner"),
    (since) => {
      const { status, restarting } = chat;
      return connectionState({ status, restarting, online: navigator.onLine, since });
    },
    loginAddress(),
  );
  const title = document.title;
  startGlobalSearch(me, chat, { current, jump });
  byId("my-name").textContent = me.name;
  byId("my-avatar").append(avatar(me.uid, "small"));
  me.store.accounts.current().then((account) => {
    byId("kit-badge").hidden = account?.kitSaved ?? true;
  });

  const drawRooms = () => {
    list.update(chat.rooms);
    const name = chat.rooms.find(({ id }) => id === current)?.name;
    const base = name ? `${name} · Sotto` : title;
    document.title = chat.unread > 0 ? `(${chat.unread}) ${base}` : base;
  };
  const drawStatus = () => banner.update(waiting());
  chat.addEventListener("rooms", drawRooms);
  chat.addEventListener("status", drawStatus);
  addEventListener("offline", drawStatus);
  watchDays(drawRooms);
  addEventListener("online", drawStatus);
  return { drawStatus };
}
