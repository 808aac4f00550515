/**
 * The conversation: messages in order, grouped by person, with days and the unread line. Unchanged
 * messages keep their elements, and so focus and selection; the reader's place stays.
 */

import { announce, h, icon } from "../dom.js";
import { forgetPictures } from "../files/late-files.js";
import { loadPart, painted } from "../load-part.js";
import { strings } from "../strings.js";
import { preview } from "../text/late-text.js";
import { countUnread } from "./group-messages.js";
import { ScrollPosition } from "./scroll-position.js";
import { TimelineDrawing } from "./timeline-drawing.js";

/** @typedef {import("../../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {import("./timeline-drawing.js").About} About */
/**
 * @typedef {object} OwnCallbacks
 * @property {(few: boolean) => Promise<void>} onNeedOlder loads older messages, or only as many as the
 *   view lacks; rejects if it cannot
 * @property {() => Promise<void>} onNeedNewer loads later ones
 * @property {(seq: number) => Promise<boolean>} onNeed shows the messages around one; whether it is
 *   there
 * @property {() => Promise<void>} onNeedNewest shows the newest messages
 * @property {(seq: number) => void} onSeen everything up to seq has been in view
 * @property {() => Promise<(line: TimelineItem) => import("./actions.js").Action[]>} loadActions
 *   loads what can be done with messages
 * @typedef {OwnCallbacks & import("./message.js").MessageCallbacks} Callbacks
 */

const SPOKEN = 3; // messages at a time that are read out; of more, their number

export class TimelineView {
  #scroll;
  #toNewest;
  #callbacks;
  #list = h("ol", { class: "timeline" });
  #drawing;
  #position;
  /** @type {Promise<void> | null} */
  #rest = null;
  #lacksRest = false; // it could not be loaded
  /** @type {import("./jump-buttons.js").JumpButtons | null} loaded once messages are painted */
  #jumps = null;
  /** @type {import("./edge-loader.js").EdgeLoader | null} loaded with them */
  #edges = null;
  /** @type {TimelineItem[]} */
  #items = [];
  /** @type {About} */
  #about = { hasOlder: false, unreadAfter: -1, newest: 0 };
  #seen = 0;
  #announced = -1;
  #startedAtUnread = false;
  #wish = 0; // the last jump
  #going = 0; // jumps that are on their way
  #held = false; // what is unread is elsewhere: the end is not followed
  #closed = false;
  /** @type {(() => void)[]} */
  #stops = [];

