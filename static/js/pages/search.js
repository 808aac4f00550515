/** Searching one room, in its panel, and all rooms, in a dialog that every page has. */

import { Backfill } from "../conversation/search/backfill.js";
import { excerpt, mark } from "../conversation/search/matching.js";
import { asksAnything, meant, parseQuery } from "../conversation/search/query.js";
import { RoomSearch } from "../conversation/search/room-search.js";
import { Search } from "../conversation/search/search.js";
import { h, icon } from "../ui/dom.js";
import { called } from "../ui/roomlist.js";
import { createSearch } from "../ui/search.js";
import { createFill } from "../ui/search-fill.js";
import { strings } from "../ui/strings.js";
import { byId } from "./parts.js";

/** @typedef {import("../conversation/me.js").Me} Me */
/** @typedef {import("../conversation/chat.js").Chat} Chat */
/** @typedef {import("../conversation/search/query.js").Query} Query */
/** @typedef {import("../conversation/search/search.js").Found} Found */
/** @typedef {import("../ui/search.js").Order} Order */
/** @typedef {{room: string, seq: number}} Place */

const AFTER_TYPING = 250; // ms

/** A field and its hits. What was typed and found stays while it is closed. */
class Box {
  #view;
  #roomsFor;
  #many;
  #text = "";
  /** @type {Order} */
  #order = "newest";
  /** @type {Search | null} */
  #search = null;
  /** @type {string[]} */
  #notes = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #turn = 0;

  /**
   * @param {object} about
   * @param {boolean} about.many whether it searches many rooms
   * @param {(query: Query) => Promise<RoomSearch[]>} about.roomsFor
   * @param {(place: Place) => void} about.onGo
   * @param {Node[]} [about.extra] what stands between the field and the hits
   * @param {string} [about.intro]
   */
  constructor({ many, roomsFor, onGo, extra, intro }) {
    this.#many = many;
    this.#roomsFor = roomsFor;
    const { operators, inRoom, field, fieldAll } = strings.search;
    const about = {
      label: many ? fieldAll : field,
      operators: many ? [...operators, inRoom] : operators,
      extra,
      intro,
    };
    this.#view = createSearch(about, {
      onQuery: (text, order) => this.#typed(text, order),
      onNow: () => this.#now(),
      onGo: ({ key }) => {
        const [room, seq] = key.split(":");
        onGo({ room, seq: Number(seq) });
      },
      onMore: () => this.#more(),
      onStop: () => this.#search?.stop(),
    });
    this.#draw();
  }

  get node() {
    return this.#view.node;
  }

  focus() {
    this.#view.focus();
  }

  get text() {
    return this.#view.text;
  }

  /** @param {string} text */
  look(text) {
    this.#view.text = text;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#search?.stop();
  }

  /** @param {string} text @param {Order} order */
  #typed(text, order) {
    if (text.trim() === this.#text && order === this.#order) return;
    [this.#text, this.#order] = [text.trim(), order];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), AFTER_TYPING);
  }

  #now() {
    if (this.#timer === undefined) return this.#view.focusFirst();
    this.#begin();
  }

  #more() {
    const again = this.#search?.stopped || this.#search?.failures.length;
    if (again) this.#begin();
    else this.#search?.more();
  }

  async #begin() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#turn += 1;
    const turn = this.#turn;
    this.#search?.stop();
    this.#search = null;
    const query = parseQuery(this.#text);
    this.#notes = notesOn(query, this.#many);
    if (asksAnything(query)) {
      const rooms = await this.#roomsFor(query);
      if (turn !== this.#turn) return;
      if (rooms.length === 0) this.#notes = [strings.search.noRoom];
      else this.#look(new Search(rooms, query, this.#order));
    }
    this.#draw();
  }

  /** @param {Search} search */
  #look(search) {
    this.#search = search;
    search.addEventListener("changed", () => {
      if (search === this.#search) this.#draw();
    });
    search.more();
  }

  #draw() {
    const search = this.#search;
    if (!search) {
      const progress = { searched: 0, total: 0, all: 0 };
      const state = this.#notes.length > 0 ? "rest" : "idle";
      const none = { hits: [], failures: [], done: false, progress };
      this.#view.update({ ...none, state, notes: this.#notes, done: state === "rest" });
      return;
    }
    const { busy, stopped, done, failures, progress, query } = search;
    const nobody = done && query.from.length > 0 && progress.total === 0 && failures.length === 0;
    this.#view.update({
      state: stopped ? "stopped" : busy ? "busy" : "rest",
      notes: nobody ? [...this.#notes, strings.search.nobody] : this.#notes,
      hits: search.hits.map((found) => hitOf(found, query, this.#many)),
      done,
      progress,
      failures,
    });
  }
}

