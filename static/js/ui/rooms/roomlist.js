/**
 * The list of rooms with its filter, as `Chat.rooms` gives them.
 * Above the rooms: requests; below: joining by a link.
 */

import { h, icon, isComposing } from "../dom.js";
import { loadPart } from "../load-part.js";
import { avatar } from "../people/avatar.js";
import { called } from "../people/names.js";
import { PressGuard } from "../press.js";
import { listStrings } from "../strings/list.js";
import { strings } from "../strings.js";
import { lacksText, loadText, preview } from "../text/late-text.js";
import { brief, full } from "../time.js";

/** @typedef {import("../../conversation/chat.js").RoomListItem} RoomListItem */

const MOST = 99; // larger counts show as 99+
/** Ends that somebody has to decide about. @type {Set<string>} */
const ALARMS = new Set(["frozen", "strangers"]);

/** @type {typeof import("../people/requests.js") | undefined} loaded when somebody asks first */
let asking;

async function openJoin() {
  const part = await loadPart(() => import("../people/join-dialog.js"));
  part?.openJoin();
}

export class RoomListView {
  #root;
  #filter;
  #currentRoom;
  #callbacks;
  #presses;
  /** @type {RoomListItem[] | null} */
  #rooms = null;
  /** @type {import("../../conversation/room/asked-rooms.js").AskedRoom[]} */
  #asked = [];
  #lines = new Lines();

  /**
   * @param {HTMLElement} root @param {HTMLInputElement} filter @param {() => string} currentRoom its id
   * @param {{onAnswer?: import("../people/requests.js").Answer, onForget?: (iid: string) => unknown}} [callbacks]
   *   `onAnswer` to a request: without it one answers inside; `onForget`: a request of the account
   */
  constructor(root, filter, currentRoom, callbacks = {}) {
    this.#root = root;
    this.#filter = filter;
    this.#currentRoom = currentRoom;
    this.#callbacks = callbacks;
    this.#presses = new PressGuard(root);
    filter.addEventListener("input", this.#draw);
    filter.addEventListener("keydown", this.#onFilterKey);
    root.addEventListener("keydown", this.#onListKey);
  }

  /** Renders the list and keeps the focus. @param {RoomListItem[]} rooms
   * @param {import("../../conversation/room/asked-rooms.js").AskedRoom[]} [asked] */
  update(rooms, asked = []) {
    this.#rooms = rooms;
    this.#asked = asked;
    this.#presses.draw(this.#draw);
  }

  close() {
    this.#filter.removeEventListener("input", this.#draw);
    this.#filter.removeEventListener("keydown", this.#onFilterKey);
    this.#root.removeEventListener("keydown", this.#onListKey);
  }

  #draw = () => {
    if (!this.#rooms) return;
    const current = this.#currentRoom();
    const { onAnswer, onForget } = this.#callbacks;
    const asked = this.#asked;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.room;
    const waiting = this.#rooms.filter(({ accepted }) => accepted === false);
    const own = this.#rooms.filter(({ accepted }) => accepted !== false);
    const above = waiting.length + asked.length > 0;
    place(this.#root, [
      ...(waiting.length > 0 && asking ? [asking.requests(waiting, current, onAnswer)] : []),
      ...this.#lines.draw(own, this.#filter.value, current, above),
      ...(asked.length > 0 && asking ? [asking.askedList(asked, onForget)] : []),
    ]);
    /** @type {HTMLElement | null} */
    const same = focused ? this.#root.querySelector(`[data-room="${focused}"]`) : null;
    if (same !== document.activeElement) same?.focus();
    if (above && !asking) this.#drawRequests();
    if (lacksText(own.map(({ last }) => last))) this.#drawWords();
  };

  /** Draws the requests once their part is loaded; the next drawing tries again. */
  async #drawRequests() {
    asking = await import("../people/requests.js").catch(() => undefined);
    if (asking) this.#presses.draw(this.#draw);
  }

  /** Draws the previews without marks once their part is loaded; the next drawing tries again. */
  async #drawWords() {
    if (await loadText().catch(() => null)) this.#presses.draw(this.#draw);
  }