  /** @param {HTMLElement} scroll @param {HTMLElement} toNewest a button @param {Callbacks} callbacks */
  constructor(scroll, toNewest, callbacks) {
    this.#scroll = scroll;
    this.#toNewest = toNewest;
    this.#callbacks = callbacks;
    this.#drawing = new TimelineDrawing(this.#list, callbacks, {
      onOlder: () => this.#loadOlder(),
      onStart: () => this.#goToStart(),
    });
    this.#position = new ScrollPosition(scroll, this.#list, (moved) => {
      this.#noteSeen();
      if (this.#lacksRest) this.#loadRest().catch(() => {});
      if (moved) this.#edges?.loadNear();
      else this.#edges?.fill();
    });
    document.addEventListener("selectionchange", this.#onSelect);
    document.addEventListener("visibilitychange", this.#noteSeen);
  }

  /** @param {TimelineItem[]} items @param {About} about */
  show(items, about) {
    const first = !this.#list.isConnected;
    if (first) this.#scroll.replaceChildren(this.#list);
    if (about.unreadAfter !== this.#about.unreadAfter) this.#startedAtUnread = false;
    [this.#items, this.#about] = [items, about];
    this.#position.reachesEnd = !about.hasNewer && !this.#held;
    this.#redraw();
    if (first) this.#seen = Math.max(0, about.unreadAfter);
    if (first) painted().then(() => this.#loadRest().catch(() => {})); // the next scrolling tries again
    this.#startAtUnread();
    this.#noteSeen();
    this.#announced = announceNew(items, this.#announced, about.newest);
  }

  /** A visit starts at the first unread message, whether it was here or had to be fetched; and so does
   * the return to a hidden page, until then more may come. */
  #startAtUnread() {
    const line = this.#unreadLine();
    if (!line || this.#startedAtUnread) return;
    this.#release();
    this.#startedAtUnread = document.visibilityState === "visible";
    this.#position.startAt(line);
  }

  /** Neither follows the end nor counts it as seen until the person goes there: what is unread could
   * not be shown. */
  hold() {
    this.#held = true;
  }

  #release() {
    if (this.#held) this.say("");
    this.#held = false;
    this.#position.reachesEnd = !this.#about.hasNewer;
  }

  /** @returns {HTMLElement | null} */
  #unreadLine() {
    return this.#list.querySelector(".timeline-unread");
  }

  /** Tells whether the reader stands at the newest message. */
  get following() {
    return this.#position.following;
  }

  /** Shows why there are no messages, with a way to retry. @param {string} text
   * @param {() => void} retry */
  showProblem(text, retry) {
    const again = h("button", { class: "button quiet", type: "button" }, strings.tryAgain);
    again.addEventListener("click", () => {
      this.#scroll.replaceChildren(skeleton());
      retry();
    });
    const image = icon("warning", "large");
    this.#scroll.replaceChildren(
      h("div", { class: "empty", role: "alert" }, image, h("p", {}, text), again),
    );
  }

  /** Says beside the conversation why it could not go somewhere; "" takes that away.
   * @param {string} text */
  async say(text) {
    if (text && !this.#jumps) await loadPart(() => this.#loadRest());
    this.#jumps?.say(text);
  }

  /** Goes to the newest message and stays there. */
  follow = async () => {
    let arrived = true;
    const fetch = async () => {
      arrived = await this.#attempt(this.#callbacks.onNeedNewest);
    };
    if (!(await this.#go(() => !this.#about.hasNewer, fetch)) || !arrived) return;
    this.#release();
    this.#position.follow();
    this.#noteSeen();
  };

  /** Goes to the first unread message. */
  goToUnread = async () => {
    const seq = this.#about.unreadAfter + 1;
    const fetch = () => this.#attempt(() => this.#callbacks.onNeed(seq));
    if (!(await this.#go(() => this.#unreadLine() !== null, fetch))) return;
    const line = this.#unreadLine();
    if (line) this.#position.goTo(line);
    this.#noteSeen();
  };

  /** Goes to the room's first message. An error leaves what is shown. */
  async #goToStart() {
    const fetch = () => this.#attempt(() => this.#callbacks.onNeed(1));
    if (!(await this.#go(() => false, fetch))) return;
    this.#scroll.scrollTop = 0;
    this.#list.querySelector("[data-seq]")?.scrollIntoView({ block: "nearest" });
  }

  /** Goes to a message, wherever it is. @param {number} seq
   * @param {boolean} [near] whether the next line will do, where the message has none
   * @returns {Promise<boolean>} whether it was found; true, too, if somewhere else was gone to meanwhile */
  async seek(seq, near = false) {
    const fetch = () => this.#callbacks.onNeed(seq);
    if (!(await this.#go(() => this.#line(seq) !== null, fetch))) return true;
    const line = this.#line(seq) ?? (near ? this.#lineNear(seq) : null);
    if (line) this.#position.goTo(line);
    return line !== null;
  }

  /**
   * Shows another part. The last of several that are wished for wins: one that is on its way takes away what
   * is here.
   * @param {() => boolean} isHere @param {() => Promise<unknown>} fetch
   * @returns {Promise<boolean>} false if another one was wished for meanwhile
   */
  async #go(isHere, fetch) {
    this.#wish += 1;
    const wish = this.#wish;
    if (this.#going === 0 && isHere()) return true;
    this.#going += 1;
    try {
      await fetch();
    } finally {
      this.#going -= 1;
    }
    return wish === this.#wish;
  }

  /** The reader's place; null at the newest message. */
  place() {
    return this.#about.hasNewer || !this.#position.following ? this.#position.place() : null;
  }

  /** @param {import("./scroll-position.js").Place} place where the reader stood before */
  returnTo({ seq, at }) {
    const line = this.#line(seq);
    if (line) this.#position.returnTo(line, at);
    this.#noteSeen();
  }

  close() {
    this.#closed = true;
    document.removeEventListener("selectionchange", this.#onSelect);
    for (const stop of this.#stops) stop();
    this.#position.close();
    forgetPictures();
    this.#jumps?.close();
    document.removeEventListener("visibilitychange", this.#noteSeen);
  }

  /** @param {number} seq @returns {HTMLElement | null} */
  #line(seq) {
    return this.#list.querySelector(`[data-seq="${seq}"]`);
  }

  /** The line of the first message from a number on, else of the last before it. @param {number} seq
   * @returns {HTMLElement | null} */
  #lineNear(seq) {
    const lines = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll("[data-seq]")]);
    return lines.find((line) => Number(line.dataset.seq) >= seq) ?? lines.at(-1) ?? null;
  }

  /** Loads what leads to other messages: more of them near an end, buttons, keys; what waits for the
   * toolbar; and what tells that a day has begun. It can be loaded again where that fails. */
  #loadRest() {
    this.#lacksRest = false;
    this.#rest ??= this.#startRest().catch((error) => {
      this.#rest = null;
      this.#lacksRest = true;
      throw error;
    });
    return this.#rest;
  }

  async #startRest() {
    const [{ EdgeLoader }, { JumpButtons }, toolbar, keys, days] = await Promise.all([
      import("./edge-loader.js"),
      import("./jump-buttons.js"),
      import("../composer/late-toolbar.js"),
      import("../tab-stop.js"),
      import("./new-day.js"),
    ]);
    if (this.#closed) return;
    const go = { onNewest: this.follow, onUnread: this.goToUnread };
    this.#jumps = new JumpButtons(this.#toNewest, go);
    this.#edges = new EdgeLoader(this.#position, this.#callbacks, {
      about: () => this.#about,
      onOlder: (state) => this.#position.keep(() => this.#drawing.showLead(this.#about, state)),
    });
    this.#noteSeen();
    this.#edges.fill();
    this.#drawing.toolbar = toolbar.startToolbar(this.#list, this.#callbacks, this.#itemOf);
    const pick = (/** @type {string | undefined} */ key) => this.#pickDay(key);
    this.#stops.push(keys.keepOneTabStop(this.#scroll, this.#list, pick));
    this.#stops.push(days.watchDays(() => this.#redraw()));
  }

  #itemOf = (/** @type {string} */ key) => this.#items.find((item) => item.key === key);

  /** Loads what copies several messages once something is selected. Without it the browser copies what
   * it shows, and the next selection tries again. */
  #onSelect = async () => {
    if (getSelection()?.isCollapsed !== false) return;
    document.removeEventListener("selectionchange", this.#onSelect);
    const part = await import("./copy-messages.js").catch(() => null);
    if (this.#closed) return;
    if (part) this.#stops.push(part.copyReadably(this.#list, this.#itemOf));
    else document.addEventListener("selectionchange", this.#onSelect);
  };

  #noteSeen = () => {
    const { following } = this.#position;
    const visible = following && document.visibilityState === "visible";
    if (visible && this.#about.newest > this.#seen) {
      this.#seen = this.#about.newest;
      this.#callbacks.onSeen(this.#seen);
    }
    this.#jumps?.showUnread(this.#unreadIsAbove());
    if (following) return this.#jumps?.hideNewest();
    this.#jumps?.showNewest(this.#about.hasNewer ? 0 : countUnread(this.#items, this.#seen));
  };

  /** Tells whether the first unread message is further up than what is in view. */
  #unreadIsAbove() {
    const { unreadAfter } = this.#about;
    if (unreadAfter < 0) return false;
    const line = this.#unreadLine();
    if (line) return line.getBoundingClientRect().bottom < this.#scroll.getBoundingClientRect().top;
    const first = this.#items.find(({ seq }) => seq !== null);
    return Number(first?.seq) > unreadAfter + 1;
  }

  /** @param {() => Promise<unknown>} go @returns {Promise<boolean>} whether it could; else it is said
   *   why */
  async #attempt(go) {
    this.say("");
    try {
      await go();
      return true;
    } catch (error) {
      this.say(error.message);
      return false;
    }
  }

  #redraw() {
    this.#position.keep(() =>
      this.#drawing.show(this.#items, this.#about, this.#edges?.older ?? ""),
    );
  }

  async #loadOlder() {
    await loadPart(() => this.#loadRest());
    await this.#edges?.loadOlder();
  }

  /** Asks for a day to go to, from that of a message or from today. @param {string | undefined} key */
  #pickDay(key) {
    const at = key === undefined ? undefined : this.#itemOf(key);
    this.#callbacks.onPickDay(at?.ts || Date.now());
  }
}

/** Announces new messages of others, each once, and never the history.
 * @param {TimelineItem[]} items @param {number} spoken seq of the last one that was announced;
 *   -1 before the history is there
 * @param {number} newest seq up to which messages came, whether or not they are shown
 * @returns {number} seq up to which nothing is to be announced any more */
function announceNew(items, spoken, newest) {
  const others = items.filter(({ seq, mine, kind }) => seq && !mine && kind === "message");
  const fresh = spoken < 0 ? [] : others.filter(({ seq }) => Number(seq) > spoken);
  if (fresh.length > SPOKEN) announce(strings.toNewest(fresh.length));
  else
    for (const { author, text, mentions } of fresh)
      announce(`${author.name}: ${preview(text, mentions)}`);
  return Math.max(spoken, newest);
}

/** Grey lines in place of messages; the style sheet holds them back for 300 ms. */
const skeleton = () =>
  h(
    "div",
    { class: "skeleton", "aria-hidden": "true" },
    ...Array.from({ length: 6 }, () => h("span")),
  );
