/** The room's verified events as sentences. */

import { beginsEpoch, parseEvent } from "../../crypto/events.js";
import { hash64 } from "../../crypto/hash.js";
import { TaskQueue } from "../queue.js";

/** @typedef {import("../../crypto/events.js").Event} Event */
/** @typedef {import("../../crypto/events.js").Policy} Policy */
/**
 * @typedef {{seq: number, ts: number, t: string, uid: string, by: string, whom: string, text: string,
 *   begins: boolean, policy?: Policy}} LogEntry `uid` and name, `by`, of who signed it; `begins`: the event
 *   begins an epoch; `policy`: the rules from this event on, where it sets any
 */

const ROLES = /** @type {Record<string, string>} */ ({
  owner: "owner",
  moderator: "moderator",
  member: "member",
});
const AI = /** @type {Record<string, string>} */ ({
  off: "off",
  device: "made on each device",
  ask: "on request",
  auto: "offered when there is much to read",
});

/** Grows with the log at its end, and at its beginning on request. */
export class ActivityLog {
  #me;
  #session;
  #queue = new TaskQueue();
  /** @type {Policy | null} the rules before the next event, if they are known */
  #policy = null;
  /** @type {LogEntry[]} oldest first, without gaps */
  entries = [];

  /** @param {import("../account/account.js").Account} me @param {import("./room-session.js").RoomSession} session */
  constructor(me, session) {
    this.#me = me;
    this.#session = session;
  }

  /** Contains only events that this browser has verified.
   * @param {number} [from] the first event that is wanted
   * @returns {Promise<LogEntry[]>} those from there on, or from before */
  update(from = 0) {
    return this.#queue.add(async () => {
      if (from < (this.entries[0]?.seq ?? Number.POSITIVE_INFINITY)) {
        this.entries = [];
        this.#policy = null;
      }
      const { id, state } = this.#session;
      for (let next = this.#next(from); next <= state.seq; next = this.#next(from)) {
        const held = this.#session.eventsFrom(next);
        const { events } =
          held.length > 0
            ? { events: held }
            : await this.#me.api.get(`chatrooms/${id}/log?after=${next - 1}`);
        const known = events.slice(0, state.seq - next + 1);
        for (const { event } of known) await this.#add(event, this.#next(from));
        if (known.length === 0) break;
      }
      return this.entries;
    });
  }

  /** The next event to describe. @param {number} from */
  #next(from) {
    const last = this.entries.at(-1);
    return last ? last.seq + 1 : from;
  }

  /** @param {string} text @param {number} seq */
  async #add(text, seq) {
    if ((await hash64("event", text)) !== this.#session.state.hashes[seq])
      throw new Error("The server gave another log than the one that was verified.");
    this.entries.push(this.#line(parseEvent(text)));
  }

  /** @param {Event} event @returns {LogEntry} */
  #line(event) {
    const by = this.#nameOf(event.by, event.kid);
    const who = (/** @type {string} */ uid) => this.#nameOf(uid, "");
    const { kind } = this.#session.state;
    const sentence = (kind === "direct" && DIRECT[event.t]) || SENTENCES[event.t];
    const text = sentence?.(by, event, who, this.#policy) ?? `${by}: ${event.t}`;
    if (event.policy) this.#policy = event.policy;
    const { seq, ts, t } = event;
    const whom = event.uid ? who(event.uid) : "";
    const begins = t === "create" || beginsEpoch(event);
    const policy = event.policy && { policy: event.policy };
    return { seq, ts, t, uid: event.by, by, whom, text, begins, ...policy };
  }

  /** @param {string} uid @param {string} kid */
  #nameOf(uid, kid) {
    const { identities, state } = this.#session;
    const named = identities.get(kid) ?? [...identities.values()].find((one) => one.uid === uid);
    return named?.name ?? state.members.get(uid)?.name ?? "somebody";
  }
}

