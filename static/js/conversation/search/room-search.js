/**
 * Searches one room. If the room's policy allows it, asks the server by blind tokens; its answers
 * are hints, and each row is verified, decrypted and compared with the query here. Otherwise this
 * browser reads the whole room.
 */

import { searchableText } from "../../crypto/content.js";
import { MessageDecoder, namesMentioned } from "../messages/decode-message.js";
import { Archive } from "./archive.js";
import { askedClauses, askedUnits, clauses, termsOf } from "./asking.js";
import { CurrentMessages } from "./current-messages.js";
import { FORMS, Matcher } from "./matching.js";
import { findByName, hasAll, timesOf } from "./query.js";
import { frequencies, judgedOf, ranked, withMost } from "./ranking.js";
import { read } from "./search-text.js";
import { ServerIndex } from "./server-index.js";
import { loadStemmers } from "./stems.js";

/** @typedef {import("./query.js").Query} Query */
/** @typedef {Pick<import("../messages/decode-message.js").Message, "key" | "seq" | "id" | "author" |
 *   "ts" | "text" | "content" | "edited"> & {kind: string}} SearchLine a message as it is shown */
/** @typedef {"newest" | "relevance"} Wanted */
/** @typedef {import("./ranking.js").Hit} Hit */
/** @typedef {import("./ranking.js").Judge} Judge */
/** @typedef {import("./ranking.js").Judged} Judged */
/** @typedef {import("./server-index.js").Limits} Limits */
/** @typedef {import("./server-index.js").Asked} Asked */
/** @typedef {{hits: Hit[], searched: number, total: number, afresh?: boolean, done?: boolean,
 *   unindexed?: boolean}} Step `afresh`: takes the place of all before; `done`: nothing is left;
 *   `unindexed`: the server's index has none of the words, and this browser reads the room */

export class RoomSearch {
  #me;
  #session;
  #lines;
  #isHidden;
  #locks;
  #name;
  #messages;
  #index;
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
    const reader = new MessageDecoder(me, session);
    const messages = new CurrentMessages(me, session, reader);
    this.#messages = messages;
    this.#index = new ServerIndex(me, session, { reader, messages, lines });
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

