/** The pinned messages of the whole room: the strip above the conversation, and the panel. */

import { PinnedMessages } from "../conversation/messages/pinned-messages.js";
import { byId } from "../ui/dom.js";
import { lateStrings as strings } from "../ui/strings/late.js";
import { drawPins, pinPanel } from "../ui/timeline/pins.js";

/** @typedef {import("../conversation/messages/decode-message.js").Message} Message */
/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/**
 * @typedef {object} PinParts
 * @property {import("../conversation/account/account.js").Account} me
 * @property {import("../conversation/chat.js").Chat} chat
 * @property {import("../conversation/chat.js").OpenRoom} room
 * @property {import("../ui/panel.js").Panel} panel
 * @property {(seq: number) => void} onGo to a message
 * @property {(problem: string) => void} onProblem says why pins cannot be shown
 */

const PHONE = "(max-width: 640px)";

/**
 * Starts to show the pins of a room.
 * @param {import("../ui/panel.js").Panel} panel
 * @param {import("./conversation.js").Parts} parts
 * @param {object} shown
 * @param {TimelineItem[]} shown.items what the conversation shows
 * @param {(seq: number) => void} shown.onJump goes to a message
 * @param {(problem: string) => void} shown.onProblem
 */
export function startPins(panel, { me, chat, room, panels }, { items, onJump, onProblem }) {
  const onGo = (/** @type {number} */ seq) => {
    if (matchMedia(PHONE).matches) panels.close(); // it covers the conversation
    onJump(seq);
  };
  const pins = new Pins({ me, chat, room, panel, onGo, onProblem });
  pins.show(items);
  pins.start();
  return pins;
}

export class Pins {
  #parts;
  #found;
  /** @type {TimelineItem[]} what the conversation shows */
  #items = [];
  #upTo = Number.POSITIVE_INFINITY; // changes up to this number count already
  #shown = false; // whether the conversation shows the whole room, and so every pin
  #closed = false;

  /** @param {PinParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { me, room } = parts;
    this.#found = new PinnedMessages(me, room.session, room.timeline);
    room.timeline.addEventListener("received", this.#onReceived);
  }

  close() {
    this.#closed = true;
    this.#parts.room.timeline.removeEventListener("received", this.#onReceived);
  }

  /** Finds what is pinned in the whole room, when the browser has nothing else to do. */
  start() {
    whenIdle(() => this.#find());
  }

  /** Without an answer the next visit finds it. */
  async #find() {
    const { chat, room } = this.#parts;
    if (this.#closed || chat.serverRoom(room.session.id)?.accepted === false) return;
    this.#shown = !room.timeline.hasOlder;
    if (this.#shown) return;
    this.#upTo = room.timeline.newest;
    await this.#found.find(this.#upTo).catch(() => {});
    this.#draw();
  }

  #onReceived = (/** @type {Event} */ event) => {
    const { detail } = /** @type {CustomEvent<Message[]>} */ (event);
    this.#update(detail).catch(() => {}); // the next visit reads them again
  };

  /** Looks again at what new messages pin, unpin, correct or delete. @param {Message[]} messages */
  async #update(messages) {
    const fresh = messages.filter(({ seq }) => Number(seq) > this.#upTo);
    if (fresh.length === 0) return;
    this.#upTo = Math.max(...fresh.map(({ seq }) => Number(seq)));
    const affected = this.#found.affected(fresh);
    if (affected.length === 0) return;
    await this.#found.update(affected);
    this.#draw();
  }

  /** The conversation shows other messages. @param {TimelineItem[]} items */
  show(items) {
    this.#items = items;
    if (this.#shown && this.#parts.room.timeline.hasOlder) {
      this.#shown = false;
      this.start();
    }
    this.#draw();
  }

  #draw() {
    if (this.#closed) return;
    const many = new Set(this.#found.seqs);
    for (const item of this.#items)
      if (isPinned(item)) many.add(Number(item.seq));
      else many.delete(Number(item.seq));
    drawPins(byId("pins"), this.#pinned(), many.size, (from) => this.#open(from));
    this.#parts.panel.refresh("pins", () => this.#nodes());
  }

  /** Pinned messages of the whole room; those shown now say it for themselves. @returns {TimelineItem[]} */
  #pinned() {
    const here = new Set(this.#items.map(({ seq }) => seq));
    const elsewhere = this.#found.messages
      .filter((one) => !here.has(one.seq) && !this.#parts.chat.blocks.isHidden(one.author.uid))
      .map(({ reactions: _reactions, votes: _votes, ...line }) => line);
    const all = [...elsewhere, ...this.#items.filter(isPinned)];
    return all.sort((a, b) => Number(a.seq) - Number(b.seq));
  }

  /** @param {HTMLElement} from */
  #open(from) {
    const { panel, onProblem } = this.#parts;
    panel.open(from, strings.pins.title, this.#nodes(), "pins");
    this.#found.readAll().then(
      () => this.#draw(),
      (error) => onProblem(error.message),
    );
  }

  #nodes() {
    const { room, onGo } = this.#parts;
    return pinPanel(this.#pinned(), {
      onGo,
      onUnpin: room.session.writable
        ? ({ seq, id }) => room.outbox.add({ t: "pin", of: [Number(seq), id], on: 0 })
        : null,
    });
  }
}

/** Works when the browser has nothing else to do. @param {() => void} work */
const whenIdle = (work) =>
  "requestIdleCallback" in globalThis
    ? requestIdleCallback(work, { timeout: 2000 })
    : setTimeout(work, 1000);

/** @param {TimelineItem} item */
const isPinned = ({ pinned, kind, lost }) => pinned === true && kind === "message" && !lost;