  get #links() {
    return /** @type {HTMLElement[]} */ ([...this.#root.querySelectorAll(".room-link")]);
  }

  /** Enter opens the first room that the filter leaves; arrows lead into the list and within it.
   * @param {KeyboardEvent} event */
  #onFilterKey = (event) => {
    if (isComposing(event) || !["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const [first] = this.#links;
    if (event.key === "Enter") first?.click();
    else first?.focus();
  };

  /** @param {KeyboardEvent} event */
  #onListKey = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = this.#links;
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (!step || at < 0) return;
    event.preventDefault();
    (at + step < 0 ? this.#filter : all[at + step])?.focus();
  };
}

/** The rooms that a filter leaves, in their order. @param {RoomListItem[]} rooms @param {string} wanted */
export function matching(rooms, wanted) {
  const needle = wanted.trim().toLowerCase();
  return rooms.filter((room) => called(room).toLowerCase().includes(needle));
}

/** The lines of the rooms. A line is made again only when what it shows has changed: a list of
 * hundreds of rooms changes once for each of them while they are loaded. */
class Lines {
  #all = h("ul");
  /** @type {Map<string, {shown: string, line: HTMLElement}>} by room */
  #kept = new Map();
  #join = h(
    "button",
    { class: "list-join", type: "button", "data-room": "join", onclick: openJoin },
    icon("link"),
    strings.join,
  );

  /** @param {RoomListItem[]} rooms @param {string} wanted @param {string} current
   * @param {boolean} asked whether something else stands above @returns {Node[]} */
  draw(rooms, wanted, current, asked) {
    if (rooms.length === 0 && !asked) return [nothingYet()];
    const shown = matching(rooms, wanted);
    if (rooms.length > 0 && shown.length === 0) {
      return [h("p", { class: "list-empty" }, listStrings.noMatch)];
    }
    const before = this.#kept;
    this.#kept = new Map(shown.map((room) => [room.id, this.#line(room, current, before)]));
    place(
      this.#all,
      Array.from(this.#kept.values(), ({ line }) => line),
    );
    return [this.#all, this.#join];
  }

  /** @param {RoomListItem} room @param {string} current
   * @param {Map<string, {shown: string, line: HTMLElement}>} before */
  #line(room, current, before) {
    const parts = partsOf(room, room.id === current);
    const shown = JSON.stringify(parts);
    const kept = before.get(room.id);
    return kept?.shown === shown ? kept : { shown, line: line(parts) };
  }
}

/** Makes nodes the children of an element. Those that are there already and in this order are not
 * touched: they keep their focus, and the browser has nothing to lay out again.
 * @param {HTMLElement} parent @param {Node[]} nodes */
function place(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  for (const [at, node] of nodes.entries()) {
    const there = parent.childNodes[at];
    if (there !== node) parent.insertBefore(node, there ?? null);
  }
}

function nothingYet() {
  return h(
    "div",
    { class: "list-empty stack" },
    h("p", {}, listStrings.noRooms),
    h("a", { class: "button small", href: "/rooms/new/" }, strings.newRoom),
    h("button", { class: "button quiet small", type: "button", onclick: openJoin }, strings.join),
  );
}

/** The reason why nothing can be written there, in a few words; "" for none. @param {RoomListItem} room */
function endText({ end, endedBy: { who, at } = { who: "", at: 0 } }) {
  const by = who && at > 0 && end && listStrings.endedBy[end];
  if (by) return by(who, brief(at));
  return end ? listStrings.ended[end] : "";
}

/** All that a room's line shows, as plain values. @param {RoomListItem} room @param {boolean} current */
function partsOf(room, current) {
  const { id, who, last, mentions, time, unread, mentioned, closed, knocks, peer, end } = room;
  const ended = endText(room) || (closed ? listStrings.list.closed : "");
  return {
    id,
    face: peer?.uid ?? id,
    name: called(room),
    current,
    over: closed || room.kept,
    time: time ? { iso: new Date(time).toISOString(), full: full(time), brief: brief(time) } : null,
    last: ended || `${who && `${who}: `}${preview(last, mentions)}`,
    alarm: ALARMS.has(end),
    knocks,
    unread,
    mentioned,
  };
}

/** @param {ReturnType<typeof partsOf>} parts */
function line({ id, face, name, current, over, time, last, alarm, knocks, unread, mentioned }) {
  return h(
    "li",
    {},
    h(
      "a",
      {
        class: over ? "room-link closed" : "room-link",
        href: `/rooms/${id}/`,
        "data-room": id,
        "aria-current": current && "page",
      },
      avatar(face),
      h(
        "span",
        { class: unread ? "room-link-name unread" : "room-link-name", dir: "auto", title: name },
        name || strings.unnamed,
      ),
      time ? h("time", { datetime: time.iso, title: time.full }, time.brief) : h("span"),
      h("span", { class: alarm ? "room-link-last alarm" : "room-link-last", dir: "auto" }, last),
      h(
        "span",
        { class: "room-link-counts" },
        knocks > 0 && knockCount(knocks),
        count(unread, mentioned),
      ),
    ),
  );
}

/** @param {number} knocks */
const knockCount = (knocks) =>
  h(
    "span",
    { class: "badge quiet", title: listStrings.list.knocks(knocks) },
    icon("invite", "small"),
    h("span", { "aria-hidden": "true" }, String(knocks)),
    h("span", { class: "visually-hidden" }, ` ${listStrings.list.knocks(knocks)}`),
  );

/** @param {number} unread @param {boolean} mentioned */
const count = (unread, mentioned) =>
  unread > 0 &&
  h(
    "span",
    { class: mentioned ? "badge mentioned" : "badge" },
    h("span", { "aria-hidden": "true" }, (mentioned ? "@" : "") + most(unread)),
    h("span", { class: "visually-hidden" }, ` ${strings.unread(unread)}`),
    mentioned && h("span", { class: "visually-hidden" }, `, ${strings.mentioned}`),
  );

/** @param {number} n */
const most = (n) => (n > MOST ? `${MOST}+` : String(n));
