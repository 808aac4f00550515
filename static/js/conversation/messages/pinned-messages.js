/**
 * The pinned messages of the whole room. The server does not know which changes are pins, so all of
 * the room's changes are read once; the pins among them are kept, and later visits read what is new.
 */

import { checkStoredMessage } from "../../crypto/check-row.js";
import { applyChanges } from "./apply-changes.js";
import { MessageDecoder } from "./decode-message.js";

/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {{upTo: number, rows: StoredMessage[]}} Kept up to which number changes were read, and
 *   the pins among them, in order of seq */

const MARK = "pins";
const MOST = 100; // pinned messages that are shown; the newest ones
const AT_ONCE = 50; // changes that are decrypted before the page may draw

export class PinnedMessages {
  #me;
  #session;
  #timeline;
  #decoder;
  /** @type {Map<number, Message>} what is pinned, by seq, as far as it was read */
  #pinned = new Map();
  /** @type {Set<number>} seqs of all that is pinned, as far as is known */
  #seqs = new Set();

  /**
   * @param {import("../account/account.js").Account} me
   * @param {import("../room/room-session.js").RoomSession} session
   * @param {{read: (seq: number) => Promise<Message[]>}} timeline judges messages by all that was seen
   */
  constructor(me, session, timeline) {
    this.#me = me;
    this.#session = session;
    this.#timeline = timeline;
    this.#decoder = new MessageDecoder(me, session);
  }

  /** The pinned messages that were read, as they are now, oldest first. @returns {Message[]} */
  get messages() {
    return [...this.#pinned.values()].sort((a, b) => Number(a.seq) - Number(b.seq));
  }

  /** The seqs of all that is pinned, as far as is known. @returns {number[]} */
  get seqs() {
    return [...this.#seqs];
  }

  /**
   * Finds what is pinned in the whole room, and reads the newest of it. Where nothing was written since
   * the last time, the server is not asked for changes.
   * @param {number} [head] seq of the room's newest message
   * @returns {Promise<void>}
   * @throws {Error} if the server cannot be reached; what was found before stays
   */
  async find(head = 0) {
    const kept = /** @type {Kept | undefined} */ (
      await this.#me.store.settings.progress(this.#session.id, MARK)
    );
    const known = kept && head > 0 && kept.upTo >= head;
    const { upTo, rows } = known ? kept : await this.#readChanges(kept ?? { upTo: 0, rows: [] });
    const read = { upTo: Math.max(upTo, head), rows };
    await this.#me.store.settings.saveProgress(this.#session.id, MARK, read);
    this.#seqs = new Set(await this.#pinnedBy(rows));
    for (const seq of this.#seqs) {
      await this.update([seq]);
      if (this.#pinned.size > 0) return;
    }
  }

  /** Reads all that is pinned.
   * @returns {Promise<void>}
   * @throws {Error} if the server cannot be reached; what was read before stays */
  async readAll() {
    await this.update(this.seqs.filter((seq) => !this.#pinned.has(seq)));
  }

  /** The newest messages that are pinned, by the last word on each.
   * @param {StoredMessage[]} rows pins in order of seq @returns {Promise<number[]>} newest first */
  async #pinnedBy(rows) {
    /** @type {Map<number, number>} */
    const last = new Map();
    for (const { message } of await Promise.all(rows.map((row) => this.#decoder.decode(row))))
      if (message.content?.t === "pin") last.set(message.content.of[0], message.content.on);
    const on = [...last].filter(([, state]) => state === 1).map(([seq]) => seq);
    return on.sort((a, b) => b - a).slice(0, MOST);
  }

  /**
   * Looks again at messages that may be pinned, or not any more.
   * @param {number[]} seqs
   * @returns {Promise<void>}
   */
  async update(seqs) {
    for (const seq of seqs) {
      const now = applyChanges(await this.#timeline.read(seq), { allChanges: true });
      const message = now.find((one) => one.seq === seq);
      const pinned = message?.pinned === true && message.kind === "message";
      if (pinned) this.#pinned.set(seq, message);
      else this.#pinned.delete(seq);
      if (pinned) this.#seqs.add(seq);
      else this.#seqs.delete(seq);
    }
  }

  /** The seqs of pinned messages that some messages change, and of those that they pin.
   * @param {Message[]} messages @returns {number[]} */
  affected(messages) {
    const found = new Set(messages.flatMap(pinTargets));
    for (const { content } of messages)
      if (content && "of" in content)
        for (const seq of [content.of].flat(2))
          if (typeof seq === "number" && this.#seqs.has(seq)) found.add(seq);
    return [...found];
  }

  /** @param {Kept} kept @returns {Promise<Kept>} */
  async #readChanges({ upTo, rows }) {
    /** @type {StoredMessage[]} */
    const found = [];
    let newest = upTo;
    /** @type {number | null} */
    let below = null;
    do {
      const page = await this.#page(below);
      const fresh = page.refs.map(checkStoredMessage).filter(({ seq }) => seq > upTo);
      newest = Math.max(newest, ...fresh.map(({ seq }) => seq));
      found.push(...(await this.#pinsAmong(fresh)));
      const next = fresh.length > 0 ? (page.more_refs ?? null) : null;
      if (next !== null && below !== null && !(next < below))
        throw new Error("an answer of another shape");
      below = next;
    } while (below !== null && below > upTo);
    return { upTo: newest, rows: [...rows, ...found.sort((a, b) => a.seq - b.seq)] };
  }

  /** @param {number | null} below @returns {Promise<import("../../net/types.js").RefsPage>} */
  #page(below) {
    const query = below === null ? "" : `?before=${below}`;
    return this.#me.api.get(
      /** @type {`chatrooms/${string}/refs?${string}`} */ (
        `chatrooms/${this.#session.id}/refs${query}`
      ),
    );
  }

  /** @param {StoredMessage[]} rows @returns {Promise<StoredMessage[]>} */
  async #pinsAmong(rows) {
    /** @type {StoredMessage[]} */
    const pins = [];
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const some = rows.slice(at, at + AT_ONCE);
      const reads = await Promise.all(some.map((row) => this.#decoder.decode(row)));
      for (const { stored, message } of reads)
        if (pinTargets(message).length > 0 || message.kind === "locked") pins.push(stored);
    }
    return pins;
  }
}

/** @param {Message} message @returns {number[]} */
const pinTargets = ({ content }) => (content?.t === "pin" ? [content.of[0]] : []);