/** What cannot be looked for as it stands. @param {Query} query @param {boolean} many */
function notesOn({ text, terms, problems, in: rooms, from, has, before, after }, many) {
  const notes = problems.map(([operator, value]) => strings.search.problem(operator, value));
  const narrowed = from.length + has.length > 0 || before !== "" || after !== "";
  if (/\p{L}/u.test(text) && terms.length === 0 && !narrowed) notes.push(strings.search.common);
  if (!many && rooms.length > 0) notes.push(strings.search.inHere);
  return notes;
}

/** @param {Found} found @param {Query} query @param {boolean} many */
const hitOf = ({ key, room, roomName, line }, { terms }, many) => ({
  key,
  href: `/rooms/${room}/#m${line.seq}`,
  room: many ? roomName : "",
  author: line.author,
  ts: line.ts,
  pieces: excerpt(mark(line.text, terms)),
  files: (line.content?.files ?? []).map((/** @type {{name: string}} */ { name }) => name),
  edited: line.edited ?? false,
});

/** @param {KeyboardEvent} event */
const isTyping = ({ target }) =>
  target instanceof Element &&
  target.closest("input, textarea, select, [contenteditable]") !== null;

/**
 * The search of an open room: a button in its head, or `/`.
 * @param {Me} me @param {Chat} chat @param {import("../conversation/chat.js").OpenRoom} room
 * @param {ReturnType<typeof import("../ui/panel.js").createPanel>} panel
 * @param {{lines: () => import("../conversation/changes.js").Line[],
 *   jump: (seq: number) => Promise<void>}} conversation
 */
export function startSearch(me, chat, { session, timeline }, panel, { lines, jump }) {
  const opener = byId("open-search");
  const isHidden = (/** @type {string} */ uid) => chat.blocks.uids.has(uid);
  const room = new RoomSearch(me, session, { lines, isHidden });
  const fill = startFilling(me, session);
  const box = new Box({
    many: false,
    roomsFor: async () => [room],
    onGo: async ({ seq }) => {
      if (matchMedia("(max-width: 640px)").matches) await closed(panel);
      await jump(seq);
    },
    extra: [fill.node, allRoomsButton(() => box.text)],
    intro: room.byServer ? undefined : `${strings.search.intro} ${strings.search.onDevice}`,
  });
  const open = () => {
    if (!box.node.isConnected) panel.open(opener, strings.search.title, [box.node], "search");
    if (!box.node.isConnected) return;
    box.focus();
    fill.begin();
  };
  opener.addEventListener("click", () => (box.node.isConnected ? panel.close() : open()));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    open();
  });
  timeline.addEventListener("items", (event) => {
    const { detail } = /** @type {CustomEvent<{kind: string}[]>} */ (event);
    if (detail.some(({ kind }) => kind === "change")) room.forget();
  });
}

/** @param {() => string} text what was typed */
function allRoomsButton(text) {
  const click = () => byId("search-all").dispatchEvent(new CustomEvent("look", { detail: text() }));
  return h("button", { class: "link-button", type: "button", onclick: click }, strings.search.all);
}

/** The panel has gone, and with it its places in the browser's history.
 * @param {ReturnType<typeof import("../ui/panel.js").createPanel>} panel */
