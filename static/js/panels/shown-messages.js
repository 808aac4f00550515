/** The messages of a room that the page holds, and the items that are drawn of them. */

import { loadCode } from "../conversation/load-code.js";
import {
  ACCEPTED,
  hasChanges,
  hasLines,
  timelineItems,
} from "../conversation/messages/timeline-items.js";
import { peerOf } from "../conversation/room/names.js";
import { filesOf } from "../crypto/content-parts.js";
import { leads } from "../crypto/room-state.js";
import { strings } from "../ui/strings.js";
import { lacksText } from "../ui/text/late-text.js";

/** @typedef {import("../conversation/messages/decode-message.js").Message} Message */
/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {import("../conversation/messages/timeline-items.js").TimelineInput} TimelineInput */
/** @typedef {Pick<import("./conversation.js").Parts, "me" | "chat" | "room" | "panels">} Parts */

/** Applies changes, and places log events and lost messages between the others. */
const loadLines = () => loadCode(() => import("../conversation/messages/timeline-lines.js"));

/** The parts of unsent messages by which they look different: their content never changes.
 * @param {import("../conversation/messages/outbox.js").OutboxEntry[]} entries */
const lookOf = (entries) =>
  JSON.stringify(entries.map(({ cid, state, error }) => [cid, state, error]));

/** @param {Message["content"]} content */
const isAnswer = (content) => content?.t === "text" && content.re !== undefined;

export class ShownMessages {
  #parts;
  /** @type {Map<number, Message>} by seq */
  #bySeq = new Map();
  /** @type {Set<string>} keys of blocked people's messages that are shown all the same */
  #revealed = new Set();
  /** @type {typeof import("../conversation/messages/timeline-lines.js") | null} loaded with the first of them */
  #lines = null;
  /** When the person went on with the server's version of the room, ms. @type {number[]} */
  #accepted = [];
  #unsentLook = ""; // of the unsent messages among the items
  /** The items that are drawn, in order. @type {TimelineItem[]} */
  items = [];

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Reads when the person went on with the server's version of the room. */
  async load() {
    const { me, room } = this.#parts;
    const times = await me.store.settings.progress(room.session.id, ACCEPTED);
    this.#accepted = Array.isArray(times) ? times : [];
  }

