/** One room as a view of the shell: opens it, and says where that fails. */

import { Outbox } from "../conversation/messages/outbox.js";
import { TimelineModel } from "../conversation/messages/timeline-model.js";
import { beginFirstVisit } from "../conversation/room/first-visit.js";
import { plain, RoomNotice } from "../panels/notices.js";
import { announce, byId, h } from "../ui/dom.js";
import { called } from "../ui/people/names.js";
import { siteTitle } from "../ui/site-name.js";
import { strings } from "../ui/strings.js";
import { ShownRoom } from "./shown-room.js";

/** @typedef {import("../ui/timeline/scroll-position.js").Place} Place */
/** @typedef {import("./types.js").Visit} Visit */

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
  #main = byId("main");
  #title = byId("room-title");
  #notice = new RoomNotice();
  /** @type {ShownRoom["conversation"] | null} */
  #conversation = null;
  /** @type {Outbox | null} */
  #outbox = null;
  #failed = false;
  #isNamed = false; // whether the title says more than that the room is loading
  #pressAgain = rememberPress(this.#main);

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

  /** @returns {Place | null | undefined} */
  place() {
    return this.#conversation?.place();
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
    } catch (error) {
      if (!this.#visit.signal.aborted) this.#fail(error);
    }
  }

  /** The list and its other rooms work all the same. @param {{status?: number, reason?: string, message: string}} error */
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
    this.#showBeside(siteTitle(title));
    if (this.#title.textContent !== title) announce(title);
    this.#title.textContent = title;
    this.#isNamed = true;
    this.#main.classList.add("unknown"); // nothing in it could be pressed or written
  }

  async #start() {
    const { chat, shown, signal, place } = this.#visit;
    const open = await this.#open();
    this.#main.classList.remove("unknown");
    this.#notice.showProblem("");
    const room = new ShownRoom(this.#visit, open, this.#notice);
    const { conversation, composer } = room;
    this.#outbox = open.outbox;
    this.#conversation = conversation;
    const loading = conversation.load(/** @type {Place | null | undefined} */ (place));
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
    beginFirstVisit(me, this.#id).catch(() => {}); // what needs it asks for it
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
   * @param {ShownRoom["composer"]} composer */
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
