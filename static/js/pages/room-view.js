/** One room as a view of the shell: its conversation, its field, its panels. */

import { loadCode } from "../conversation/load-code.js";
import { Outbox } from "../conversation/messages/outbox.js";
import { TimelineModel } from "../conversation/messages/timeline-model.js";
import { peerOf } from "../conversation/room/peer.js";
import { leads } from "../crypto/room-state.js";
import { Conversation } from "../panels/conversation.js";
import { OwnerNotice, plain, RoomNotice, showRequest } from "../panels/notices.js";
import { startRoomSearch } from "../panels/open-search.js";
import { RoomComposer } from "../panels/room-composer.js";
import { RoomEndBar } from "../panels/room-end.js";
import { RoomPanels } from "../panels/room-panels.js";
import { announce, byId, h } from "../ui/dom.js";
import { PREVIEW } from "../ui/limits.js";
import { safeName } from "../ui/names.js";
import { called } from "../ui/roomlist.js";
import { rulesInSight } from "../ui/rules-in-sight.js";
import { strings } from "../ui/strings.js";

/** @typedef {import("../ui/scroll-position.js").Place} Place */
/** @typedef {import("./shell.js").Visit} Visit */

/** The first messages of a room come before the connection, unless it takes long; ms. */
const CONNECT_WITHIN = 1000;

/** @param {Visit} visit @param {{room: string}} address @returns {import("./router.js").View} */
export function open(visit, { room }) {
  const view = new RoomView(visit, room);
  view.start();
  return view;
}

class RoomView {
  #visit;
  #id;
  #title = byId("room-title");
  #notice = new RoomNotice();
  /** @type {Conversation | null} */
  #conversation = null;
  /** @type {Outbox | null} */
  #outbox = null;
  #failed = false;
  #isNamed = false; // whether the title says more than that the room is loading
  #pressAgain = rememberPress(byId("main"));

  /** @param {Visit} visit @param {string} id of the room */
  constructor(visit, id) {
    this.#visit = visit;
    this.#id = id;
    this.#showBeside(visit.title);
    this.#drawKnownName();
    if (visit.arrived) this.#title.focus();
    const { chat, signal } = visit;
    const retry = () => this.#failed && chat.status === "open" && this.start();
    chat.addEventListener("status", retry, { signal });
  }

  /** @param {string} title of the page, as long as the room has no name */
  #showBeside(title) {
    this.#visit.sidebar.show({
      title,
      current: this.#id,
      waiting: () => this.#waiting(),
      jump: (seq) => this.#conversation?.jump(seq),
    });
  }

  #waiting() {
    return this.#outbox?.entries.filter(({ state }) => state === "queued").length ?? 0;
  }

  /** The name that the list has, until the room's log says it. */
  #drawKnownName() {
    const known = this.#visit.chat.rooms.find(({ id }) => id === this.#id);
    const name = known ? called(known) : "";
    if (name) this.#title.textContent = name;
    this.#isNamed = name !== "";
    if (name && this.#visit.arrived) announce(name);
  }

  /** @returns {Place | null} */
  place() {
    return this.#conversation?.place() ?? null;
  }

  /** Shows the newest messages; a room that could not be opened is tried again. */
  again() {
    this.#title.focus();
    if (this.#failed) this.start();
    else this.#conversation?.follow();
  }

  /** Opens the room. Never rejects: what went wrong is said above the conversation. */
  async start() {
    this.#failed = false;
    try {
      await this.#start();
    } catch (/** @type {any} */ error) {
      if (!this.#visit.signal.aborted) this.#fail(error);
    }
  }

  /** The list and its other rooms work all the same. @param {any} error */
  #fail(error) {
    const { chat, shown } = this.#visit;
    this.#failed = true;
    if (error.status === 404) this.#showUnknown();
    else this.#notice.showProblem(error.reason === "illegal" ? strings.frozen : error.message);
    if (!this.#isNamed) this.#title.textContent = strings.notOpened;
    chat.connect();
    shown();
  }

  /** Says that the address leads to no room, in the title, too. */
  #showUnknown() {
    const { title, text, list } = strings.unknownRoom;
    this.#notice.show(plain(text, h("a", { href: "/rooms/" }, list)));
    this.#showBeside(`${title} · Sotto`);
    if (this.#title.textContent !== title) announce(title);
    this.#title.textContent = title;
    this.#isNamed = true;
  }

  async #start() {
    const { chat, shown, signal, place } = this.#visit;
    const open = await this.#open();
    this.#notice.showProblem("");
    const room = new ShownRoom(this.#visit, open, this.#notice);
    const { conversation, composer } = room;
    this.#outbox = open.outbox;
    this.#conversation = conversation;
    const loading = conversation.load(/** @type {Place | undefined} */ (place));
    const connecting = setTimeout(() => chat.connect(), CONNECT_WITHIN);
    await composer.restored; // before anything can be typed
    if (signal.aborted) return;
    room.start();
    this.#pressAgain();
    await loading;
    clearTimeout(connecting);
    chat.connect();
    if (signal.aborted) return;
    this.#focusField(composer);
    room.startRest();
    shown();
  }

  /** The verified room. */
  async #open() {
    const { me, chat, list, signal } = this.#visit;
    await list(this.#id);
    return chat.openRoom(
      this.#id,
      (session) => {
        /** @type {TimelineModel} */
        const timeline = new TimelineModel(me, session, {
          stored: (read) => outbox.onStored(read),
          expected: () => outbox.expected(),
          sealedAt: (seq) => outbox.sealedAt(seq),
        });
        timeline.readAhead();
        const outbox = new Outbox({ me, session, timeline, send: chat.send });
        return { timeline, outbox };
      },
      signal,
    );
  }

  /** Nobody opened a panel meanwhile, and no link names a message, which has the focus then.
   * @param {RoomComposer} composer */
  #focusField(composer) {
    const { activeElement } = document;
    const idle = activeElement === document.body || activeElement === this.#title;
    if (idle && location.hash === "" && !matchMedia("(pointer: coarse)").matches) composer.focus();
  }
}

