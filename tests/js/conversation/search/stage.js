/** A room of Ada's with Ben in it, and a server that searches it blindly, as the real one does. */

import {
  createInvitation,
  joinByInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { setPolicy } from "../../../../static/js/conversation/room/members.js";
import { parseQuery } from "../../../../static/js/conversation/search/query.js";
import { RoomSearch } from "../../../../static/js/conversation/search/room-search.js";
import { Search } from "../../../../static/js/conversation/search/search.js";
import { tokensFor } from "../../../../static/js/conversation/search/search-terms.js";
import { refsOf, searchableText } from "../../../../static/js/crypto/content.js";
import { parseLink } from "../../../../static/js/crypto/link-secret.js";
import { openHeader, sealMessage } from "../../../../static/js/crypto/message.js";
import { searchKey } from "../../../../static/js/crypto/roomkeys.js";
import { ada, ben, header } from "../../crypto/cast.js";
import { adasRoom, refuse, World } from "../world.js";

const DEV = { ada: "a".repeat(32), ben: "b".repeat(32) };

/** What the server knows besides the rows, and what it answers. */
class Index {
  tokens = new Map();
  refs = new Map();
  /** @type {object[]} what was asked */
  asked = [];
  /** Rows that change a page, in one answer. */
  refsAtOnce = 500;
  /** How often messages were asked for one by one. */
  gets = 0;
  /** Called with each answer before it goes out. */
  twist = (answer) => answer;

  constructor(room) {
    this.room = room;
    this.answerOthers = room.answer.bind(room);
    room.answer = (person, method, what, query, body) =>
      this.answer(person, method, what, query, body);
  }

  answer(person, method, what, query, body) {
    if (method === "post" && what === "search") return this.search(body);
    if (what === "refs") return this.changes(query);
    if (what === "tokens") return method === "post" ? this.take(body) : this.lacking(query);
    const answer = this.answerOthers(person, method, what, query, body);
    if (method !== "get" || what !== "messages") return answer;
    if (query.get("limit") === "1") this.gets += 1;
    return this.withRefs(answer);
  }

  withRefs(page) {
    const [from, to] = [page.messages[0]?.seq, page.messages.at(-1)?.seq];
    return { ...page, ...this.refsOf(from, to) };
  }

  /** The newest later rows that change a page, no more than `refsAtOnce`. */
  refsOf(from, to, before = Number.POSITIVE_INFINITY) {
    const refers = ({ seq }) =>
      seq > to &&
      seq < before &&
      (this.refs.get(seq) ?? []).some((target) => target >= from && target <= to);
    const all = this.room.rows.filter(refers);
    const refs = all.slice(Math.max(0, all.length - this.refsAtOnce));
    return { refs, more_refs: refs.length < all.length ? refs[0].seq : null };
  }

  changes(query) {
    const [first, last, before] = ["first", "last", "before"].map((key) => Number(query.get(key)));
    return this.refsOf(first, last, before);
  }

  search(body) {
    this.asked.push(body);
    if (this.room.device) throw refuse(409, "search_device");
    const { tokens, order, limit, cursor = null } = body;
    const matched = (seq) => {
      const { g, t = [] } = this.tokens.get(seq) ?? {};
      const wanted = tokens.find((entry) => entry.g === g)?.t ?? [];
      return wanted.flatMap((token, at) => (t.includes(token) ? [at] : []));
    };
    const all = this.room.rows
      .map((row) => ({ ...row, g: this.tokens.get(row.seq)?.g ?? 0, matched: matched(row.seq) }))
      .filter((hit) => hit.matched.length >= (order === "newest" ? tokens[0].t.length : 1))
      .sort(
        (a, b) => (order === "newest" ? 0 : b.matched.length - a.matched.length) || b.seq - a.seq,
      );
    const from = Number(cursor ?? 0);
    const df = tokens[0].t.map((_, at) => all.filter((hit) => hit.matched.includes(at)).length);
    const hits = all.slice(from, from + limit);
    return this.twist({
      hits,
      ...this.beside(hits),
      df: order === "relevance" ? df : [],
      total: this.room.rows.length,
      indexed: this.tokens.size,
      cursor: from + limit < all.length ? String(from + limit) : null,
    });
  }

  /** What hits correct, and what changes either, as the real one sends it. */
  beside(hits) {
    const namedBy = (seq) => this.refs.get(seq) ?? [];
    const targets = ({ seq }) => (namedBy(seq).length > 0 ? namedBy(seq) : [seq]);
    const about = new Set(hits.flatMap(targets));
    const changes = (row) => about.has(row.seq) || namedBy(row.seq).some((one) => about.has(one));
    const refs = this.room.rows.filter(
      (row) => changes(row) && !hits.some((h) => h.seq === row.seq),
    );
    return { refs, whole: true };
  }

  lacking(query) {
    const [after, limit] = ["after", "limit"].map((key) => Number(query.get(key)));
    const all = this.room.rows.filter(({ seq }) => !this.tokens.has(seq));
    const rows = all.filter(({ seq }) => seq > after).slice(0, limit);
    const more = all.some(({ seq }) => seq > (rows.at(-1)?.seq ?? after));
    return { rows, missing: all.length, cursor: more ? rows.at(-1).seq : null };
  }

  take({ messages }) {
    const fresh = messages.filter(({ seq }) => !this.tokens.has(seq));
    for (const { seq, g, t } of fresh) this.tokens.set(seq, { g, t });
    return { taken: fresh.length };
  }
}

/** Locks of one tab: `ifAvailable` as browsers have it. */
export function lone() {
  const held = new Set();
  return {
    async request(name, { ifAvailable }, work) {
      if (ifAvailable && held.has(name)) return work(null);
      held.add(name);
      return work({ name });
    },
  };
}

export async function stage({ search = "server" } = {}) {
  const world = new World();
  const me = world.browser(ada);
  const { id, room, session } = await adasRoom(world, me);
  const { url } = await createInvitation(me, session, { hours: 1, max: 1 }, "https://sotto.test");
  await joinByInvitation(world.browser(ben), parseLink(new URL(url).hash), () => {});
  await session.refresh();
  const index = new Index(room);
  const tips = new Map();

  /** Put a message there; `blind`: without tokens. */
  async function put(who, content, { blind = room.device, ts } = {}) {
    const { n, pm } = tips.get(who.name) ?? { n: 0, pm: "" };
    const last = room.rows.at(-1);
    const sh = last ? [last.seq, (await openHeader(last)).id] : [0, ""];
    const changes = { n: n + 1, pm, dev: DEV[who.name], sh, ...(ts && { ts }) };
    const about = header(session.state, who, changes);
    const key = session.keys.get(about.e);
    const { id: name, ...sealed } = await sealMessage(about, key, who.keys.ed.privateKey, content);
    tips.set(who.name, { n: n + 1, pm: name });
    const seq = (last?.seq ?? 0) + 1;
    const re = refsOf(content).map(([target]) => target);
    room.rows.push({ seq, ...sealed, ...(re.length > 0 && { re }) });
    index.refs.set(seq, re);
    const { g } = session.state;
    if (!blind && content.body !== undefined) {
      const sk = await searchKey(session.keys.get(g), id, g);
      index.tokens.set(seq, await tokensFor(sk, searchableText(content), g));
    }
    return [seq, name];
  }

  const say = (who, body, how) => put(who, { t: "text", body }, how);

  async function rules(changes) {
    await setPolicy(me, session, { ...session.state.policy, ...changes });
    room.device = session.state.policy.search === "device";
  }
  if (search === "device") await rules({ search });

  const finder = (here = {}, own = me) => new RoomSearch(own, session, { locks: lone(), ...here });

  /** The texts that a search finds, once it has looked everywhere. */
  async function found(asked, { order = "newest", of = finder() } = {}) {
    const run = new Search([of], parseQuery(asked), order);
    while (!run.done) await run.more();
    return run.hits.map(({ line }) => line.text);
  }
  /** A search that has looked everywhere. */
  async function searched(asked, order = "newest", of = finder()) {
    const run = new Search([of], parseQuery(asked), order);
    while (!run.done) await run.more();
    return run;
  }
  return { world, me, id, room, session, index, put, say, rules, finder, found, searched };
}
