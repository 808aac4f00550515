/**
 * Asks the server's index of one room by blind tokens. Its answers are hints: each row is verified,
 * decrypted and compared with the query here.
 */

import { searchGenerations } from "../../crypto/log.js";
import { searchKey } from "../../crypto/roomkeys.js";
import { hasher } from "../../crypto/tokens.js";
import { groupByMessage } from "./current-messages.js";
import { judgedOf } from "./ranking.js";

/** @typedef {import("../messages/decode-message.js").StoredMessage} StoredMessage */
/** @typedef {import("./ranking.js").Judge} Judge */
/** @typedef {import("./ranking.js").Judged} Judged */
/** @typedef {import("./room-search.js").SearchLine} SearchLine */
/** @typedef {import("./room-search.js").Wanted} Wanted */
/** @typedef {{uids: string[] | null, since?: number, until?: number}} Limits `uids`: null for all */
/** @typedef {{limits: Limits, judge: Judge, signal: AbortSignal}} Asked */
/** @typedef {{hits: StoredMessage[], refs: StoredMessage[], whole: boolean, df: number[],
 *   total: number, indexed: number, older?: boolean, cursor?: string | null}} Answer `refs`: what hits correct, and
 *   what changes either; `whole`: nothing is missing there */

const MOST_GENERATIONS = 512;
const NEWEST_AT_ONCE = 50;
const RELEVANT_AT_ONCE = 100;
const TOGETHER = 8; // requests
const MOST_UIDS = 100;
const CLOCKS_DIFFER = 600_000; // ms
const LONGEST_WAIT = 30; // seconds, when the server asks for patience

export class ServerIndex {
  #me;
  #session;
  #reader;
  #messages;
  #lines;
  /** @type {Map<number, Promise<(term: string) => Promise<number>>>} by generation */
  #hashers = new Map();

  /**
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {object} here
   * @param {import("../messages/decode-message.js").MessageDecoder} here.reader
   * @param {import("./current-messages.js").CurrentMessages} here.messages
   * @param {() => SearchLine[]} here.lines what the page shows of the room already
   */
  constructor(me, session, { reader, messages, lines }) {
    this.#me = me;
    this.#session = session;
    this.#reader = reader;
    this.#messages = messages;
    this.#lines = lines;
  }

  /** The answers to one request, page by page, with the messages that they are about.
   * @param {string[]} terms @param {Wanted} order @param {Asked} asked
   * @returns {AsyncGenerator<{judged: Judged[], answer: Answer, next: string | null}>} */
  async *pages(terms, order, { limits, judge, signal }) {
    const body = await this.#request(terms, order, limits);
    if (body.tokens.length === 0 || terms.length === 0) return;
    /** @type {Set<number>} */
    const seen = new Set();
    /** @type {string | null} */
    let cursor = null;
    do {
      const page = { ...body, ...(cursor !== null && { cursor }) };
      const path = /** @type {const} */ (`chatrooms/${this.#session.id}/search`);
      /** @type {Answer} */
      const answer = await retryWhenLimited(() => this.#me.api.post(path, page), signal);
      const judged = judgedOf(await this.#resolveHits(answer, seen, signal), judge);
      cursor = answer.cursor ?? null;
      yield { judged, answer, next: cursor };
    } while (cursor !== null);
  }

  /** @param {string[]} terms @param {Wanted} order @param {Limits} limits */
  async #request(terms, order, { uids, since = 0 }) {
    // Corrections are indexed by themselves: they come later and name no files, so the server must
    // not filter by `until` or files. Its clock and the sender's differ by some minutes.
    return {
      tokens: await this.#tokens(terms),
      order,
      limit: order === "newest" ? NEWEST_AT_ONCE : RELEVANT_AT_ONCE,
      ...(uids && uids.length <= MOST_UIDS && { uids }),
      ...(since > CLOCKS_DIFFER && { since: since - CLOCKS_DIFFER }),
    };
  }

  /** Each term under each held search key. @param {string[]} terms */
  async #tokens(terms) {
    const { state, keys } = this.#session;
    const all = [...new Set(searchGenerations(state).values())].filter((g) => keys.get(g));
    return Promise.all(
      all.slice(-MOST_GENERATIONS).map(async (g) => {
        const token = await this.#hasher(g);
        return { g, t: await Promise.all(terms.map(token)) };
      }),
    );
  }

  /** @param {number} g */
  #hasher(g) {
    const key = /** @type {Uint8Array} */ (this.#session.keys.get(g));
    const found = this.#hashers.get(g) ?? searchKey(key, this.#session.id, g).then(hasher);
    this.#hashers.set(g, found);
    return found;
  }

  /** The messages that the server's rows belong to, in their present form: each message once.
   * @param {Answer} answer @param {Set<number>} seen @param {AbortSignal} signal */
  async #resolveHits({ hits: rows, refs, whole }, seen, signal) {
    const beside = whole ? groupByMessage([...rows, ...refs]) : new Map();
    const named = new Map(this.#lines().map((line) => [line.seq, line]));
    /** @type {SearchLine[]} */
    const lines = [];
    for (let at = 0; at < rows.length; at += TOGETHER) {
      signal.throwIfAborted();
      const reads = rows
        .slice(at, at + TOGETHER)
        .map((row) => this.#resolveHit(row, named, beside, seen));
      lines.push(...(await Promise.all(reads)).filter((line) => line !== null));
    }
    return lines;
  }

  /** @param {StoredMessage} row @param {Map<number | null, SearchLine>} here @param {Map<number, StoredMessage[]>} beside
   * @param {Set<number>} seen @returns {Promise<SearchLine | null>} */
  async #resolveHit(row, here, beside, seen) {
    const { message: item } = await this.#reader.decode(row);
    const edit = item.content?.t === "edit";
    if (item.kind !== "message" && !edit) return null;
    const [seq, id] = item.content?.t === "edit" ? item.content.of : [row.seq, item.id];
    if (seen.has(seq)) return null;
    seen.add(seq);
    const line = here.get(seq) ?? (await this.#messages.get(seq, beside.get(seq)));
    return line?.id === id ? line : null;
  }
}

/** Retries after the wait that the server demands.
 * @template T @param {() => Promise<T>} ask @param {AbortSignal} signal @returns {Promise<T>} */
async function retryWhenLimited(ask, signal) {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      const wait = error.extra?.retry_after;
      if (error.code !== "rate" || !(wait <= LONGEST_WAIT)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
  }
}
