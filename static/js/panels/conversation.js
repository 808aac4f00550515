/** A room's timeline, outbox and log on the page as one conversation. */

import { linkedMessage, UnreadStart } from "../conversation/counting.js";
import { announce, byId } from "../ui/dom.js";
import { loadFiles } from "../ui/files/late-files.js";
import { loadPart, painted } from "../ui/load-part.js";
import { strings } from "../ui/strings.js";
import { loadText } from "../ui/text/late-text.js";
import { TimelineView } from "../ui/timeline/timeline.js";
import { ShownMessages } from "./shown-messages.js";

/** @typedef {import("../conversation/messages/decode-message.js").Message} Message */
/** @typedef {import("../ui/timeline/scroll-position.js").Place} Place */
/**
 * @typedef {object} Parts
 * @property {import("../conversation/account/account.js").Account} me
 * @property {import("../conversation/chat.js").Chat} chat
 * @property {import("../conversation/chat.js").OpenRoom} room
 * @property {import("./room-panels.js").RoomPanels} panels
 * @property {() => Promise<import("../conversation/messages/files.js").Files>} files loads what opens
 *   files
 * @property {(mode: import("../ui/composer/composer.js").Mode) => void} onWrite starts a reply or an edit
 * @property {() => void} onGone called when messages may be gone that are answered or corrected
 * @property {AbortSignal} signal aborted when the room is left
 */

/** Parts that are loaded on first use: actions on messages, pins, and the question for a day. */
const loadActions = () => import("./message-actions.js");
const loadPins = () => import("./pins.js");
const loadPickDay = () => import("../ui/search/pick-day.js");

const WORTH_A_SUMMARY = 10; // unread messages
const ENDED_WITHIN = 60_000; // ms after a message's time is over

