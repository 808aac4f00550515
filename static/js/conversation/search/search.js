/** One search over one or many rooms: hits, progress, more, stop. */

import { MOST } from "./matching.js";
import { suggestions } from "./spelling.js";

/** @typedef {import("./room-search.js").RoomSearch} RoomSearch */
/** @typedef {import("./room-search.js").Wanted} Wanted */
/** @typedef {import("./query.js").Query} Query */
/**
 * @typedef {object} Found a message that was found
 * @property {string} key
 * @property {string} room id
 * @property {string} roomName
 * @property {import("./room-search.js").SearchLine} line
 * @property {string[]} mentions names in its text
 * @property {number} score
 * @property {number} tier those of a lower one come first
 *
 * @typedef {object} Part a room of the search
 * @property {RoomSearch} room
 * @property {AsyncGenerator<import("./room-search.js").Step>} steps
 * @property {Map<number, import("./room-search.js").Hit>} hits by seq
 * @property {number} searched messages
 * @property {number} total
 * @property {boolean} done
 */

const PAGE = 20; // hits to find before a pause
const ROOMS_AT_ONCE = 3;

/** Events: `changed`. */
export class Search extends EventTarget {
  #stop = new AbortController();
  /** @type {Part[]} */
  #parts;
  #order;
  busy = false;
  stopped = false;
  /** @type {{room: string, message: string}[]} rooms that could not be searched, and why */
  failures = [];
  /** Tells whether the server's index has none of the words, so that this browser reads a room. */
  unindexed = false;
  query;

  /** @param {RoomSearch[]} rooms @param {Query} query @param {Wanted} order */
  constructor(rooms, query, order) {
    super();
    this.query = query;
    this.#order = order;
    this.#parts = rooms.map((room) => ({
      room,
      steps: room.find(query, order, this.#stop.signal),
      hits: new Map(),
      searched: 0,
      total: 0,
      done: false,
    }));
  }

  /** The hits, best first. @returns {Found[]} */
  get hits() {
    const all = this.#parts.flatMap(({ room, hits }) =>
      [...hits.values()].map(({ line, score, tier }) => ({
        key: `${room.id}:${line.seq}`,
        room: room.id,
        roomName: room.name,
        line,
        mentions: room.mentionsIn(line),
        score,
        tier,
      })),
    );
    const newer = (/** @type {Found} */ a, /** @type {Found} */ b) =>
      a.room === b.room ? Number(b.line.seq) - Number(a.line.seq) : b.line.ts - a.line.ts;
    const whole = this.#order === "newest" ? all.filter(({ tier }) => tier < MOST) : [];
    return (whole.length > 0 ? whole : all).sort(
      (a, b) => a.tier - b.tier || b.score - a.score || newer(a, b),
    );
  }

  /** True if no message has all words, and the hits have most of them. */
  get most() {
    const { hits } = this;
    return this.#order === "newest" && hits.length > 0 && hits.every(({ tier }) => tier === MOST);
  }

  /** Returns the progress: messages searched, of all messages, and rooms searched, of all rooms. */
  get progress() {
    const sum = (/** @type {"searched" | "total"} */ key) =>
      this.#parts.reduce((all, part) => all + part[key], 0);
    const done = this.#parts.filter((part) => part.done).length;
    return { searched: sum("searched"), total: sum("total"), rooms: done, all: this.#parts.length };
  }

  /** True once everything was searched. */
  get done() {
    return this.#parts.every(({ done }) => done);
  }

  /** Other words that may have been meant, if no message has them all. @returns {string[]} */
  get suggestions() {
    const none = this.done && (this.most || this.hits.length === 0);
    if (!none || this.query.groups.length === 0) return [];
    return suggestions(this.query, this.#texts());
  }

  *#texts() {
    for (const { room } of this.#parts) yield* room.texts();
  }

  /** Continues until there is another page of hits, or everything was searched. Never rejects. */
  async more() {
    if (this.busy || this.#stop.signal.aborted) return;
    this.busy = true;
    const waiting = this.#parts.filter(({ done }) => !done);
    const each = Math.max(5, Math.ceil(PAGE / Math.max(1, waiting.length)));
    const work = async () => {
      for (let part = waiting.shift(); part; part = waiting.shift())
        await this.#searchRoom(part, each);
    };
    this.#changed();
    await Promise.all(Array.from({ length: ROOMS_AT_ONCE }, work));
    this.busy = false;
    this.#changed();
  }

  /** @param {Part} part @param {number} wanted */
  async #searchRoom(part, wanted) {
    const before = part.hits.size;
    let asked = false; // beyond the loaded messages
    try {
      while (!part.done && !(asked && part.hits.size - before >= wanted)) {
        const { value, done } = await part.steps.next();
        if (this.#stop.signal.aborted) return;
        if (done) part.done = true;
        else asked = this.#addStep(part, value) || asked;
        this.#changed();
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      part.done = true;
      this.failures.push({ room: part.room.name, message: error.message });
      this.#changed();
    }
  }

  /** @param {Part} part @param {import("./room-search.js").Step} step
   * @returns {boolean} whether it has looked further than the page */
  #addStep(part, { hits, searched, total, afresh, done = false, unindexed = false }) {
    if (afresh) part.hits.clear();
    for (const hit of hits) part.hits.set(Number(hit.line.seq), hit);
    part.searched = searched || part.searched;
    part.total = total || part.total;
    part.done = done;
    this.unindexed ||= unindexed;
    return total > 0;
  }

  /** Stops searching and keeps the hits. */
  stop() {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.stopped = !this.done;
    this.busy = false;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }
}
