/** Searching one room, in its panel, and all rooms, in a dialog that every page has. */

import { Backfill } from "../conversation/search/backfill.js";
import { findByName } from "../conversation/search/query.js";
import { RoomSearch } from "../conversation/search/room-search.js";
import { byId } from "../pages/bootstrap.js";
import { h, icon } from "../ui/dom.js";
import { called } from "../ui/roomlist.js";
import { createBackfillStatus } from "../ui/search-backfill.js";
import { strings } from "../ui/strings.js";
import { SearchBox } from "./search-box.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/chat.js").Chat} Chat */
/** @typedef {import("../conversation/search/query.js").Query} Query */

/** @param {KeyboardEvent} event */
const isTyping = ({ target }) =>
  target instanceof Element &&
  target.closest("input, textarea, select, [contenteditable]") !== null;

/**
 * The search of an open room: a button in its head, or `/`.
 * @param {Account} me @param {Chat} chat @param {import("../conversation/chat.js").OpenRoom} room
 * @param {ReturnType<typeof import("../ui/panel.js").createPanel>} panel
 * @param {{lines: () => import("../conversation/messages/decode-message.js").Message[],
 *   jump: (seq: number) => Promise<void>}} conversation
 */
export function startSearch(me, chat, { session, timeline }, panel, { lines, jump }) {
  const opener = byId("open-search");
  const isHidden = (/** @type {string} */ uid) => chat.blocks.uids.has(uid);
  const name = () => nameOf(chat, session.id);
  const room = new RoomSearch(me, session, { lines, isHidden, name });
  const fill = startFilling(me, session);
  const box = new SearchBox({
    many: false,
    roomsFor: async () => [room],
    onGo: async ({ seq }) => {
      if (matchMedia("(max-width: 640px)").matches) await closed(panel);
      await jump(seq);
    },
    above: fill.node,
    below: allRoomsButton(() => box.text),
  });
  const shown = () => panel.isOpen() && box.node.isConnected;
  const open = () => {
    if (!shown()) panel.open(opener, strings.search.title, [box.node], "search");
    const { intro, onDevice } = strings.search;
    box.introduce(room.byServer ? intro : `${intro} ${onDevice}`);
    box.focus();
    fill.begin();
  };
  opener.addEventListener("click", () => (shown() ? panel.close() : open()));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    open();
  });
  timeline.addEventListener("items", (event) => {
    const { detail } = /** @type {CustomEvent<{kind: string}[]>} */ (event);
    if (detail.some(({ kind }) => kind === "change")) room.clearCache();
  });
}

/** @param {() => string} text what was typed */
function allRoomsButton(text) {
  const click = () => byId("search-all").dispatchEvent(new CustomEvent("look", { detail: text() }));
  return h(
    "button",
    { class: "link-button search-foot", type: "button", onclick: click },
    strings.search.all,
  );
}

/** What a room is called in the list. @param {Chat} chat @param {string} id */
function nameOf(chat, id) {
  const listed = chat.rooms.find((room) => room.id === id);
  return (listed && called(listed)) || strings.unnamed;
}

/** The panel has gone, and with it its places in the browser's history.
 * @param {ReturnType<typeof import("../ui/panel.js").createPanel>} panel */
function closed(panel) {
  panel.close();
  if (!panel.isOpen()) return Promise.resolve();
  return new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
}

/** Older messages without tokens get them while somebody searches.
 * @param {Account} me @param {import("../conversation/room/room-session.js").RoomSession} session */
function startFilling(me, session) {
  const backfill = new Backfill(me, session);
  /** @type {import("../ui/search-backfill.js").BackfillStatus} */
  let filling = { state: "none", done: 0, taken: 0, problem: "" };
  let stop = new AbortController();
  let asked = false;
  const fill = createBackfillStatus({ onStart: () => run(), onStop: () => stop.abort() });
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
 * @param {Account} me @param {Chat} chat
 * @param {{current: string, jump?: (seq: number) => Promise<void>}} page the room that is open
 */
export function startSearchAll(me, chat, { current, jump }) {
  const opener = byId("search-all");
  /** @type {Map<string, RoomSearch>} */
  const known = new Map();
  const isHidden = (/** @type {string} */ uid) => chat.blocks.uids.has(uid);

  /** @param {string} id */
  async function roomOf(id) {
    const name = () => nameOf(chat, id);
    const found = known.get(id) ?? new RoomSearch(me, await chat.session(id), { isHidden, name });
    known.set(id, found);
    found.clearCache();
    return found;
  }

  /** @param {Query} query */
  async function roomsFor({ in: names }) {
    const rooms = chat.rooms
      .filter(({ accepted, closed: over }) => accepted && !over)
      .map((room) => ({ id: room.id, name: called(room) }));
    const chosen = new Set(names.flatMap((name) => findByName(rooms, name).map(({ id }) => id)));
    const wanted = rooms.filter(({ id }) => names.length === 0 || chosen.has(id));
    const found = await Promise.all(wanted.map(({ id }) => roomOf(id).catch(() => null)));
    return found.filter((room) => room !== null); // a room without a log to trust has no messages
  }

  const box = new SearchBox({
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
  dialog.addEventListener("close", () => box.leave());
  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // a search field would only empty itself
    dialog.close();
  });
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