export class Conversation {
  #parts;
  #view;
  #unread;
  #loaded = false;
  #askedForDeleted = false;
  /** @type {import("./pins.js").Pins | null} */
  #pins = null;
  /** The messages that are loaded. */
  shown;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.shown = new ShownMessages(parts);
    const { me, chat, room, panels, files, onWrite } = parts;
    const { session, timeline, outbox } = room;
    const unread = chat.rooms.find(({ id }) => id === session.id)?.unread ?? 0;
    this.#unread = new UnreadStart(chat.readMark(session.id), unread > 0);
    this.#view = new TimelineView(byId("timeline"), byId("to-newest"), {
      onNeedOlder: (few) => timeline.older(few),
      onNeedNewer: () => timeline.newer(),
      onNeed: (seq) => timeline.goTo(seq),
      onNeedNewest: () => timeline.goToNewest(),
      onSeen: (seq) => {
        this.#unread.see(seq);
        chat.markRead(session.id, seq);
      },
      onRetry: (cid) => outbox.retry(cid),
      onDiscard: (cid) => outbox.discard(cid),
      onJump: (seq) => this.jump(seq),
      onPickDay: (ts) => this.#pickDay(ts),
      onReact: async (line, emoji) => (await loadPart(loadActions))?.react(outbox, line, emoji),
      onVote: async (line, picks) => (await loadPart(loadActions))?.vote(outbox, line, picks),
      showsPictures: () => chat.serverRoom(session.id)?.accepted !== false,
      mayCatchUp: () =>
        panels.maySummarise && room.timeline.newest - this.#unread.after >= WORTH_A_SUMMARY,
      onCatchUp: (from) => panels.openSummaries(from),
      openFile: async (file, progress) => (await files()).open(file, { progress }),
      onReveal: ({ key }) => this.#reveal(key),
      loadActions: async () => {
        const { actionsFor } = await loadActions();
        return (line) => actionsFor({ me, session, outbox, panels, onWrite }, line);
      },
    });
    timeline.isFollowing = () => this.#view.following;
    this.#listen();
  }

  #listen() {
    const { chat, room, panels } = this.#parts;
    const { session, timeline, outbox } = room;
    const draw = () => this.#draw();
    timeline.addEventListener("items", (event) =>
      this.#onItems(/** @type {CustomEvent<Message[]>} */ (event).detail),
    );
    timeline.addEventListener("reset", () => this.shown.clear());
    timeline.addEventListener("dropped", (event) =>
      this.shown.drop(/** @type {CustomEvent<number[]>} */ (event).detail),
    );
    timeline.addEventListener("lost", () => {
      draw();
      announce(strings.lostNow);
    });
    // These outlive the visit.
    const { me, signal } = this.#parts;
    const visit = { signal };
    panels.onLines = draw;
    outbox.addEventListener("changed", () => this.#drawUnsent(), visit);
    session.addEventListener("changed", () => this.#loaded && this.#onRoomChanged(), visit);
    chat.blocks.addEventListener("changed", draw, visit);
    chat.addEventListener("accepted", draw, visit); // pictures may be loaded now
    chat.addEventListener("status", () => chat.status === "open" || this.#unread.lose(), visit);
    addEventListener("hashchange", () => this.#jumpToLinked(), visit);
    const resume = (/** @type {Event} */ event) =>
      this.#resume(/** @type {CustomEvent<Place | null>} */ (event).detail);
    addEventListener("sotto:resume", resume, visit); // from pages/router.js
    const failed = () => this.#view.say(strings.workerFailed);
    if (me.opener instanceof EventTarget) me.opener.addEventListener("failed", failed, visit);
    signal.addEventListener("abort", () => this.#close());
    document.addEventListener("visibilitychange", () => this.#endMessages(), visit);
    const ending = setInterval(() => this.#endMessages(), ENDED_WITHIN);
    signal.addEventListener("abort", () => clearInterval(ending));
  }

  /** Takes away what the room's rules have ended meanwhile. */
  async #endMessages() {
    if (!this.#loaded) return;
    const gone = await this.#parts.room.timeline.end().catch(() => true); // it is not shown all the same
    if (gone) this.#draw();
    this.#parts.onGone();
  }

  /** Tells whether a message was deleted, as far as is shown, or the room’s rules have ended it.
   * @param {import("../ui/types.js").ModeLine} line */
  isGone({ seq, ts = Number.POSITIVE_INFINITY }) {
    return this.shown.isDeleted(seq) || this.#parts.room.session.hasEnded(ts);
  }

  /**
   * Shows the first page, then keeps up to date. An error is shown with a way to retry.
   * @param {Place | null} [place] where the reader stood, which counts for more than the message that the
   *   address names; null at the newest message. New messages come before it
   */
  async load(place) {
    const { chat, room, panels, signal } = this.#parts;
    const back = this.#unread.after < 0 ? place : null;
    let went = true;
    try {
      const loading = room.timeline.load(this.#unread.after + 1);
      [, went] = await Promise.all([this.shown.load(), loading]);
      if (back) await room.timeline.goTo(back.seq).catch(() => {}); // the newest ones are shown
      const drawing = this.#loadDrawing();
      await this.shown.loadLines(true);
      await drawing;
    } catch (error) {
      this.#view.showProblem(error.message, () => this.load(place));
      return;
    }
    if (signal.aborted) return;
    this.#loaded = true;
    this.#unread.start(room.timeline.newest);
    if (!went) this.#view.hold();
    this.#draw();
    if (back) this.#view.returnTo(back);
    await painted();
    if (signal.aborted) return;
    if (!went) this.#view.say(strings.unreadNotLoaded);
    chat.goLive();
    panels.start((seq) => this.jump(seq)).catch(() => {}); // said when a panel is opened
    await this.#updateLog();
    if (signal.aborted) return;
    this.#askForDeleted();
    if (place === undefined) await this.#jumpToLinked();
    await this.#startPins();
  }

  /** Loads what draws these messages: drawn at once, nothing moves. Never rejects. */
  async #loadDrawing() {
    const { files, text } = this.shown.needs;
    await Promise.allSettled([files && loadFiles(), text && loadText()]);
  }

  /** Starts to show pins. If they cannot be loaded, the next visit shows them. */
  async #startPins() {
    const { panels, signal } = this.#parts;
    const loading = Promise.all([loadPins(), panels.loadPanel()]);
    const [part, panel] = await loading.catch(() => []);
    if (!part || !panel || signal.aborted) return;
    this.#pins = part.startPins(panel, this.#parts, {
      items: this.shown.items,
      onJump: (seq) => this.jump(seq),
      onProblem: (problem) => this.#view.say(problem),
    });
  }

  /** The reader's place; null at the newest message, undefined before any is shown.
   * @returns {Place | null | undefined} */
  place() {
    return this.#loaded ? this.#view.place() : undefined;
  }

  /** Scrolls to a message; says so where it cannot. @param {number} seq
   * @param {boolean} [near] whether the next line will do: a reaction or a correction has none */
  async jump(seq, near = false) {
    announce(strings.seeking);
    this.#view.say("");
    try {
      if (!(await this.#view.seek(seq, near))) this.#view.say(strings.notFound);
    } catch (error) {
      this.#view.say(error.message);
    }
  }

  /** Asks for a day, and goes to its first message. @param {number} ts the day at hand, ms */
  async #pickDay(ts) {
    const at = await (await loadPart(loadPickDay))?.pickDay(ts);
    if (at === undefined) return;
    announce(strings.seeking);
    try {
      await this.jump(await this.#parts.room.timeline.goToTime(at), true);
    } catch (error) {
      this.#view.say(error.message);
    }
  }

  /** Scrolls to the newest message. */
  follow() {
    this.#view.follow();
  }

  /** Goes back to a place in this visit. Where it cannot be loaded the reader stays.
   * @param {Place | null} place */
  async #resume(place) {
    if (!place) return this.follow();
    const went = await this.#parts.room.timeline.goTo(place.seq).catch(() => false);
    this.#draw();
    if (went) this.#view.returnTo(place);
  }

  #close() {
    this.#loaded = false; // nothing is drawn any more
    this.#pins?.close();
    this.#view.close();
  }

  /** @param {Message[]} messages */
  #onItems(messages) {
    const { room, panels } = this.#parts;
    const older = this.shown.take(messages);
    if (this.#loaded) this.#unread.arrive(messages, document.visibilityState !== "visible");
    this.#draw();
    panels.setNewest(room.timeline.newest);
    if (!this.#loaded) return;
    this.#askForDeleted();
    if (older) this.#updateLog();
  }

  /** Asks once for what the list of rooms leaves out: whether accounts of former members who wrote here were
   * deleted. */
  #askForDeleted() {
    const { me, chat, room } = this.#parts;
    const { id, isOut, state } = room.session;
    const isFormer = (/** @type {string} */ uid) => uid !== me.uid && !state.members.has(uid);
    if (this.#askedForDeleted || isOut || !this.shown.someAuthor(isFormer)) return;
    this.#askedForDeleted = true;
    chat.loadAgain(id).catch(() => {}); // at the next visit
  }

  /** Names, rights and events may differ now. */
  async #onRoomChanged() {
    await this.#updateLog();
    this.#draw();
    await this.#endMessages();
  }

  /** Loads the log's events as far back as the messages go, and shows those that were not shown.
   * An error is ignored: the next event tries again. */
  async #updateLog() {
    const { panels } = this.#parts;
    const [first, many] = [panels.events[0]?.seq, panels.events.length];
    const reading = panels.readEvents(this.shown.firstEvent);
    await Promise.allSettled([reading, this.shown.loadLines()]);
    if (panels.events[0]?.seq !== first || panels.events.length !== many) this.#draw();
  }

  #draw() {
    if (!this.#loaded) return;
    const { timeline } = this.#parts.room;
    const { lacksLines, done } = this.shown.derive();
    if (lacksLines) this.#drawLines();
    if (!done) return;
    this.#view.show(this.shown.items, {
      hasOlder: timeline.hasOlder,
      hasNewer: timeline.hasNewer,
      unreadAfter: this.#unread.after,
      unreadIsHere: !timeline.hasOlder || timeline.shows(this.#unread.after + 1),
      newest: timeline.newest,
      start: this.shown.start,
    });
    this.#pins?.show(this.shown.items);
    this.#parts.onGone();
  }

  /** Draws unless the unsent messages look as before: most changes of the queue are not to be seen. */
  #drawUnsent() {
    if (this.shown.lacksUnsent) this.#draw();
  }

  /** Draws again once it can place lines; where they cannot be loaded, the next drawing tries again. */
  async #drawLines() {
    try {
      await this.shown.loadLines();
    } catch (error) {
      this.#view.say(error.message);
      return;
    }
    this.#draw();
  }

  /** @param {string} key */
  #reveal(key) {
    this.shown.reveal(key);
    this.#draw();
  }

  async #jumpToLinked() {
    const { hash } = location;
    const seq = linkedMessage(hash);
    if (seq > 0) await this.jump(seq);
    // Parts of the page have names, too.
    else if (Number.isNaN(seq) && !document.getElementById(hash.slice(1)))
      this.#view.say(strings.damagedLink);
  }
}