function closed(panel) {
  panel.close();
  if (!panel.isOpen()) return Promise.resolve();
  return new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
}

/** Older messages without tokens get them while somebody searches.
 * @param {Me} me @param {import("../conversation/room-session.js").RoomSession} session */
function startFilling(me, session) {
  const backfill = new Backfill(me, session);
  /** @type {import("../ui/search-fill.js").Filling} */
  let filling = { state: "none", done: 0, taken: 0, problem: "" };
  let stop = new AbortController();
  let asked = false;
  const fill = createFill({ onStart: () => run(), onStop: () => stop.abort() });
  const set = (/** @type {Partial<typeof filling>} */ what) => {
    filling = { ...filling, ...what };
    fill.update(filling);
  };

  async function run() {
    stop = new AbortController();
    set({ state: "busy", problem: "" });
    try {
      const taken = await backfill.run(stop.signal, (done) => set({ done }));
      set({ state: "done", taken });
    } catch (/** @type {any} */ error) {
      set({ state: "paused", problem: error.name === "AbortError" ? "" : error.message });
    }
  }

  return {
    node: fill.node,
    /** Once a visit. */
    async begin() {
      if (asked) return;
      asked = true;
      const waiting = await backfill.waiting().catch(() => 0); // asked again on the next visit
      if (waiting > 0) await run();
    },
  };
}

/**
 * The search over all rooms: a button above the list of rooms, or Ctrl K.
 * @param {Me} me @param {Chat} chat
 * @param {{current: string, jump?: (seq: number) => Promise<void>}} page the room that is open
 */
export function startSearchAll(me, chat, { current, jump }) {
  const opener = byId("search-all");
  /** @type {Map<string, RoomSearch>} */
  const known = new Map();
  const isHidden = (/** @type {string} */ uid) => chat.blocks.uids.has(uid);

  /** @param {string} id */
  async function roomOf(id) {
    const found = known.get(id) ?? new RoomSearch(me, await chat.session(id), { isHidden });
    known.set(id, found);
    found.forget();
    return found;
  }

  /** @param {Query} query */
  async function roomsFor({ in: names }) {
    const rooms = chat.rooms
      .filter(({ accepted, closed: over }) => accepted && !over)
      .map((room) => ({ id: room.id, name: called(room) }));
    const chosen = new Set(names.flatMap((name) => meant(rooms, name).map(({ id }) => id)));
    const wanted = rooms.filter(({ id }) => names.length === 0 || chosen.has(id));
    const found = await Promise.all(wanted.map(({ id }) => roomOf(id).catch(() => null)));
    return found.filter((room) => room !== null); // a room without a log to trust has no messages
  }

  const box = new Box({
    many: true,
    roomsFor,
    onGo: ({ room, seq }) => {
      if (room !== current || !jump) {
        location.assign(`/rooms/${room}/#m${seq}`);
        return;
      }
      dialog.close();
      jump(seq);
    },
  });
  const closer = h(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-label": strings.close,
      onclick: () => dialog.close(),
    },
    icon("close"),
  );
  const head = h(
    "header",
    { class: "panel-head" },
    h("h2", { id: "search-all-title" }, strings.search.titleAll),
    closer,
  );
  const dialog = h(
    "dialog",
    { class: "search-all", "aria-labelledby": "search-all-title" },
    head,
    h("div", { class: "panel-body" }, box.node),
  );
  dialog.addEventListener("close", () => box.stop());
  document.body.append(dialog);
  const open = () => {
    if (!dialog.open) dialog.showModal();
    box.focus();
  };
  opener.addEventListener("click", open);
  opener.addEventListener("look", (/** @type {CustomEvent<string>} */ { detail }) => {
    box.look(detail);
    open();
  });
  document.addEventListener("keydown", (event) => {
    const wanted = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (event.key.toLowerCase() !== "k" || !wanted) return;
    if (document.querySelector("dialog[open]:not(.search-all)")) return;
    event.preventDefault();
    open();
  });
}
