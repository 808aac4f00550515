/** A search field with its results: searches while the person types. */

import { excerpt, mark } from "../conversation/search/excerpt.js";
import { Matcher } from "../conversation/search/matching.js";
import { namesAlike } from "../conversation/search/names-alike.js";
import { asksAnything, parseQuery } from "../conversation/search/query.js";
import { Search } from "../conversation/search/search.js";
import { filesOf } from "../crypto/content-parts.js";
import { SearchView } from "../ui/search/search.js";
import { searchStrings as strings } from "../ui/strings/search.js";
import { plainText } from "../ui/text/plain-text.js";

/** @typedef {import("../conversation/search/query.js").Query} Query */
/** @typedef {import("../conversation/search/search.js").Found} Found */
/** @typedef {import("../conversation/search/room-search.js").RoomSearch} RoomSearch */
/** @typedef {import("../ui/search/search.js").Order} Order */
/** @typedef {{room: string, seq: number}} Place */

const AFTER_TYPING = 250; // ms

/** A field and its hits. Both stay while it is closed. */
export class SearchBox {
  #view;
  #roomsFor;
  #many;
  #text = "";
  /** @type {Order} */
  #order = "newest";
  /** @type {Search | null} */
  #search = null;
  /** @type {string[]} */
  #notes = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #turn = 0;
  /** Tells whether it was closed before the search ended. */
  #left = false;

  /**
   * @param {object} about
   * @param {boolean} about.many whether it searches many rooms
   * @param {(query: Query) => Promise<RoomSearch[]>} about.roomsFor
   * @param {(place: Place) => void} about.onGo
   * @param {() => string[]} about.people names of those who may have written
   * @param {Node} [about.above] what stands between the field and the hits
   * @param {Node} [about.below] what stands at the end
   */
  constructor({ many, roomsFor, onGo, people, above, below }) {
    this.#many = many;
    this.#roomsFor = roomsFor;
    const { operators, inRoom, field, fieldAll } = strings.search;
    const about = {
      label: many ? fieldAll : field,
      operators: many ? [...operators, inRoom] : operators,
      people: (/** @type {string} */ typed) => namesAlike([...people(), "me"], typed),
      above,
      below,
    };
    this.#view = new SearchView(about, {
      onQuery: (text, order) => this.#typed(text, order),
      onNow: () => this.#now(),
      onGo: ({ key }) => {
        const [room, seq] = key.split(":");
        onGo({ room, seq: Number(seq) });
      },
      onMore: () => this.#more(),
      onStop: () => this.#search?.stop(),
      onSuggestion: (text) => this.look(text),
    });
    this.#draw();
  }

  get node() {
    return this.#view.node;
  }

  focus() {
    this.#view.focus();
    if (this.#left) this.#begin();
  }

  /** Sets the text that is shown before a search. @param {string} text */
  introduce(text) {
    this.#view.introduce(text);
  }

  get text() {
    return this.#view.text;
  }

  /** @param {string} text */
  look(text) {
    this.#view.text = text;
  }

  /** Pauses on closing: an unfinished search resumes when the focus is back. */
  leave() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#left = this.#timer !== undefined || (this.#text !== "" && (this.#search?.busy ?? true));
    this.#search?.stop();
  }

  /** @param {string} text @param {Order} order */
  #typed(text, order) {
    if (text.trim() === this.#text && order === this.#order) return;
    [this.#text, this.#order] = [text.trim(), order];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), AFTER_TYPING);
  }

  #now() {
    if (this.#timer === undefined) return this.#view.focusFirst();
    this.#begin();
  }

  #more() {
    const again = this.#search?.stopped || this.#search?.failures.length;
    if (again) this.#begin();
    else this.#search?.more();
  }

  async #begin() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = false;
    this.#turn += 1;
    const turn = this.#turn;
    this.#search?.stop();
    this.#search = null;
    const query = parseQuery(this.#text);
    this.#notes = notesOn(query, this.#many);
    if (asksAnything(query)) {
      const rooms = await this.#roomsFor(query);
      if (turn !== this.#turn) return;
      if (rooms.length === 0) this.#notes = [strings.search.noRoom];
      else this.#look(new Search(rooms, query, this.#order));
    }
    this.#draw();
  }

  /** @param {Search} search */
  #look(search) {
    this.#search = search;
    search.addEventListener("changed", () => {
      if (search === this.#search) this.#draw();
    });
    search.more();
  }

  #draw() {
    const search = this.#search;
    if (!search) {
      const progress = { searched: 0, total: 0, all: 0 };
      const state = this.#notes.length > 0 ? "rest" : "idle";
      const none = { hits: [], failures: [], suggestions: [], done: false, progress };
      this.#view.update({ ...none, state, notes: this.#notes, done: state === "rest" });
      return;
    }
    const { busy, stopped, done, failures, progress, query } = search;
    const matcher = new Matcher(query);
    this.#view.update({
      state: stopped ? "stopped" : busy ? "busy" : "rest",
      notes: [...this.#notes, ...notesAfter(search)],
      hits: search.hits.map((found) => hitOf(found, matcher, this.#many)),
      suggestions: busy ? [] : search.suggestions,
      done,
      progress,
      failures,
    });
  }
}

/** Notes on parts of a query that are ignored. @param {Query} query @param {boolean} many */
function notesOn({ problems, common, groups, excluded, in: rooms }, many) {
  const notes = problems.map(([operator, value]) => strings.search.problem(operator, value));
  if (common.length > 0)
    notes.push(strings.search.common(common.flat().map(({ source }) => source)));
  if (excluded.length > 0 && groups.length === 0) notes.push(strings.search.onlyWithout);
  if (!many && rooms.length > 0) notes.push(strings.search.inHere);
  return notes;
}

/** Notes on what a search has found. @param {Search} search */
function notesAfter({ done, query, progress, failures, unindexed, most }) {
  const nobody = done && query.from.length > 0 && progress.total === 0 && failures.length === 0;
  return [
    nobody && strings.search.nobody,
    unindexed && strings.search.unindexed,
    most && strings.search.most,
  ].filter((note) => note !== false);
}

/** @param {Found} found @param {Matcher} matcher @param {boolean} many */
const hitOf = ({ key, room, roomName, line, mentions }, matcher, many) => ({
  key,
  href: `/rooms/${room}/#m${line.seq}`,
  room: many ? roomName : "",
  author: line.author,
  ts: line.ts,
  pieces: excerpt(mark(plainText(line.text, mentions), matcher)),
  files: filesOf(line.content).map(({ name }) => name),
  edited: line.edited ?? false,
});
