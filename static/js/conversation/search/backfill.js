/**
 * Creates search tokens for messages that have none: those of a room that was searched on its
 * members' devices before, or of senders who could not make any.
 */

import { searchableText } from "../../crypto/content.js";
import { searchGenerations } from "../../crypto/log.js";
import { searchKey } from "../../crypto/roomkeys.js";
import { ArchiveStore } from "../../store/archive.js";
import { MessageDecoder } from "../messages/decode-message.js";
import { tokensFor, VERSION } from "./search-terms.js";

const PAGE = 200;
const TOKENS = 60_000; // in one request, some 600 kB
const WHAT = "tokens-2"; // the name of the mark up to which this browser has processed messages

export class Backfill {
  #me;
  #session;
  #reader;

  /** @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session */
  constructor(me, session) {
    this.#me = me;
    this.#session = session;
    this.#reader = new MessageDecoder(me, session);
  }

  /** Returns the number of messages without tokens that this browser may create. */
  async waiting() {
    const { state, isMember, frozen } = this.#session;
    if (state.policy.search !== "server" || !isMember || frozen || state.ended) return 0;
    const { rows, missing } = await this.#page(await this.#mark(), 1);
    return rows.length > 0 ? missing : 0;
  }

  /**
   * Continues where the last visit stopped, to the end.
   * @param {AbortSignal} signal @param {(done: number) => void} onProgress from 0 to 1
   * @returns {Promise<number>} messages that can be found now
   */
  async run(signal, onProgress) {
    let [mark, seen, taken, all] = [await this.#mark(), 0, 0, 0];
    for (let more = true; more; ) {
      signal.throwIfAborted();
      const { rows, missing, cursor } = await this.#page(mark, PAGE);
      all ||= missing;
      const messages = await this.#tokens(rows);
      const path = /** @type {const} */ (`chatrooms/${this.#session.id}/tokens`);
      for (const portion of portions(messages)) {
        const body = { messages: portion, v: VERSION };
        taken += (await this.#me.api.post(path, body)).taken;
      }
      seen += rows.length;
      mark = rows.at(-1)?.seq ?? mark;
      await this.#me.store.settings.saveProgress(this.#session.id, WHAT, mark);
      onProgress(all > 0 ? Math.min(1, seen / all) : 1);
      more = cursor !== null && rows.length > 0;
    }
    await this.#me.store.part(ArchiveStore).dropArchive(this.#session.id); // the server's index replaces it
    return taken;
  }

  async #mark() {
    return (
      /** @type {number} */ (await this.#me.store.settings.progress(this.#session.id, WHAT)) ?? 0
    );
  }

  /** @param {number} after @param {number} limit
   */
  #page(after, limit) {
    return this.#me.api.get(
      `chatrooms/${this.#session.id}/tokens?after=${after}&limit=${limit}&version=${VERSION}`,
    );
  }

  /** @param {import("../messages/decode-message.js").StoredMessage[]} rows */
  async #tokens(rows) {
    const byEpoch = searchGenerations(this.#session.state);
    const made = await Promise.all(rows.map((row) => this.#tokensOf(row, byEpoch)));
    return made.filter((one) => one !== null);
  }

  /** @param {import("../messages/decode-message.js").StoredMessage} row @param {Map<number, number>} byEpoch */
  async #tokensOf(row, byEpoch) {
    const { header, message: item } = await this.#reader.decode(row);
    const g = header && byEpoch.get(header.e);
    const key = g && this.#session.keys.get(g);
    if (!key || !item.content) return null;
    const sk = await searchKey(key, this.#session.id, g);
    const { t } = await tokensFor(sk, searchableText(item.content), g);
    return { seq: row.seq, g, t };
  }
}

/** Messages in requests of at most TOKENS tokens, or one message.
 * @param {{seq: number, g: number, t: number[]}[]} messages */
function portions(messages) {
  /** @type {(typeof messages)[]} */
  const found = [];
  let left = 0;
  for (const message of messages) {
    left -= message.t.length;
    const last = found.at(-1);
    if (last && left >= 0) last.push(message);
    else {
      found.push([message]);
      left = TOKENS - message.t.length;
    }
  }
  return found;
}
