/** The list of rooms with its filter. `update(rooms)` takes what `Chat.rooms` gives. */

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { strings } from "./strings.js";
import { brief, full } from "./time.js";

/** @typedef {import("../conversation/chat.js").Listed} Listed */

/**
 * @param {HTMLElement} root @param {HTMLInputElement} filter @param {string} current room's id
 */
export function createRoomList(root, filter, current) {
  /** @type {Listed[] | null} */
  let rooms = null;
  const draw = () => rooms && root.replaceChildren(list(rooms, filter.value, current));
  filter.addEventListener("input", draw);
  return {
    /** @param {Listed[]} next */
    update(next) {
      rooms = next;
      draw();
    },
    close: () => filter.removeEventListener("input", draw),
  };
}

/** @param {Listed[]} rooms @param {string} wanted @param {string} current */
function list(rooms, wanted, current) {
  if (rooms.length === 0) return h("p", { class: "list-empty" }, strings.noRooms);
  const needle = wanted.trim().toLowerCase();
  const shown = rooms.filter(({ name }) => name.toLowerCase().includes(needle));
  if (shown.length === 0) return h("p", { class: "list-empty" }, strings.noMatch);
  return h("ul", {}, ...shown.map((room) => line(room, room.id === current)));
}

/** @param {Listed} room @param {boolean} current */
function line({ id, name, last, time, unread }, current) {
  const badge = unread
    ? h(
        "span",
        { class: "badge" },
        String(Math.min(unread, 999)),
        h("span", { class: "visually-hidden" }, ` ${strings.unread(unread)}`),
      )
    : h("span");
  const when = time
    ? h("time", { datetime: new Date(time).toISOString(), title: full(time) }, brief(time))
    : h("span");
  return h(
    "li",
    {},
    h(
      "a",
      { class: "room-link", href: `/rooms/${id}/`, "aria-current": current && "page" },
      avatar(id),
      h("span", { class: "room-link-name" }, name || strings.unnamed),
      when,
      h("span", { class: "room-link-last" }, last),
      badge,
    ),
  );
}
