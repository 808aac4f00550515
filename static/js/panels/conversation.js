/** A room's timeline, outbox and log on the page as one conversation. */

import { timelineItems } from "../conversation/messages/timeline-items.js";
import { peerOf } from "../conversation/room/peer.js";
import { leads } from "../crypto/log.js";
import { announce, byId } from "../ui/dom.js";
import { drawPins, pinPanel } from "../ui/pins.js";
import { strings } from "../ui/strings.js";
import { TimelineView } from "../ui/timeline.js";
import { actionsFor, react, vote } from "./message-actions.js";

/** @typedef {import("../conversation/messages/decode-message.js").Message} Message */
/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/**
 * @typedef {object} Parts
 * @property {import("../conversation/account/account.js").Account} me
 * @property {import("../conversation/chat.js").Chat} chat
 * @property {import("../conversation/chat.js").OpenRoom} room
 * @property {import("./room-panels.js").RoomPanels} panels
 * @property {import("../conversation/messages/files.js").Files} files
 * @property {(mode: import("../ui/composer.js").Mode) => void} onWrite starts a reply or an edit
 */

const LINKED = /^#m(\d+)$/;
const PHONE = "(max-width: 640px)";

export class Conversation {
  #parts;
  #view;
  /** @type {Map<number, Message>} by seq */
  #messages = new Map();
  /** @type {Set<string>} keys of blocked people's messages that are shown all the same */
  #revealed = new Set();
  /** @type {TimelineItem[]} */
  #items = [];
  #unreadAfter;
  #loaded = false;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { me, chat, room, panels, files, onWrite } = parts;
    const { session, timeline, outbox } = room;
    this.#unreadAfter = chat.readMark(session.id);
    this.#view = new TimelineView(byId("timeline"), byId("to-newest"), {
      onNeedOlder: (until) => timeline.older(until),
      onSeen: (seq) => chat.markRead(session.id, seq),
      onRetry: (cid) => outbox.retry(cid),
      onDiscard: (cid) => outbox.discard(cid),
      onJump: (seq) => this.jump(seq),
      onReact: (line, emoji) => react(outbox, line, emoji),
      onVote: (line, picks) => vote(outbox, line, picks),
      showsPictures: () => chat.serverRoom(session.id)?.accepted !== false,
      openFile: (file, progress) => files.open(file, { progress }),
      onReveal: ({ key }) => this.#reveal(key),
      actionsFor: (line) => actionsFor({ me, session, outbox, panels, onWrite }, line),
    });
    this.#listen();
  }

  #listen() {
    const { chat, room } = this.#parts;
    const { session, timeline, outbox } = room;
    const draw = () => this.#draw();
    timeline.addEventListener("items", (event) =>
      this.#onItems(/** @type {CustomEvent<Message[]>} */ (event).detail),
    );
    timeline.addEventListener("reset", () => this.#messages.clear());
    timeline.addEventListener("lost", () => {
      draw();
      announce(strings.lostNow);
    });
    outbox.addEventListener("changed", draw);
    session.addEventListener("changed", () => this.#loaded && this.#updateLog());
    chat.blocks.addEventListener("changed", draw);
    chat.addEventListener("accepted", draw); // pictures may be loaded now
    addEventListener("hashchange", () => this.#jumpToLinked());
  }

  /** Shows the first page, then keeps up to date. An error is shown with a way to retry. */
  async load() {
    const { chat, room, panels } = this.#parts;
    try {
      await room.timeline.load();
    } catch (/** @type {any} */ error) {
      this.#view.showProblem(error.message, () => this.load());
      return;
    }
    this.#loaded = true;
    // Messages that arrive while the page is open are not missed ones.
    const missed = ({ seq, mine } = /** @type {Message} */ ({})) =>
      Number(seq) > this.#unreadAfter && !mine;
    if (![...this.#messages.values()].some(missed)) this.#unreadAfter = -1;
    this.#draw();
    chat.goLive();
    panels.start((seq) => this.jump(seq)).catch(() => {}); // said when a panel is opened
    await this.#updateLog();
    await this.#jumpToLinked();
  }

  /** Scrolls to a message. @param {number} seq */
  async jump(seq) {
    announce(strings.seeking);
    if (!(await this.#view.seek(seq))) announce(strings.notFound);
  }

  /** Scrolls to the newest message. */
  follow() {
    this.#view.follow();
  }

  close() {
    this.#view.close();
  }

  /** The messages that are loaded, as they are shown. */
  messages() {
    return this.#items.filter(
      ({ kind, lost }) => !lost && (kind === "message" || kind === "deleted"),
    );
  }

  /** The newest own message that can be edited. */
  lastEditable() {
    return this.#items.findLast(({ mine, seq, content }) => mine && seq && content?.t === "text");
  }

  /** @param {Message[]} messages */
  #onItems(messages) {
    const { room, panels } = this.#parts;
    const older = messages.some(({ seq }) => Number(seq) < Math.min(...this.#messages.keys()));
    for (const message of messages) this.#messages.set(Number(message.seq), message);
    this.#draw();
    panels.setNewest(room.timeline.newest);
    if (older && this.#loaded) this.#updateLog();
  }

  /** Loads the log's events as far back as the messages go.
   * An error is ignored: the next event tries again. */
  async #updateLog() {
    const { room, panels } = this.#parts;
    const known = [...this.#messages.values()].map(({ lh }) => lh);
    const oldest = known.reduce((least, lh) => Math.min(least, lh), room.session.state.seq);
    const from = room.timeline.hasOlder ? oldest : 0;
    await panels.activityLog.update(from).catch(() => {});
    this.#draw();
  }

  #draw() {
    if (!this.#loaded) return;
    const { timeline, session } = this.#parts.room;
    const messages = [...this.#messages.values()].sort((a, b) => Number(a.seq) - Number(b.seq));
    this.#items = timelineItems(this.#input(messages));
    this.#view.show(this.#items, {
      hasOlder: timeline.hasOlder,
      unreadAfter: this.#unreadAfter,
      newest: messages.at(-1)?.seq ?? 0,
      startText: this.#startText(),
      gone: timeline.startsLate ? session.state.policy.ttl : -1,
    });
    drawPins(byId("pins"), this.#items.filter(isPinned), (from) => this.#openPins(from));
  }

  /** @param {Message[]} messages
   * @returns {import("../conversation/messages/timeline-items.js").TimelineInput} */
  #input(messages) {
    const { me, chat, room, panels } = this.#parts;
    const { session, timeline, outbox } = room;
    const blocked = chat.blocks.uids;
    return {
      me,
      items: messages,
      lost: timeline.lost,
      entries: outbox.entries,
      leads: Boolean(session.mine && leads(session.mine)),
      log: panels.activityLog.entries,
      hasOlder: timeline.hasOlder,
      isHidden: ({ author, key }) => blocked.has(author.uid) && !this.#revealed.has(key),
      nameOf: (uid) => this.#nameOf(uid),
    };
  }

  /** @param {string} uid */
  #nameOf(uid) {
    const { state, identities } = this.#parts.room.session;
    const known = () => [...identities.values()].find((identity) => identity.uid === uid);
    return state.members.get(uid)?.name ?? known()?.name ?? "";
  }

  #startText() {
    const { me, room } = this.#parts;
    if (room.session.state.kind !== "direct") return undefined;
    return strings.startDirect(peerOf(room.session, me.uid)?.name ?? "");
  }

  /** @param {string} key */
  #reveal(key) {
    this.#revealed.add(key);
    this.#draw();
  }

  /** @param {HTMLElement} from */
  #openPins(from) {
    const { panel } = this.#parts.panels;
    const nodes = pinPanel(this.#items.filter(isPinned), (seq) => {
      if (matchMedia(PHONE).matches) panel.close();
      this.jump(seq);
    });
    panel.open(from, strings.pins.title, nodes, "pins");
  }

  async #jumpToLinked() {
    const linked = LINKED.exec(location.hash);
    if (linked) await this.jump(Number(linked[1]));
  }
}

/** @param {TimelineItem} item */
const isPinned = ({ pinned, kind, lost }) => pinned === true && kind === "message" && !lost;
