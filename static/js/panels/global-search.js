/** The search over all rooms, a dialog: open-global-search.js has the ways into it. */

import { findByName } from "../conversation/search/query.js";
import { RoomSearch } from "../conversation/search/room-search.js";
import { h, icon, isComposing } from "../ui/dom.js";
import { go } from "../ui/go.js";
import { called } from "../ui/people/names.js";
import { searchStrings as strings } from "../ui/strings/search.js";
import { SearchBox } from "./search-box.js";
import { nameOf } from "./search-names.js";

/** @typedef {import("../conversation/search/query.js").Query} Query */
/** @typedef {() => {current: string, jump: ((seq: number) => void) | null}} OpenRoom */

export class GlobalSearch {
  #me;
  #chat;
  #openRoom;
  /** @type {Map<string, RoomSearch>} by room */
  #searches = new Map();
  #box;
  #dialog;

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat
   * @param {OpenRoom} openRoom the room that is open
   */
  constructor(me, chat, openRoom) {
    this.#me = me;
    this.#chat = chat;
    this.#openRoom = openRoom;
    this.#box = new SearchBox({
      many: true,
      roomsFor: (query) => this.#roomsFor(query),
      onGo: (place) => this.#go(place),
      people: () => [...this.#searches.values()].flatMap(({ people }) => people),
    });
    this.#dialog = searchDialog(this.#box);
    document.body.append(this.#dialog);
  }

  /** @param {string} [text] what is looked for at first */
  show(text) {
    this.#roomsFor({ in: [] }); // whose people can be chosen then
    if (!this.#dialog.open) this.#dialog.showModal();
    if (text !== undefined) this.#box.look(text);
    this.#box.focus();
  }

  /** @param {{room: string, seq: number}} place */
  #go({ room, seq }) {
    this.#dialog.close();
    const { current, jump } = this.#openRoom();
    if (room === current && jump) jump(seq);
    else go(`/rooms/${room}/#m${seq}`);
  }

  /** @param {Pick<Query, "in">} query */
  async #roomsFor({ in: names }) {
    const rooms = this.#chat.rooms
      .filter(({ accepted, closed }) => accepted && !closed)
      .map((room) => ({ id: room.id, name: called(room) }));
    const chosen = new Set(names.flatMap((name) => findByName(rooms, name).map(({ id }) => id)));
    const wanted = rooms.filter(({ id }) => names.length === 0 || chosen.has(id));
    // A room whose log cannot be verified has no messages to search.
    const found = await Promise.all(wanted.map(({ id }) => this.#searchOf(id).catch(() => null)));
    return found.filter((search) => search !== null);
  }

  /** @param {string} id of a room */
  async #searchOf(id) {
    const known = this.#searches.get(id);
    const search =
      known ??
      new RoomSearch(this.#me, await this.#chat.session(id), {
        isHidden: this.#chat.blocks.isHidden,
        name: () => nameOf(this.#chat, id),
      });
    this.#searches.set(id, search);
    search.clearCache();
    return search;
  }
}

/** @param {SearchBox} box */
function searchDialog(box) {
  const closer = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": strings.close },
    icon("close"),
  );
  const title = h("h2", { id: "search-all-title" }, strings.search.titleAll);
  const dialog = h(
    "dialog",
    { class: "search-all", "aria-labelledby": "search-all-title" },
    h("header", { class: "panel-head" }, title, closer),
    h("div", { class: "panel-body" }, box.node),
  );
  closer.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => box.leave());
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || isComposing(event)) return;
    event.preventDefault(); // a search field would only clear itself
    dialog.close();
  });
  return dialog;
}
