/** One room at the fake server: log, wraps, boxes, links, messages. */

import { hash64 } from "../../../static/js/crypto/hash.js";
import { openHeader } from "../../../static/js/crypto/message.js";
import { FakeSummaries } from "./summaries/fake-summaries.js";
import { refuse } from "./world.js";

export const emptyRoom = (world, id) => new WorldRoom(world, id);

class WorldRoom {
  events = [];
  members = new Map();
  exits = new Map(); // former members: how much of the log they may read
  wraps = [];
  profiles = [];
  links = new Map();
  rows = [];
  silent = new Set(); // changes that pages do not name
  endless = false; // whether there are always more changes
  middle = 0; // which message it claims to be the first of a time
  oldest = 1;
  asked = [];
  knocks = [];
  boxes = [];
  unanswered = []; // members who have not accepted the room
  ended = {}; // how accounts have ended, by uid
  open = true;
  e = 1;
  #hash = "";

  constructor(world, id) {
    this.world = world;
    this.id = id;
    this.summaries = new FakeSummaries(id);
  }

  /** Answers with nothing but the truth again. */
  beHonest() {
    this.silent.clear();
    this.endless = false;
    this.middle = 0;
  }

  /** Forgets its log, as before an older one is restored. */
  startAnew() {
    this.events = [];
    this.members.clear();
    this.#hash = "";
  }

  get head() {
    return [this.events.length - 1, this.#hash];
  }

  listed() {
    const { id, head, e, open, profiles, rows } = this;
    const last = rows.at(-1) ?? null;
    return { id, head, e, open, profiles, msg: rows.length, read: 0, unread: rows.length, last };
  }

  /** Takes what the client sends with an event; 409 if another one was quicker. */
  async append({ event, sig, wraps = [], profile, card, escrow, items = [], invites = [] }) {
    const body = JSON.parse(event);
    const hash = await hash64("event", event); // before the check: nothing waits after it
    if (body.seq !== this.events.length || body.prev !== this.#hash) {
      throw refuse(409, "head", { head: this.head });
    }
    this.events.push({ event, sig });
    this.wraps.push(...wraps);
    if (profile) this.profiles.push(profile);
    this.#apply(body);
    if (body.t === "invite") {
      this.links.set(body.iid, { card, items: [...items], escrows: escrow ? [escrow] : [] });
    }
    for (const { iid, escrow: box, item } of invites) {
      this.links.get(iid).items.push({ e: body.e, box: item });
      this.links.get(iid).escrows.push({ e: body.e, box });
    }
    this.#hash = hash;
    return { id: this.id, head: this.head };
  }

  /** Who is a member, and whether the room takes messages: as the server keeps it. */
  #apply({ t, by, kid, uid, to, e }) {
    if (t === "create" || t === "join") this.members.set(by, kid);
    if (t === "add" || t === "reset") this.members.set(uid, to);
    if (t === "leave") this.#takeOut(by);
    if (t === "remove" || t === "succeed") this.#takeOut(uid);
    if (t === "leave" || t === "close") this.open = false;
    if (t === "add" || t === "reset")
      this.knocks = this.knocks.filter((knock) => knock.uid !== uid);
    if (t === "create" || e === undefined) return;
    this.e = e;
    this.open = true;
  }

