/**
 * Searches one room. If the room's policy allows it, asks the server by blind tokens; its answers
 * are hints, and each row is verified, decrypted and compared with the query here. Otherwise this
 * browser reads the whole room.
 */

import { searchGenerations } from "../../crypto/log.js";
import { searchKey } from "../../crypto/roomkeys.js";
import { hasher } from "../../crypto/tokens.js";
import { MessageDecoder } from "../messages/decode-message.js";
import { Archive } from "./archive.js";
import { CurrentMessages, groupByMessage } from "./current-messages.js";
import { count, hasAll, score } from "./matching.js";
import { findByName, timesOf } from "./query.js";

/** @typedef {import("./query.js").Query} Query */
/** @typedef {Pick<import("../messages/decode-message.js").Message, "key" | "seq" | "id" | "author" |
 *   "ts" | "text" | "content" | "edited"> & {kind: string}} SearchLine a message as it is shown */
/** @typedef {import("../messages/decode-message.js").StoredMessage} StoredMessage */
/** @typedef {"newest" | "relevance"} Wanted */
/** @typedef {{line: SearchLine, score: number}} Hit */
/** @typedef {{hits: Hit[], searched: number, total: number, afresh?: boolean, done?: boolean}} Step
 *   `afresh`: takes the place of all before; `done`: nothing is left */
/** @typedef {{hits: StoredMessage[], refs: StoredMessage[], whole: boolean}} Answer `refs`: what hits correct, and what
 *   changes either; `whole`: nothing is missing there */
/** @typedef {{uids: string[] | null, since?: number, until?: number}} Limits `uids`: null for all */

const MOST_GENERATIONS = 512;
const NEWEST_AT_ONCE = 50;
const RELEVANT_AT_ONCE = 100;
const TOGETHER = 8; // requests
const MOST_UIDS = 100;
const CLOCKS_DIFFER = 600_000; // ms
const LONGEST_WAIT = 30; // seconds, when the server asks for patience

export class RoomSearch {
  #me;
  #session;
  #reader;
  #lines;
  #isHidden;
  #locks;
  #name;
  #messages;
  /** @type {Map<number, Promise<(term: string) => Promise<number>>>} by generation */
  #hashers = new Map();
  /** @type {Map<boolean, Archive>} kept ones and others */
  #archives = new Map();

  /**
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {object} [here]
   * @param {() => SearchLine[]} [here.lines] what the page shows of the room already
   * @param {(uid: string) => boolean} [here.isHidden] whether somebody is not to be heard
   * @param {() => string} [here.name] what the room is called here
   * @param {Pick<LockManager, "request">} [here.locks]
   */
  constructor(me, session, { lines = () => [], isHidden = () => false, name, locks } = {}) {
    this.#me = me;
    this.#session = session;
    this.#reader = new MessageDecoder(me, session);
    this.#messages = new CurrentMessages(me, session, this.#reader);
    this.#lines = lines;
    this.#isHidden = isHidden;
    this.#name = name ?? (() => session.profile.name);
    this.#locks = locks;
  }

  get id() {
    return this.#session.id;
  }

  get name() {
    return this.#name();
  }

  get byServer() {
    return this.#session.state.policy.search === "server";
  }

  /** Discards the fetched forms of changed messages. */
  clearCache() {
    this.#messages.clear();
  }

  /**
   * Yields the steps of a search, each with more hits. It ends once everything was searched.
   * @param {Query} query @param {Wanted} order @param {AbortSignal} signal
   * @returns {AsyncGenerator<Step>}
   */
  async *find(query, order, signal) {
    const limits = this.#limits(query);
    if (limits.uids?.length === 0) return;
    yield this.#searchShown(query, order, limits);
    if (this.byServer && query.terms.length > 0) {
      try {
        yield* this.#searchServer(query, order, limits, signal);
        return;
      } catch (/** @type {any} */ error) {
        // The rules have changed a moment ago, or an older server has no index.
        if (error.code !== "search_device" && error.status !== 404) throw error;
        await this.#session.refresh();
      }
    }
    yield* this.#searchArchive(query, order, limits, signal);
  }

  /** @param {Query} query @returns {Limits} */
  #limits(query) {
    const times = timesOf(query);
    if (query.from.length === 0) return { uids: null, ...times };
    const { name, uid } = this.#me;
    const people = [...this.#session.identities.values(), { name, uid }];
    const found = query.from.flatMap((wanted) =>
      wanted === "me" ? [uid] : findByName(people, wanted).map((person) => person.uid),
    );
    return { uids: [...new Set(found)], ...times };
  }

