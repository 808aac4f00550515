/** One room's verified log: events count after they continue what was verified before. */

import { LogError } from "../../crypto/room-state.js";
import { loadCode } from "../load-code.js";

/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {import("../../net/types.js").LogPage} LogPage */

const MOST_EVENTS = 200; // of a session, to describe what happened without asking again

/** Loads what verifies events when some have come: a visit where nothing has changed needs none of it. */
const loadVerifying = () =>
  loadCode(() =>
    Promise.all([
      import("../../crypto/log.js"),
      import("./log-page.js"),
      import("../account/identities.js"),
    ]),
  );

export class RoomLog {
  #me;
  #id;
  /** @type {RoomState} */
  // @ts-expect-error set by `load` or `extend`
  state;
  /** @type {Map<string, import("../../crypto/identity.js").OpenedIdentity>} by kid */
  identities = new Map();
  /** Events that were fetched for this session and verified, without gaps, and the seq of the last.
   * @type {{last: number, events: LogPage["events"]}} */
  #fetched = { last: -1, events: [] };

  /** @param {import("../account/account.js").Account} me @param {string} id of the room */
  constructor(me, id) {
    this.#me = me;
    this.#id = id;
  }

  /** Loads what was verified and kept before. @returns {Promise<boolean>} whether there is something */
  async load() {
    const kept = await this.#me.store.rooms.log(this.#id);
    if (!kept) return false;
    this.state = kept.state;
    this.identities = kept.identities;
    return true;
  }

  /** Keeps what is verified. */
  save() {
    return this.#me.store.rooms.saveLog(this.#id, this.state, this.identities);
  }

  /** Fetches the events after the verified head. @returns {Promise<LogPage>} */
  fetchPage() {
    const after = this.state ? this.state.seq : -1;
    return this.#me.api.get(`chatrooms/${this.#id}/log?after=${after}`);
  }

  /** Verifies a page and adds it. @param {LogPage} page
   * @returns {Promise<"" | "newer" | "illegal">} the reason why it does not verify, "" if it does */
  async extend(page) {
    const { events, identities } = page;
    const [{ extendLog }, { requireNotBehind, runsOf }, { addIdentities }] = await loadVerifying();
    try {
      const known = new Map(this.identities);
      await addIdentities(identities, known);
      this.identities = known;
      for (const run of runsOf(events)) {
        this.state = await extendLog(this.state ?? null, run, known, this.#id);
      }
      requireNotBehind(this.state, page.head);
    } catch (error) {
      return error instanceof LogError && error.reason === "newer" ? "newer" : "illegal";
    }
    if (events.length > 0) this.#keepFetched(events);
    return "";
  }

  /** @param {LogPage["events"]} events that were verified, up to the log's head */
  #keepFetched(events) {
    const { seq: last } = this.state;
    const before = this.#fetched.last === last - events.length ? this.#fetched.events : [];
    this.#fetched = { last, events: [...before, ...events].slice(-MOST_EVENTS) };
  }

  /** Events that were fetched and verified, from one on; none if that one was not, or not lately.
   * @param {number} seq */
  eventsFrom(seq) {
    const { last, events } = this.#fetched;
    const first = last - events.length + 1;
    return seq < first ? [] : events.slice(seq - first);
  }
}
