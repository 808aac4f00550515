/** Previews of rooms in the list: the last message, and who was mentioned. */

import { filesOf, mentionsOf } from "../crypto/content-parts.js";
import { MessageOrder } from "../crypto/order.js";
import { senderOf } from "./counting.js";
import { applyChanges } from "./messages/apply-changes.js";
import { MessageDecoder, namesMentioned } from "./messages/decode-message.js";
import { KeptResults } from "./messages/kept-results.js";

/** @typedef {import("../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("./messages/decode-message.js").Message} Message */
/** @typedef {import("./room/room-session.js").RoomSession} RoomSession */
/** @typedef {{order: MessageOrder, last: number}} Accepted what was accepted, up to the seq `last` */

const PREVIEW_ROWS = 20; // newest messages, to find the one that the list shows
const MOST = 100; // unread messages that are searched for mentions
const AUTHOR_PAGES = 20; // of 2,000 messages

export class RoomPreviews {
  #me;
  #list;
  #isHidden;
  #onChanged;
  /** @type {Map<string, Accepted>} what the list has looked at, by room */
  #orders = new Map();

  /**
   * @param {import("./account/account.js").Account} me
   * @param {import("./room-list.js").RoomList} list that shows them
   * @param {(uid: string) => boolean} isHidden whether somebody is blocked
   * @param {() => void} onChanged told when the list has to be rendered again
   */
  constructor(me, list, isHidden, onChanged) {
    this.#me = me;
    this.#list = list;
    this.#isHidden = isHidden;
    this.#onChanged = onChanged;
  }

  /** Previews a room that the server lists. @param {RoomSession} session */
  async describe(session) {
    const { id } = session;
    const { last, msg = 0, unread = 0 } = this.#list.room(id) ?? {};
    if (!last) return;
    if (msg > last.seq) return this.#fetchNewest(session); // others have come since the list
    const kept =
      unread > 0 || last.re ? [] : await this.#me.store.messages.lastRows(id, PREVIEW_ROWS);
    if (kept.length === 0) await this.#previewOrFetch(session, last, unread);
    else await this.#previewFrom(session, [...kept.filter(({ seq }) => seq < last.seq), last]);
  }

  /** Previews a room by the last message that the list brought, where no earlier one can matter.
   * @param {RoomSession} session @param {StoredMessage} last @param {number} unread */
  async #previewOrFetch(session, last, unread) {
    if (last.re || unread > 1) return this.#fetchNewest(session);
    this.#list.know(session.id, [asKnown(last)]);
    if (!(await this.#previewFrom(session, [last]))) await this.#fetchNewest(session);
  }

  /** Previews a room by what this browser keeps of it. @param {RoomSession} session */
  async describeKept(session) {
    const rows = await this.#me.store.messages.lastRows(session.id, PREVIEW_ROWS);
    if (rows.length > 0) await this.#previewFrom(session, rows);
  }

  /** Previews the last new message that verifies.
   * @param {RoomSession} session @param {StoredMessage[]} rows */
  async add(session, rows) {
    const held = this.#orders.get(session.id);
    if (rows.some(({ re }) => re) || !held) return this.#fetchNewest(session);
    const items = await this.#accept(session, rows, held);
    const said = items.filter(
      ({ kind, author }) => kind === "message" && !this.#isHidden(author.uid),
    );
    this.#list.mention(
      session.id,
      said.flatMap((item) => this.#mention(item)),
    );
    if (said.length > 0) this.#setPreview(session, said.at(-1));
  }

  /** Fetches the newest messages, for the preview and the unread mentions.
   * @param {RoomSession} session */
  async #fetchNewest(session) {
    const { id } = session;
    const limit = Math.min(MOST, PREVIEW_ROWS + (this.#list.room(id)?.unread ?? 0));
    const { messages } = await this.#me.api.get(`chatrooms/${id}/messages?limit=${limit}`);
    this.#list.know(id, messages.map(asKnown));
    if (messages[0]) await this.#knowOlder(id, messages[0].seq);
    await this.#previewFrom(session, messages);
  }

  /** Asks who wrote the unread messages before those that were fetched: the account's own and those
   * of blocked people do not count. @param {string} id @param {number} first the oldest fetched */
  async #knowOlder(id, first) {
    const read = this.#list.readMark(id);
    let before = /** @type {number | null} */ (this.#list.unknown(id) > 0 ? first : null);
    for (let page = 0; before !== null && before > read + 1 && page < AUTHOR_PAGES; page++) {
      const path = /** @type {`chatrooms/${string}/unread?${string}`} */ (
        `chatrooms/${id}/unread?after=${read}&before=${before}`
      );
      const { authors, more } = await this.#me.api.get(path);
      const known = authors.flatMap(({ uid, seqs }) =>
        seqs.map((seq) => ({ seq, uid, counts: true })),
      );
      this.#list.know(
        id,
        known.sort((a, b) => a.seq - b.seq),
      );
      before = more;
    }
  }

  /** Replaces a room's preview by its newest rows.
   * @param {RoomSession} session @param {StoredMessage[]} rows
   * @returns {Promise<boolean>} whether one of them can be shown */
  async #previewFrom(session, rows) {
    // Its own until it is done: another look at the same room may run meanwhile.
    const held = { order: new MessageOrder((rows[0]?.seq ?? 1) - 1), last: 0 };
    const lines = applyChanges(await this.#accept(session, rows, held));
    this.#orders.set(session.id, held);
    const all = lines.filter(({ kind }) => kind === "message");
    const said = all.filter(({ author }) => !this.#isHidden(author.uid));
    this.#list.update(session.id, { mentions: said.flatMap((line) => this.#mention(line)) });
    this.#setPreview(session, said.at(-1));
    return said.length > 0;
  }

  /** The messages that the room itself would accept: a list shows no more than the room.
   * @param {RoomSession} session @param {StoredMessage[]} rows
   * @param {Accepted} held what was looked at before
   * @returns {Promise<Message[]>} */
  async #accept(session, rows, held) {
    const reader = new MessageDecoder(this.#me, session);
    const known = await new KeptResults(this.#me, session).of(rows);
    const reads = await Promise.all(rows.map((row) => reader.decode(row, known.get(row.seq))));
    const accepted = reads.filter(({ stored: { seq }, id, header, good }) => {
      if (!good || !header || seq <= held.last) return false;
      held.last = seq;
      return held.order.add({ seq, id, header }).accepted;
    });
    return accepted.map(({ message: item }) => item);
  }

  /** Returns a message's number if it mentions the account.
   * @param {Message} line @returns {number[]} */
  #mention({ seq, mine, content }) {
    return seq !== null && !mine && mentionsOf(content).includes(this.#me.uid) ? [seq] : [];
  }

  /** @param {RoomSession} session @param {Message | undefined} line */
  #setPreview(session, line) {
    const { id } = session;
    if (line) {
      const { mine, author, content, ts } = line;
      const who = mine ? "" : author.name;
      const mentions = namesMentioned(content, (uid) => session.nameOf(uid));
      this.#list.update(id, { preview: { who, text: previewText(line), mentions, ts } });
    } else this.#list.update(id, { preview: null });
    this.#onChanged();
  }
}

/** A message in one line: its text, else its files. @param {Message} line */
const previewText = ({ text, content }) =>
  text ||
  filesOf(content)
    .map(({ name }) => name)
    .join(", ");

/** A stored message as the server counts it; its author is what the header says.
 * @param {StoredMessage} row */
const asKnown = ({ seq, h, re, ...rest }) => ({
  seq,
  uid: senderOf(h),
  counts: !re && !("del" in rest),
});