  /** @param {Query} query @param {Limits} limits @param {Wanted} order
   * @returns {(line: SearchLine) => import("./matching.js").Counts | null} null for no hit */
  #judge(query, { uids, since = 0, until = Number.POSITIVE_INFINITY }, order) {
    return (line) => {
      const { kind, author, ts, seq } = line;
      if (kind !== "message" || seq === null || this.#isHidden(author.uid)) return null;
      if (uids && !uids.includes(author.uid)) return null;
      if (ts < since || ts >= until || !hasAll(line, query.has)) return null;
      const counts = count(line.text, query.terms);
      const some = order === "newest" ? "every" : "some";
      const found = query.terms.length === 0 || counts.tf[some]((n) => n > 0);
      return found ? counts : null;
    };
  }

  // --- loaded messages ---------------------------------------------------------------------------

  /** @param {Query} query @param {Wanted} order @param {Limits} limits @returns {Step} */
  #searchShown(query, order, limits) {
    const hits = rank(this.#lines(), this.#judge(query, limits, order), query);
    return { hits, searched: 0, total: 0 };
  }

  /** @param {Query} query @param {Wanted} order @param {Limits} limits
   * @param {AbortSignal} signal @returns {AsyncGenerator<Step>} */
  async *#searchArchive(query, order, limits, signal) {
    const judge = this.#judge(query, limits, order);
    /** @type {SearchLine[]} */
    const all = [];
    for await (const { lines, ...reached } of this.#archive().walk(signal)) {
      if (order === "newest") yield { hits: rank(lines, judge, query), ...reached };
      else {
        all.push(...lines);
        yield { hits: rank(all, judge, query), ...reached, afresh: true };
      }
    }
  }

  #archive() {
    const keep = !this.byServer;
    const found =
      this.#archives.get(keep) ??
      new Archive(this.#me, this.#session, { keep, locks: this.#locks });
    this.#archives.set(keep, found);
    return found;
  }

  // --- by the server -------------------------------------------------------------------------------

  /** @param {Query} query @param {Wanted} order @param {Limits} limits
   * @param {AbortSignal} signal @returns {AsyncGenerator<Step>} */
  async *#searchServer(query, order, limits, signal) {
    const judge = this.#judge(query, limits, order);
    const body = await this.#request(query, order, limits);
    if (body.tokens.length === 0) return;
    /** @type {Set<number>} */
    const seen = new Set();
    let [cursor, searched] = [/** @type {string | null} */ (null), 0];
    do {
      const page = { ...body, ...(cursor !== null && { cursor }) };
      const path = /** @type {const} */ (`chatrooms/${this.id}/search`);
      const answer = await retryWhenLimited(() => this.#me.api.post(path, page), signal);
      const lines = await this.#resolveHits(answer, seen, signal);
      const about = order === "relevance" ? { df: answer.df, total: answer.indexed } : undefined;
      const next = answer.cursor ?? null;
      const oldest = Math.min(...answer.hits.map((/** @type {StoredMessage} */ { seq }) => seq));
      const passed = Number.isFinite(oldest) ? answer.total - oldest + 1 : 0;
      const all = next === null || order === "relevance";
      searched = all ? answer.total : Math.min(answer.total, Math.max(searched, passed));
      const afresh = cursor === null && order === "relevance";
      const hits = rank(lines, judge, query, about);
      yield { hits, searched, total: answer.total, afresh, done: next === null };
      cursor = next;
    } while (cursor !== null);
  }

  /** @param {Query} query @param {Wanted} order @param {Limits} limits */
  async #request({ terms }, order, { uids, since = 0 }) {
    // Corrections are indexed by themselves: they come later and name no files, so the server must
    // not filter by `until` or files. Its clock and the sender's differ by some minutes.
    return {
      tokens: await this.#tokens(terms.map(({ term }) => term)),
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
    const found = this.#hashers.get(g) ?? searchKey(key, this.id, g).then(hasher);
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

/**
 * The hits among lines, each with its score.
 * @param {SearchLine[]} lines
 * @param {(line: SearchLine) => import("./matching.js").Counts | null} judge
 * @param {Query} query
 * @param {{df: number[], total: number}} [told] what the server counted; else it is counted here
 * @returns {Hit[]}
 */
function rank(lines, judge, { terms }, told) {
  const found = lines.flatMap((line) => {
    const counts = judge(line);
    return counts ? [{ line, counts }] : [];
  });
  const words = found.reduce((sum, { counts }) => sum + counts.length, 0);
  const df = terms.map((_, at) => found.filter(({ counts }) => counts.tf[at] > 0).length);
  const about = { df, total: lines.length, ...told, average: words / (found.length || 1) };
  return found.map(({ line, counts }) => ({ line, score: score(counts, about) }));
}

/** Retries after the wait that the server demands.
 * @template T @param {() => Promise<T>} ask @param {AbortSignal} signal @returns {Promise<T>} */
async function retryWhenLimited(ask, signal) {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (/** @type {any} */ error) {
      const wait = error.extra?.retry_after;
      if (error.code !== "rate" || !(wait <= LONGEST_WAIT)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
  }
}
