/**
 * Previews of rooms in the list: the last message, and who was mentioned. The list shows no more than the room
 * itself: every message is judged by all that this visit has seen of the room, what this browser keeps included,
 * and the preview follows when a verdict changes.
 */

import { filesOf, mentionsOf } from "../crypto/content-parts.js";
import { senderOf } from "./counting.js";
import { applyChanges } from "./messages/apply-changes.js";
import { factOf, MessageDecoder, namesMentioned } from "./messages/decode-message.js";
import { inOrder } from "./messages/history-reader.js";
import { recallEarlier } from "./messages/incoming-messages.js";
import { KeptResults } from "./messages/kept-results.js";
import { KEPT_PAGE } from "./messages/room-history.js";

/** @typedef {import("../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("./messages/decode-message.js").Message} Message */
/** @typedef {import("./room/room-session.js").RoomSession} RoomSession */
/**
 * @typedef {{seq: number, id: string, good: boolean, message: Message}} Read a message by itself
 * @typedef {object} Look what the list has read of a room
 * @property {Map<number, Read>} reads by seq
 * @property {string} shown what it shows of them, as text
 */

const PREVIEW_ROWS = 20; // newest messages, to find the one that the list shows
const MOST = 100; // unread messages that are searched for mentions
const MOST_READ = MOST + KEPT_PAGE; // messages of a room that are held
const AUTHOR_PAGES = 20; // of 2,000 messages

export class RoomPreviews {
  #me;
  #list;
  #isHidden;
  #onChanged;
  /** @type {WeakMap<RoomSession, Promise<Look>>} */
  #looks = new WeakMap();

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
    const look = await this.#look(session);
    // Others have come since the list was made, or an earlier message matters.
    if (msg > last.seq || last.re || unread > 1) return this.#fetchNewest(session, look);
    this.#list.know(id, [asKnown(last)]);
    if (!(await this.#take(session, look, inOrder([last])))) await this.#fetchNewest(session, look);
  }

  /** Previews a room by what this browser keeps of it. @param {RoomSession} session */
  async describeKept(session) {
    const look = await this.#look(session);
    if (look.reads.size > 0) this.#show(session, look);
  }

  /** Previews the last new message that is accepted.
   * @param {RoomSession} session @param {StoredMessage[]} rows of one frame, checked */
  async add(session, rows) {
    const look = await this.#look(session);
    const next = Math.max(0, ...look.reads.keys()) + 1;
    if (rows.some(({ re }) => re) || rows[0].seq > next) return this.#fetchNewest(session, look);
    await this.#take(session, look, rows);
  }

  /** Fetches the newest messages, for the preview and the unread mentions.
   * @param {RoomSession} session @param {Look} look */
  async #fetchNewest(session, look) {
    const { id } = session;
    const limit = Math.min(MOST, PREVIEW_ROWS + (this.#list.room(id)?.unread ?? 0));
    const answer = await this.#me.api.get(`chatrooms/${id}/messages?limit=${limit}`);
    const messages = inOrder(answer.messages);
    this.#list.know(id, messages.map(asKnown));
    if (messages[0]) await this.#knowOlder(id, messages[0].seq);
    await this.#take(session, look, messages);
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

  /** Looks at a room: at first at what this browser keeps, as many messages as the room opens with.
   * @param {RoomSession} session @returns {Promise<Look>} */
  #look(session) {
    const known = this.#looks.get(session);
    if (known) return known;
    const look = this.#begin(session);
    this.#looks.set(session, look);
    look.catch(() => this.#looks.delete(session)); // nothing is shown that cannot be compared
    return look;
  }

  /** @param {RoomSession} session @returns {Promise<Look>} */
  async #begin(session) {
    const look = { reads: new Map(), shown: "" };
    const kept = await this.#me.store.messages.lastRows(session.id, KEPT_PAGE);
    if (kept.length > 0) await recallEarlier(this.#me, session, kept, this.#parts(session));
    await this.#read(session, look, kept);
    session.seen.addEventListener("judged", () => this.#followVerdicts(session, look));
    return look;
  }

  /** @param {RoomSession} session */
  #parts(session) {
    const decoder = new MessageDecoder(this.#me, session);
    return { decoder, results: new KeptResults(this.#me, session) };
  }

  /** Reads rows, and shows what follows.
   * @param {RoomSession} session @param {Look} look @param {StoredMessage[]} rows ascending
   * @returns {Promise<boolean>} whether the room has a message that can be shown */
  async #take(session, look, rows) {
    await this.#read(session, look, rows);
    return this.#show(session, look);
  }

  /** Verifies and decrypts rows, and judges them by all that was seen.
   * @param {RoomSession} session @param {Look} look @param {StoredMessage[]} rows ascending */
  async #read(session, { reads }, rows) {
    const { decoder, results } = this.#parts(session);
    const fresh = await decoder.decodeAll(rows, await results.of(rows));
    const { seen } = session;
    const facts = fresh.map(factOf);
    for (const [at, { message }] of fresh.entries()) {
      const { seq, id, good } = facts[at];
      // What was verified stays, as in the room.
      if (!seen.contradicts(facts[at]) || !reads.has(seq))
        reads.set(seq, { seq, id, good, message });
    }
    for (const seq of [...reads.keys()].sort((a, b) => b - a).slice(MOST_READ)) reads.delete(seq);
    seen.note(facts);
  }

  /** The room may have refused what the list shows, or accepted what it left out.
   * @param {RoomSession} session @param {Look} look */
  #followVerdicts(session, look) {
    const { shown } = look;
    if (shown !== "" && shown !== this.#describe(session, look).shown) this.#show(session, look);
  }

  /** @param {RoomSession} session @param {Look} look @returns {boolean} whether there is a message */
  #show(session, look) {
    const { first, mentions, preview, shown } = this.#describe(session, look);
    look.shown = shown;
    this.#list.mention(session.id, first, mentions);
    this.#list.update(session.id, { preview });
    this.#onChanged();
    return preview !== null;
  }

  /** Describes the newest messages that are accepted now; after a gap, those alone.
   * @param {RoomSession} session @param {Look} look */
  #describe(session, { reads }) {
    const newest = lastRun([...reads.values()]);
    const accepted = newest.filter((read) => session.seen.accepts(read));
    const lines = applyChanges(accepted.map(({ message }) => message));
    const said = lines.filter(
      ({ kind, author }) => kind === "message" && !this.#isHidden(author.uid),
    );
    const first = newest[0]?.seq ?? 0;
    const mentions = said.flatMap((line) => this.#mention(line));
    const preview = previewOf(session, said.at(-1));
    return { first, mentions, preview, shown: JSON.stringify([first, mentions, preview]) };
  }

  /** Returns a message's number if it mentions the account.
   * @param {Message} line @returns {number[]} */
  #mention({ seq, mine, content }) {
    return seq !== null && !mine && mentionsOf(content).includes(this.#me.uid) ? [seq] : [];
  }
}

/** The messages after the last gap, in order. @param {Read[]} reads */
function lastRun(reads) {
  const sorted = reads.sort((a, b) => a.seq - b.seq);
  const gap = sorted.findLastIndex(({ seq }, at) => at > 0 && sorted[at - 1].seq !== seq - 1);
  return sorted.slice(Math.max(0, gap));
}

/** @param {RoomSession} session @param {Message | undefined} line */
function previewOf(session, line) {
  if (!line) return null;
  const { mine, author, content, ts } = line;
  const mentions = namesMentioned(content, (uid) => session.nameOf(uid));
  return { who: mine ? "" : author.name, text: previewText(line), mentions, ts };
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