/** @type {Record<string, (by: string, event: Event, who: (uid: string) => string,
 *   before: Policy | null) => string>} */
const SENTENCES = {
  create: (by) => `${by} made the room.`,
  profile: (by) => `${by} changed the room’s name or topic.`,
  invite: (by, { max }) =>
    `${by} made an invitation link for ${max === 1 ? "one person" : `${max} people`}.`,
  revoke: (by) => `${by} withdrew an invitation link.`,
  join: (by) => `${by} joined by a link.`,
  add: (by, { uid }, who) => `${by} let ${who(uid)} in.`,
  remove: (by, { uid, ban }, who) =>
    `${by} removed ${who(uid)}${ban ? ", who may not come back by a link" : ""}. The key was renewed.`,
  leave: (by) => `${by} left.`,
  role: (by, event, who) =>
    event.role === "owner"
      ? `${by} handed the room over to ${who(event.uid)}.`
      : `${by} made ${who(event.uid)} a ${ROLES[event.role]}.${beginsEpoch(event) ? " The key was renewed." : ""}`,
  ban: (by, { uid, on }, who) =>
    on ? `${by} banned ${who(uid)}, who had left.` : `${by} lifted the ban of ${who(uid)}.`,
  successor: (by, { uid }, who) =>
    uid
      ? `${by} named ${who(uid)} to follow as owner.`
      : `${by} named nobody to follow as owner any more.`,
  succeed: (by, { uid }, who) =>
    `${by} took the room over from ${who(uid)}, whose account had ended. The key was renewed.`,
  policy: (by, { policy }, _who, before) => `${by} changed the rules: ${changed(before, policy)}.`,
  epoch: (by) => `${by} renewed the room’s key.`,
  reset: (by, { uid }, who) => `${by} accepted the new key of ${who(uid)}. The key was renewed.`,
  close: (by) => `${by} closed the room for good.`,
  disclose: (by, { from, to, model }) =>
    `${by} asked to have ${messages(Number(to) - Number(from) + 1)} summarised by ${model}.`,
};

/** The events of a conversation of two, where a room's words would be wrong.
 * @type {typeof SENTENCES} */
const DIRECT = {
  create: (by) => `${by} began the conversation.`,
  profile: (by) => `${by} changed the conversation’s name or topic.`,
  add: (by, { uid }, who) => `${by} asked ${who(uid)} to talk.`,
  leave: (by) => `${by} left the conversation.`,
  role: (by, event, who) => `${by} handed the conversation over to ${who(event.uid)}.`,
  epoch: (by) => `${by} renewed the conversation’s key.`,
  close: (by) => `${by} closed the conversation for good.`,
};

/** @param {Policy | null} before @param {Policy} now */
function changed(before, now) {
  if (!before) return "open the log to see which";
  const keys = /** @type {(keyof Policy)[]} */ (Object.keys(now));
  const changes = keys.filter((key) => before[key] !== now[key]).map((key) => RULES[key]?.(now));
  return changes.filter(Boolean).join(", ") || "nothing that shows";
}

/** @param {number} many */
const messages = (many) => (many === 1 ? "1 message" : `${many} messages`);

/** @param {number} days */
const inDays = (days) => (days === 1 ? "1 day" : `${days} days`);

/** @type {{[Key in keyof Policy]?: (now: Policy) => string}} */
const RULES = {
  join: ({ join }) =>
    join === "link" ? "a link is enough to join" : "people with a link must be let in",
  ai: ({ ai }) => `summaries are ${AI[ai]}`,
  search: ({ search }) =>
    search === "server" ? "search runs on the server" : "search runs in each browser",
  n: ({ n }) => (n === 0 ? "no renewal by number" : `a new key after ${n} messages`),
  days: ({ days }) => (days === 0 ? "no renewal by time" : `a new key after ${inDays(days)}`),
  ttl: ({ ttl }) => (ttl === 0 ? "messages stay" : `messages are deleted after ${inDays(ttl)}`),
};