  /** The names of everybody who may have written here. @returns {string[]} */
  get people() {
    return [...this.#session.identities.values()]
      .filter(({ uid }) => !this.#isHidden(uid))
      .map(({ name }) => name);
  }

  /** The names that a message mentions. @param {SearchLine} line */
  mentionsIn({ content }) {
    return namesMentioned(content, (uid) => this.#session.nameOf(uid));
  }

  get byServer() {
    return this.#session.state.policy.search === "server";
  }

  /** Discards the fetched forms of changed messages. */
  clearCache() {
    this.#messages.clear();
  }

  /** The texts that this browser has decrypted. @returns {Generator<string>} */
  *texts() {
    for (const { kind, text } of this.#lines()) if (kind === "message") yield text;
    for (const archive of this.#archives.values()) yield* archive.texts();
  }

  /**
   * Yields the steps of a search, each with more hits. It ends once everything was searched.
   * @param {Query} query @param {Wanted} order @param {AbortSignal} signal
   * @returns {AsyncGenerator<Step>}
   */
  async *find(query, order, signal) {
    const limits = this.#limits(query);
    if (limits.uids?.length === 0) return;
    await loadStemmers(query.groups.flat().flatMap(({ atoms }) => atoms));
    const matcher = new Matcher(query);
    const judge = this.#judge(matcher, limits);
    yield { hits: ranked(judgedOf(this.#lines(), judge), matcher, order), searched: 0, total: 0 };
    if (this.byServer && clauses(matcher).length > 0) {
      try {
        const asked = { limits, judge, signal };
        if (order === "newest") yield* this.#newestOfServer(matcher, asked);
        else yield* this.#bestOfServer(matcher, asked);
        return;
      } catch (error) {
        // The rules have changed a moment ago, or an older server has no index.
        if (error.code !== "search_device" && error.status !== 404) throw error;
        await this.#session.refresh();
      }
    }
    const unindexed = this.byServer && query.groups.length > 0;
    for await (const step of this.#searchArchive(matcher, judge, order, signal))
      yield { ...step, unindexed };
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

  /** @param {Matcher} matcher @param {Limits} limits @returns {Judge} */
  #judge(matcher, { uids, since = 0, until = Number.POSITIVE_INFINITY }) {
    return (line) => {
      const { kind, author, ts, seq, text, content } = line;
      if (kind !== "message" || seq === null || this.#isHidden(author.uid)) return null;
      if (this.#session.hasEnded(ts)) return null;
      if (uids && !uids.includes(author.uid)) return null;
      if (ts < since || ts >= until || !hasAll(line, matcher.query.has)) return null;
      return matcher.fit(read(wordsOf(text, content)));
    };
  }

  /** @param {Matcher} matcher @param {Judge} judge @param {Wanted} order
   * @param {AbortSignal} signal @returns {AsyncGenerator<Step>} */
  async *#searchArchive(matcher, judge, order, signal) {
    /** @type {Judged[]} */
    const all = [];
    let found = false;
    for await (const { lines, ...reached } of this.#archive().walk(signal)) {
      const judged = judgedOf(lines, judge);
      all.push(...judged);
      const afresh = order === "relevance";
      const hits = ranked(afresh ? all : judged, matcher, order);
      found ||= hits.length > 0;
      const most = reached.done && !found && order === "newest" ? withMost(all) : [];
      yield { hits: [...hits, ...most], ...reached, afresh };
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

  /** Exact words first, then forms of them; if no message has all words, those with most of them.
   * @param {Matcher} matcher @param {Asked} asked @returns {AsyncGenerator<Step>} */
  async *#newestOfServer(matcher, asked) {
    const [exact, loose] = [askedClauses(matcher, false), askedClauses(matcher, true)];
    const once = JSON.stringify(exact) === JSON.stringify(loose); // the same messages
    const tasks = [exact, ...(once ? [] : [loose])].flatMap((sets, stage) =>
      sets.map((clause) => ({ ...clause, forms: stage > 0 })),
    );
    const main = exact.findLastIndex((clause) => !clause.finished);
    const some = matcher.query.groups.length > 1;
    let [found, searched, older] = [false, 0, true];
    for (const [at, task] of tasks.entries()) {
      const { terms, forms } = task;
      if (task.older && !older) continue; // no message has such tokens
      for await (const { judged, answer, next } of this.#index.pages(terms, "newest", asked)) {
        const all = ranked(judged, matcher, "newest");
        const hits = once ? all : all.filter((hit) => (hit.tier === FORMS) === forms);
        found ||= hits.length > 0;
        older = answer.older !== false;
        const { total } = answer;
        if (at >= main)
          // all exact words up to there
          searched = Math.max(searched, next === null ? total : passedBy(answer));
        const last = at === tasks.length - 1 && next === null;
        yield { hits, searched, total, done: last && (found || !some) };
      }
    }
    if (!found && some) yield* this.#mostOfServer(matcher, asked);
  }

  /** @param {Matcher} matcher @param {Asked} asked @returns {AsyncGenerator<Step>} */
  async *#mostOfServer(matcher, asked) {
    const terms = [...new Set(askedUnits(matcher).flatMap((unit) => unit.ways.flat()))];
    for await (const { judged, answer } of this.#index.pages(terms, "relevance", asked)) {
      yield { hits: withMost(judged), searched: answer.total, total: answer.total, done: true };
      return;
    }
  }

  /** @param {Matcher} matcher @param {Asked} asked @returns {AsyncGenerator<Step>} */
  async *#bestOfServer(matcher, asked) {
    const units = askedUnits(matcher);
    const terms = [...new Set(units.flatMap(termsOf))];
    let afresh = true;
    for await (const { judged, answer, next } of this.#index.pages(terms, "relevance", asked)) {
      const df = new Map(terms.map((term, at) => [term, answer.df[at]]));
      const about = { df: frequencies(units, df), total: answer.indexed };
      const hits = ranked(judged, matcher, "relevance", about);
      yield { hits, searched: answer.total, total: answer.total, afresh, done: next === null };
      afresh = false;
    }
  }
}

/** All words of a message in its present form. @param {string} text @param {SearchLine["content"]} content */
const wordsOf = (text, content) =>
  content?.t === "text" || content?.t === "poll"
    ? searchableText({ ...content, body: text })
    : text;

/** The number of messages newer than the oldest hit of a page.
 * @param {import("./server-index.js").Answer} answer */
function passedBy({ hits, total }) {
  const oldest = Math.min(...hits.map(({ seq }) => seq));
  return Number.isFinite(oldest) ? Math.min(total, total - oldest + 1) : 0;
}