/** Remembers a button of the room's head that is pressed while nothing listens to it yet.
 * @param {HTMLElement} main @returns {() => void} presses it, and remembers no more */
function rememberPress(main) {
  const head = main.querySelector(".room-head");
  /** @type {HTMLButtonElement | null} */
  let pressed = null;
  const remember = (/** @type {Event} */ { target }) => {
    pressed = /** @type {Element} */ (target).closest("button:not(.drawer-button)");
  };
  head?.addEventListener("click", remember);
  return () => {
    head?.removeEventListener("click", remember);
    pressed?.click();
    pressed = null;
  };
}

/** A room that is open: what belongs to its session. */
class ShownRoom {
  #visit;
  #room;
  #ownerNotice;
  #endBar;
  #panels;

  /** @param {Visit} visit @param {import("../conversation/chat.js").OpenRoom} room
   * @param {RoomNotice} notice */
  constructor(visit, room, notice) {
    this.#visit = visit;
    this.#room = room;
    const { me, chat, signal } = visit;
    const { session, outbox } = room;
    this.#panels = new RoomPanels(me, chat, session, signal);
    this.#ownerNotice = new OwnerNotice(me, chat, session, outbox, notice);
    const showSafety = (/** @type {string} */ uid) => this.#panels.showSafety(uid);
    this.#endBar = new RoomEndBar({ me, chat, session, outbox, showSafety, notice });
    const files = lateFilesOf(me, session.id);
    this.conversation = new Conversation({
      me,
      chat,
      room,
      panels: this.#panels,
      files,
      signal,
      onWrite: (mode) => this.composer.setMode(mode),
    });
    this.composer = new RoomComposer({
      me,
      chat,
      room,
      files,
      signal,
      panels: this.#panels,
      conversation: this.conversation,
      unsent: visit.unsent,
      onSettled: () => session.isOut && this.draw(), // the bar shows what came back
    });
    startRoomSearch(me, chat, room, this.#panels, this.conversation, signal);
  }

  /** Starts what is not seen at once: files to send, and who types. Never rejects: without the latter
   * nobody is shown as typing until the next visit. */
  async startRest() {
    const { chat, signal } = this.#visit;
    const { session } = this.#room;
    this.composer.loadTray().catch(() => {}); // it is loaded with the first file then
    const part = await import("../panels/typing.js").catch(() => null);
    if (!part || signal.aborted) return;
    const members = () => (session.isOut ? new Map() : session.state.members);
    part.startTyping(byId("typing"), chat, session.id, members, signal);
  }

  /** Draws it, and again whenever something changes. */
  start() {
    this.#listen();
    this.draw();
  }

  #listen() {
    const { chat, sidebar, signal } = this.#visit;
    const { session, outbox } = this.#room;
    const draw = () => this.draw();
    session.addEventListener("changed", draw, { signal });
    session.addEventListener("frozen", draw, { signal });
    session.addEventListener("changed", () => this.#panels.fetchKnocks(), { signal });
    chat.addEventListener("presence", () => this.#drawPresent(), { signal });
    chat.addEventListener("accepted", draw, { signal });
    chat.addEventListener("status", draw, { signal });
    chat.blocks.addEventListener("changed", draw, { signal });
    const unsent = () => {
      sidebar.drawStatus();
      if (session.isOut) this.draw(); // the bar counts the unsent
    };
    outbox.addEventListener("changed", unsent, { signal });
    chat.addEventListener("gone", (event) => this.#onGone(event), { signal });
  }

  /** @param {Event} event */
  #onGone(event) {
    const { session } = this.#room;
    if (/** @type {CustomEvent} */ (event).detail.room !== session.id) return;
    if (!session.isOut) session.refresh().catch(() => {}); // asked again with the next heartbeat
  }

  draw() {
    const { me, chat } = this.#visit;
    const { session } = this.#room;
    const { profile, state, mine } = session;
    const peer = peerOf(session, me.uid)?.name ?? "";
    byId("room-title").textContent =
      safeName(profile.name) || peer || safeName(session.title) || strings.unnamed;
    byId("room-topic").textContent = safeName(profile.topic, PREVIEW);
    byId("room-rules").textContent = rulesInSight(state.policy).join(" · ");
    byId("member-count").textContent = String(state.members.size);
    const may = mine && leads(mine) && state.kind === "group" && !state.ended;
    byId("open-invite").hidden = !may;
    this.#drawPresent();
    const stuck = this.#endBar.draw(this.composer.written);
    if (!stuck) this.#ownerNotice.draw();
    const asked = showRequest(me, chat, session);
    this.composer.block(stuck || asked ? " " : "");
    this.#panels.drawMembers();
  }

  #drawPresent() {
    const { id, state, peer } = this.#room.session;
    const here = this.#visit.chat.online(id).filter((uid) => state.members.has(uid));
    const many = state.members.size;
    const said = peer
      ? here.includes(peer.uid) && strings.online
      : many > 1 && strings.present(here.length, many);
    byId("room-present").textContent = said || "";
  }
}

/** The part that opens and sends files, loaded with the first one.
 * @param {import("../conversation/account/account.js").Account} me @param {string} room */
function lateFilesOf(me, room) {
  /** @type {import("../conversation/messages/files.js").Files | undefined} */
  let files;
  return async () => {
    const { Files } = await loadCode(() => import("../conversation/messages/files.js"));
    files ??= new Files(me, room);
    return files;
  };
}