  #takeOut(uid) {
    this.members.delete(uid);
    this.exits.set(uid, this.events.length);
  }

  answer(person, method, what, query, body) {
    if (!this.members.has(person.uid) && method === "get" && what === "log") {
      const end = this.exits.get(person.uid);
      if (end) return this.page(Number(query.get("after")), end);
    }
    if (!this.members.has(person.uid)) throw refuse(404, "not_found");
    const [part, uid] = what.split("/");
    if (part === "knocks") return this.answerKnocks(method, uid);
    if (what === "knock") return this.knock(person, { ...body, isig: "" });
    if (part === "summary") return this.summaries.answer(person, method, uid, body);
    if (method === "get" && what === "wraps") return this.health();
    if (what === "boxes") return this.boxes.push(body) && null;
    if (method !== "get" && ["", "log", "invite"].includes(what)) return this.append(body);
    if (what === "") return { ...this.listed(), unanswered: this.unanswered, ended: this.ended };
    if (what === "log") return this.page(Number(query.get("after")));
    if (what === "keys") return this.keys(person);
    if (what === "wraps") this.wraps.push(...body.wraps);
    if (what === "key_request") this.asked.push(...body.e);
    if (what === "messages") return this.messages(query);
    if (what === "refs") return this.changes(query);
    return null;
  }

  knock(person, knock) {
    this.knocks.push({ uid: person.uid, knock, identity: person.signed });
    return { state: "waiting" };
  }

  answerKnocks(method, uid) {
    if (method === "delete") this.knocks = this.knocks.filter((knock) => knock.uid !== uid);
    return { knocks: this.knocks.map(({ knock, identity }) => ({ ...knock, identity })) };
  }

  health() {
    const wraps = {};
    for (const kid of this.members.values()) {
      const mine = this.wraps.filter(({ to }) => to === kid).map(({ e }) => e);
      wraps[kid] = [...new Set(mine)].sort((a, b) => a - b);
    }
    return { wraps };
  }

  async page(after, end = this.events.length) {
    const events = this.events.slice(after + 1, end);
    const last = [end - 1, await hash64("event", this.events[end - 1].event)];
    const head = end === this.events.length ? this.head : last;
    return { events, identities: this.signers(), head, more: false };
  }

  signers() {
    const kids = new Set(
      this.events.flatMap(({ event }) => {
        const { t, kid, to } = JSON.parse(event);
        return t === "add" || t === "reset" ? [kid, to] : [kid];
      }),
    );
    return [...kids].map((kid) => this.world.people.get(kid).signed);
  }

  keys({ kid }) {
    const escrows = [...this.links].flatMap(([iid, link]) =>
      link.escrows.map((escrow) => ({ iid, ...escrow })),
    );
    const wraps = this.wraps.filter(({ to }) => to === kid);
    return { wraps, profiles: this.profiles, escrows };
  }

  async join(person, what, iid, body) {
    const { card, items } = this.links.get(iid);
    if (what === "knock") return this.knock(person, body);
    if (what === "get" && this.approve) {
      const events = this.events.filter(({ event }) => JSON.parse(event).iid === iid).slice(0, 1);
      return { room: this.id, events, identities: this.signers(), card };
    }
    if (what === "items") return { items };
    if (what === "get") {
      return { room: this.id, events: this.events, identities: this.signers(), card };
    }
    await this.append(body);
    return { room: this.id, head: this.head, items };
  }

  messages(query) {
    const limit = Number(query.get("limit"));
    const number = (key) => (query.get(key) === null ? null : Number(query.get(key)));
    const [before, after] = [number("before"), number("after")];
    const head = this.rows.at(-1)?.seq ?? 0;
    const around = this.#middle(number("around"), number("at"), head);
    let found = this.rows;
    if (around !== null) found = found.filter(({ seq }) => inHalves(seq, around, limit));
    else if (before) found = found.filter(({ seq }) => seq < before).slice(-limit);
    else if (after !== null) found = found.filter(({ seq }) => seq > after).slice(0, limit);
    else found = found.slice(-limit);
    const refs = { refs: this.#refs(found), more_refs: this.endless ? 9 : null };
    return { messages: found, ...refs, around, first: this.oldest, head };
  }

  #middle(around, at, head) {
    if (around !== null) return Math.min(Math.max(around, this.oldest), head);
    if (at === null) return null;
    if (this.middle) return this.middle; // what it claims
    return this.rows.find(({ h }) => JSON.parse(h).ts >= at)?.seq ?? head;
  }

  /** The later changes of some messages, all at once. */
  changes(query) {
    const [first, last, before] = ["first", "last", "before"].map((key) => Number(query.get(key)));
    const page = this.rows.filter(({ seq }) => first <= seq && seq <= last);
    const refs = this.#refs(page).filter(({ seq }) => seq < before);
    return { refs, more_refs: this.endless ? 9 : null };
  }

  /** Later changes of what is on a page; those in `silent` are kept back. */
  #refs(found) {
    const seqs = new Set(found.map(({ seq }) => seq));
    const last = Math.max(0, ...seqs);
    return this.rows.filter(
      ({ seq, re = [] }) =>
        seq > last && !this.silent.has(seq) && re.some((target) => seqs.has(target)),
    );
  }

  /** What the socket answers to `message_send`: the server's checks, as far as clients feel them. */
  async send({ h, iv, ct, sig }) {
    const { header, id } = await openHeader({ h, iv, ct, sig, seq: 0 });
    const about = { room: this.id, cid: header.cid };
    const error = (code, extra = {}) => ({ type: "error", ...about, code, detail: code, ...extra });
    if (!this.members.has(header.uid)) return error("not_found");
    if (!this.open) return error("rotate_first");
    if (header.e !== this.e || header.lh[0] >= this.events.length) return error("stale");
    const rows = await Promise.all(
      this.rows.map(async (row) => ({ seq: row.seq, ...(await openHeader(row)) })),
    );
    const same = rows.find((row) => row.header.cid === header.cid && row.header.uid === header.uid);
    if (same)
      return same.id === id
        ? { type: "ack", ...about, seq: same.seq }
        : error("conflict", { seq: same.seq, id: same.id });
    const last = rows.filter((row) => row.header.dev === header.dev).at(-1);
    const tip = last ? { n: last.header.n, id: last.id } : { n: 0, id: "" };
    if (header.n !== tip.n + 1 || header.pm !== tip.id) return error("order", tip);
    const seq = this.rows.length + 1;
    this.rows.push({ seq, h, iv, ct, sig });
    return { type: "ack", ...about, seq };
  }
}

/** Whether a number is among the `limit` ones around another. */
const inHalves = (seq, around, limit) => {
  const low = around - Math.floor(limit / 2);
  return seq >= low && seq < low + limit;
};
