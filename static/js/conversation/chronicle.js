/** The room's log in plain words: each verified event as a sentence. */

import { parseEvent } from "../crypto/events.js";
import { hash64 } from "../crypto/sign.js";
import { Queue } from "./queue.js";

/** @typedef {import("../crypto/events.js").Event} Event */
/** @typedef {{seq: number, ts: number, t: string, by: string, whom: string, text: string}} LogLine */

const ROLES = /** @type {Record<string, string>} */ ({
  owner: "owner",
  moderator: "moderator",
  member: "member",
});
const AI = /** @type {Record<string, string>} */ ({
  off: "off",
  ask: "on request",
  auto: "offered when there is much to read",
});

/** Grows with the log: `update` tells what has come since. */
export class Chronicle {
  #me;
  #session;
  #queue = new Queue();
  /** @type {Record<string, any>} the rules before the next event */
  #policy = {};
  /** @type {LogLine[]} oldest first */
  lines = [];

  /** @param {import("./me.js").Me} me @param {import("./room-session.js").RoomSession} session */
  constructor(me, session) {
    this.#me = me;
    this.#session = session;
  }

  /** Only what this browser has verified is told. @returns {Promise<LogLine[]>} all lines */
  update() {
    return this.#queue.add(async () => {
      const { id, state } = this.#session;
      while (this.lines.length <= state.seq) {
        const after = this.lines.length - 1;
        const { events } = await this.#me.api.get(`chatrooms/${id}/log?after=${after}`);
        const known = events.slice(0, state.seq - after);
        for (const { event } of known) await this.#add(event);
        if (known.length === 0) break;
      }
      return this.lines;
    });
  }

  /** @param {string} text */
  async #add(text) {
    const seq = this.lines.length;
    if ((await hash64("event", text)) !== this.#session.state.hashes[seq])
      throw new Error("The server gave another log than the one that was verified.");
    this.lines.push(this.#line(parseEvent(text)));
  }

  /** @param {Event} event @returns {LogLine} */
  #line(event) {
    const by = this.#nameOf(event.by, event.kid);
    const who = (/** @type {string} */ uid) => this.#nameOf(uid, "");
    const text = SENTENCES[event.t]?.(by, event, who, this.#policy) ?? `${by}: ${event.t}`;
    if (event.policy) this.#policy = event.policy;
    const { seq, ts, t } = event;
    const whom = event.uid ? who(event.uid) : "";
    return { seq, ts, t, by, whom, text };
  }

  /** @param {string} uid @param {string} kid */
  #nameOf(uid, kid) {
    const { identities, state } = this.#session;
    const named = identities.get(kid) ?? [...identities.values()].find((one) => one.uid === uid);
    return named?.name ?? state.members.get(uid)?.name ?? "somebody";
  }
}

/** @type {Record<string, (by: string, event: Event, who: (uid: string) => string,
 *   before: Record<string, any>) => string>} */
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
  role: (by, { uid, role }, who) =>
    role === "owner"
      ? `${by} handed the room over to ${who(uid)}.`
      : `${by} made ${who(uid)} a ${ROLES[role]}.`,
  policy: (by, { policy }, _who, before) => `${by} changed the rules: ${changed(before, policy)}.`,
  epoch: (by) => `${by} renewed the room’s key.`,
  reset: (by, { uid }, who) => `${by} accepted the new key of ${who(uid)}. The key was renewed.`,
  close: (by) => `${by} closed the room for good.`,
  disclose: (by, { from, to, model }) =>
    `${by} had messages ${from} to ${to} summarised by ${model}.`,
};

/** @param {Record<string, any>} before @param {Record<string, any>} now */
function changed(before, now) {
  const parts = Object.keys(now)
    .filter((key) => before[key] !== now[key])
    .map((key) => RULES[key]?.(now[key], now) ?? "");
  return parts.filter(Boolean).join(", ") || "nothing that shows";
}

/** @type {Record<string, (value: any, policy: any) => string>} */
const RULES = {
  join: (join) =>
    join === "link" ? "a link is enough to join" : "whoever has a link must be let in",
  ai: (ai) => `summaries are ${AI[ai]}`,
  search: (search) =>
    search === "server" ? "search runs on the server" : "search runs in each browser",
  n: (n) => (n === 0 ? "no renewal by number" : `a new key after ${n} messages`),
  days: (days) => (days === 0 ? "no renewal by time" : `a new key after ${days} days`),
  ttl: (ttl) => (ttl === 0 ? "messages stay" : `messages go after ${ttl} days`),
};
