/**
 * The list of rooms with its filter. `update(rooms)` takes what `Chat.rooms` gives and draws it
 * anew; the focus stays on the room that has it. Below the rooms: joining with a link.
 */

import { avatar } from "./avatar.js";
import { h, icon } from "./dom.js";
import { openJoin } from "./join.js";
import { strings } from "./strings.js";
import { brief, full } from "./time.js";

/** @typedef {import("../conversation/chat.js").Listed} Listed */

const MOST = 99; // a larger count tells nobody more

/**
 * @param {HTMLElement} root @param {HTMLInputElement} filter @param {string} current room's id
 */
export function createRoomList(root, filter, current) {
  /** @type {Listed[] | null} */
  let rooms = null;

  function draw() {
    if (!rooms) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.room;
    root.replaceChildren(...list(rooms, filter.value, current));
    if (focused) /** @type {any} */ (root.querySelector(`[data-room="${focused}"]`))?.focus();
  }

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

/** The rooms that a filter leaves, in their order. @param {Listed[]} rooms @param {string} wanted */
export function matching(rooms, wanted) {
  const needle = wanted.trim().toLowerCase();
  return rooms.filter(({ name }) => name.toLowerCase().includes(needle));
}

/** @param {Listed[]} rooms @param {string} wanted @param {string} current @returns {Node[]} */
function list(rooms, wanted, current) {
  if (rooms.length === 0) return [nothingYet()];
  const shown = matching(rooms, wanted);
  if (shown.length === 0) return [h("p", { class: "list-empty" }, strings.noMatch)];
  const join = h(
    "button",
    { class: "list-join", type: "button", "data-room": "join", onclick: () => openJoin() },
    icon("link"),
    strings.join,
  );
  return [h("ul", {}, ...shown.map((room) => line(room, room.id === current))), join];
}

function nothingYet() {
  return h(
    "div",
    { class: "list-empty stack" },
    h("p", {}, strings.noRooms),
    h("a", { class: "button small", href: "/rooms/new/" }, strings.newRoom),
    h(
      "button",
      { class: "button quiet small", type: "button", onclick: () => openJoin() },
      strings.join,
    ),
  );
}

/** @param {Listed} room @param {boolean} current */
function line({ id, name, last, time, unread }, current) {
  const when = time
    ? h("time", { datetime: new Date(time).toISOString(), title: full(time) }, brief(time))
    : h("span");
  return h(
    "li",
    {},
    h(
      "a",
      {
        class: "room-link",
        href: `/rooms/${id}/`,
        "data-room": id,
        "aria-current": current && "page",
      },
      avatar(id),
      h(
        "span",
        { class: unread ? "room-link-name unread" : "room-link-name" },
        name || strings.unnamed,
      ),
      when,
      h("span", { class: "room-link-last" }, last),
      unread ? badge(unread) : h("span"),
    ),
  );
}

/** @param {number} unread */
const badge = (unread) =>
  h(
    "span",
    { class: "badge" },
    h("span", { "aria-hidden": "true" }, unread > MOST ? `${MOST}+` : String(unread)),
    h("span", { class: "visually-hidden" }, ` ${strings.unread(unread)}`),
  );