  /** Takes messages that are new or in another light.
   * @param {Message[]} messages @returns {boolean} whether some are older than all others */
  take(messages) {
    const oldest = Math.min(...this.#bySeq.keys());
    const older = messages.some(({ seq }) => Number(seq) < oldest);
    for (const message of messages) this.#bySeq.set(Number(message.seq), message);
    return older;
  }

  /** @param {number[]} seqs of messages that are held no longer */
  drop(seqs) {
    for (const seq of seqs) this.#bySeq.delete(seq);
  }

  clear() {
    this.#bySeq.clear();
  }

  get isEmpty() {
    return this.#bySeq.size === 0;
  }

  /** Shows a blocked person's message all the same. @param {string} key of its line */
  reveal(key) {
    this.#revealed.add(key);
  }

  /** The number of the first log event that stands between these messages. */
  get firstEvent() {
    const { session, timeline } = this.#parts.room;
    const known = [...this.#bySeq.values()].map(({ lh }) => lh);
    const oldest = known.reduce((least, lh) => Math.min(least, lh), session.state.seq);
    return timeline.hasOlder ? oldest + 1 : 0; // earlier ones stand before these
  }

  /** Tells whether some of their authors fulfil a condition. @param {(uid: string) => boolean} is */
  someAuthor(is) {
    return [...this.#bySeq.values()].some(({ author }) => author.uid !== "" && is(author.uid));
  }

  /** The parts of the page that they need to be drawn at once, so that nothing moves.
   * @returns {{files: boolean, text: boolean}} */
  get needs() {
    const messages = [...this.#bySeq.values()];
    const files = messages.some(({ content }) => filesOf(content).length > 0);
    const text =
      messages.some(
        ({ kind, content: c }) => kind === "change" || c?.t === "poll" || isAnswer(c),
      ) || lacksText(messages.map(({ text }) => text));
    return { files, text };
  }

  // --- what is drawn ---------------------------------------------------------------------------

  /** Loads what places lines between messages. @param {boolean} [onlyIfNeeded] */
  async loadLines(onlyIfNeeded = false) {
    if (this.#lines || (onlyIfNeeded && !this.#lacksLines(this.#input()))) return;
    this.#lines = await loadLines();
  }

  /** Tells whether lines are to be placed, and nothing is there that places them.
   * @param {TimelineInput} input */
  #lacksLines = (input) => !this.#lines && hasLines(input);

  /** Derives the items from what is held.
   * @returns {{lacksLines: boolean, done: boolean}} `done`: whether they can be drawn without lines */
  derive() {
    const input = this.#input();
    const lacksLines = this.#lacksLines(input);
    const done = !(lacksLines && hasChanges(input)); // nothing may be shown before they are applied
    if (done) {
      this.items = timelineItems(input, this.#lines);
      this.#unsentLook = lookOf(input.entries);
    }
    return { lacksLines, done };
  }

  /** Tells whether unsent messages look different from those among the items. */
  get lacksUnsent() {
    return lookOf(this.#parts.room.outbox.entries) !== this.#unsentLook;
  }

  /** The beginning that stands above the first of them. */
  get start() {
    return startOf(this.#parts, this.isEmpty);
  }

  /** @returns {TimelineInput} */
  #input() {
    const { me, chat, room, panels } = this.#parts;
    const { session, timeline, outbox } = room;
    return {
      me,
      items: [...this.#bySeq.values()].sort((a, b) => Number(a.seq) - Number(b.seq)),
      lost: timeline.lost,
      entries: outbox.entries,
      leads: Boolean(session.mine && leads(session.mine)),
      log: panels.events,
      newKeys: panels.newKeys,
      summarised: panels.summarised,
      direct: session.state.kind === "direct",
      accepted: this.#accepted,
      hasOlder: timeline.hasOlder,
      hasNewer: timeline.hasNewer,
      shows: (seq) => timeline.shows(seq),
      isHidden: ({ author, key }) => chat.blocks.isHidden(author.uid) && !this.#revealed.has(key),
      isBlocked: chat.blocks.isHidden,
      isDeleted: (uid) => chat.serverRoom(session.id)?.ended?.[uid] === "deleted",
      isBot: (uid) => chat.serverRoom(session.id)?.bots?.includes(uid) ?? false,
      nameOf: (uid) => session.nameOf(uid),
    };
  }

  // --- questions about them ----------------------------------------------------------------------

  /** The messages that are loaded, as they are shown. */
  messages() {
    return this.items.filter(
      ({ kind, lost }) => !lost && (kind === "message" || kind === "deleted"),
    );
  }

  /** Tells whether a message is known to be deleted. @param {number | null} seq */
  isDeleted(seq) {
    return this.items.some((item) => item.seq === seq && item.kind === "deleted");
  }
}

/**
 * Returns what is known of the time before the first message.
 * @param {Pick<import("./conversation.js").Parts, "me" | "chat" | "room">} parts
 * @param {boolean} empty whether no message is shown
 * @returns {import("../ui/timeline/message.js").Start}
 */
export function startOf({ me, chat, room }, empty) {
  const { session, timeline } = room;
  const { state, isOut } = session;
  const written = chat.serverRoom(session.id)?.msg ?? 0;
  const over = isOut || state.ended;
  const late = empty ? over || (written > 0 && !timeline.hasOlder) : timeline.startsLate;
  const { ttl } = state.policy;
  // Nothing was written after the event that ended it.
  if (late && over && !(empty && session.hasEnded(state.ts))) return { kind: "kept" };
  if (late) return ttl > 0 ? { kind: "expired", days: ttl } : { kind: "lost" };
  if (state.kind !== "direct") return { kind: "beginning" };
  return { kind: "beginning", text: strings.startDirect(peerOf(session, me.uid)?.name ?? "") };
}
