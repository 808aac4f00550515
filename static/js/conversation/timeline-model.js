/**
 * A room's messages as people see them: rows are verified, put in order, decrypted. What fails
 * becomes one grey line and never shows its text.
 */

import { decryptMessage, MessageError, openHeader, verifyMessage } from "../crypto/message.js";
import { Order } from "../crypto/order.js";
import { FROZEN } from "./room-session.js";

/** @typedef {import("../crypto/message.js").Row} Row */
/**
 * @typedef {object} Item
 * @property {string} key stable; an unsent message keeps its key when it is stored
 * @property {number | null} seq
 * @property {"message" | "refused" | "newer" | "locked"} kind
 * @property {{uid: string, name: string, kid: string}} author
 * @property {boolean} mine
 * @property {number} ts ms
 * @property {string} text
 * @property {"sending" | "sent" | "failed" | "received"} state
 * @property {string} [error]
 * @property {boolean} [gap] something is missing before it
 * @property {boolean} [otherView] its author saw a different conversation
 */

const PAGE = 50;
const NOBODY = { uid: "", name: "", kid: "" };

/** Events: `items` (added or changed; detail is a list), `caught-up`. */
export class TimelineModel extends EventTarget {
  #me;
  #session;
  #order = new Order();
  /** @type {Map<number, Row>} */
  #rows = new Map();
  /** @type {Map<number, Item>} */
  #items = new Map();
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  /** @type {(row: Row, opened: {header: any, id: string}) => Promise<void>} */
  #onOwn;
  #oldest = 0;
  #newest = 0;
  /** @type {boolean} */
  hasOlder = false;

  /**
   * @param {import("./me.js").Me} me @param {import("./room-session.js").RoomSession} session
   * @param {(row: Row, opened: any) => Promise<void>} onOwn told of every own message stored
   */
  constructor(me, session, onOwn) {
    super();
    this.#me = me;
    this.#session = session;
    this.#onOwn = onOwn;
  }

  /** The last number up to which nothing is missing. */
  get newest() {
    return this.#newest;
  }

  /** The newest message held, for the next header. */
  get highest() {
    return this.#order.highest;
  }

  /** What this browser has kept, else the newest page. */
  async load() {
    const kept = await this.#me.store.lastRows(this.#session.id, PAGE);
    if (kept.length > 0) {
      await this.#begin(kept, kept[0].seq > 1);
    } else {
      const { messages, first } = await this.#fetch("");
      await this.#begin(messages, messages.length > 0 && messages[0].seq > first);
    }
  }

  /** Start anew from the newest page: too much was missed to read it all. */
  async reload() {
    const { messages, first } = await this.#fetch("");
    this.#rows.clear();
    this.#items.clear();
    await this.#begin(messages, messages.length > 0 && messages[0].seq > first);
    this.dispatchEvent(new Event("reset"));
  }

  /** @param {Row[]} rows @param {boolean} hasOlder */
  async #begin(rows, hasOlder) {
    this.#oldest = rows[0]?.seq ?? 1;
    this.#newest = this.#oldest - 1;
    this.#order = new Order(this.#newest);
    this.hasOlder = hasOlder;
    await this.receive(rows);
  }

  /** @param {string} query */
  async #fetch(query) {
    return this.#me.api.get(`chatrooms/${this.#session.id}/messages?limit=${PAGE}${query}`);
  }

  /** New rows, in order; what came already is passed over. @param {Row[]} rows */
  receive(rows) {
    this.#queue = this.#queue.then(() => this.#receive(rows)).catch((error) => this.#failed(error));
    return this.#queue;
  }

  /** @param {Row[]} rows */
  async #receive(rows) {
    let fresh = rows.filter(({ seq }) => seq > this.#newest);
    if (fresh.length === 0) return;
    if (fresh[0].seq !== this.#newest + 1) fresh = await this.#fillGap(fresh);
    const items = [];
    for (const row of fresh) items.push(await this.#place(row));
    await this.#keep(fresh);
    this.#tell(items);
  }

  /** Read what is missing before rows that came; what the server does not have stays a gap.
   * @param {Row[]} rows */
  async #fillGap(rows) {
    const all = new Map(rows.map((row) => [row.seq, row]));
    for (let after = this.#newest; after < rows[0].seq - 1; ) {
      const { messages } = await this.#fetch(`&after=${after}`);
      if (messages.length === 0) break;
      for (const row of messages) all.set(row.seq, row);
      after = messages.at(-1).seq;
    }
    return [...all.values()].sort((a, b) => a.seq - b.seq);
  }

  /** @param {Row[]} rows */
  async #keep(rows) {
    await this.#me.store.saveRows(this.#session.id, rows);
    await this.#me.store.trimRows(this.#session.id, this.#newest);
  }

  /** Judge and open a row at the end of the timeline. @param {Row} row @returns {Promise<Item>} */
  async #place(row) {
    this.#newest = row.seq;
    this.#rows.set(row.seq, row);
    const judged = await this.#judge(row);
    if (!judged.placed) {
      const gap = this.#order.hold(row.seq, judged.id, judged.header);
      return this.#put({ ...judged.item, gap });
    }
    const verdict = this.#order.push(judged.placed);
    return this.#finish(row, judged.placed, verdict);
  }

  /** A row's header and signature against the log.
   * @param {Row} row @returns {Promise<any>} */
  async #judge(row) {
    let opened;
    try {
      opened = await openHeader(row);
    } catch {
      return { id: "", item: refused(row) };
    }
    const { header, id } = opened;
    if (header.uid === this.#me.uid) await this.#onOwn(row, opened);
    try {
      await this.#verify(row, opened);
    } catch {
      return { id, header, item: refused(row) };
    }
    return { id, header, placed: { seq: row.seq, id, header } };
  }

  /** @param {Row} row @param {any} opened */
  async #verify(row, opened) {
    const session = this.#session;
    try {
      await verifyMessage(row, opened, session.state, session.identities);
    } catch (error) {
      if (!(error instanceof MessageError) || error.reason !== "ahead") throw error;
      await session.moved();
      await verifyMessage(row, opened, session.state, session.identities);
    }
  }

  /** @param {Row} row @param {any} placed @param {any} verdict @returns {Promise<Item>} */
  async #finish(row, { header }, { accepted, missing, otherView }) {
    if (!accepted) return this.#put({ ...refused(row), gap: missing });
    const item = { ...this.#about(row, header), gap: missing, otherView };
    const key = this.#session.keys.get(header.e);
    if (!key) return this.#put({ ...item, kind: "locked" });
    try {
      const content = await decryptMessage(row, header, key);
      if (content.t !== "text") return this.#put({ ...item, kind: "newer" });
      return this.#put({ ...item, text: content.body });
    } catch {
      return this.#put({ ...refused(row), gap: missing });
    }
  }

  /** @param {Row} row @param {any} header @returns {Item} */
  #about(row, header) {
    const { uid, kid, cid, ts } = header;
    const mine = uid === this.#me.uid;
    return {
      key: `${uid}:${cid}`,
      seq: row.seq,
      kind: "message",
      author: { uid, kid, name: this.#session.identities.get(kid)?.name ?? "" },
      mine,
      ts,
      text: "",
      state: mine ? "sent" : "received",
    };
  }

  /** @param {Item} item */
  #put(item) {
    this.#items.set(/** @type {number} */ (item.seq), item);
    return item;
  }

  /** @param {Item[]} items */
  #tell(items) {
    if (items.length > 0) this.dispatchEvent(new CustomEvent("items", { detail: items }));
  }

  /** A page of older messages. */
  older() {
    this.#queue = this.#queue.then(() => this.#older());
    return this.#queue;
  }

  async #older() {
    if (!this.hasOlder) return;
    const { messages, first } = await this.#fetch(`&before=${this.#oldest}`);
    const judged = [];
    for (const row of messages) {
      this.#rows.set(row.seq, row);
      judged.push({ row, ...(await this.#judge(row)) });
    }
    const verdicts = this.#order.merge(
      judged.map(
        ({ row, placed, id, header }) => placed ?? { seq: row.seq, id, header, held: true },
      ),
    );
    const items = [];
    for (const { row, placed, item } of judged) {
      items.push(
        placed
          ? await this.#finish(row, placed, /** @type {any} */ (verdicts.get(row.seq)))
          : this.#put(item),
      );
    }
    this.#oldest = messages[0]?.seq ?? this.#oldest;
    this.hasOlder = messages.length > 0 && this.#oldest > first;
    this.#tell([...items, ...this.#revised(verdicts, judged)]);
  }

  /** Items that older messages have shown in another light.
   * @param {Map<number, any>} verdicts @param {any[]} judged */
  #revised(verdicts, judged) {
    const fresh = new Set(judged.map(({ row }) => row.seq));
    const changed = [];
    for (const [seq, { accepted, missing, otherView }] of verdicts) {
      const item = this.#items.get(seq);
      const row = this.#rows.get(seq);
      if (fresh.has(seq) || !item || !row) continue;
      const next = accepted ? { ...item, otherView } : refused(row);
      changed.push(this.#put({ ...next, gap: missing }));
    }
    return changed;
  }

  /** Keys have come: open what was locked. */
  unlock() {
    this.#queue = this.#queue.then(async () => {
      const items = [];
      for (const item of [...this.#items.values()].filter(({ kind }) => kind === "locked")) {
        const row = /** @type {Row} */ (this.#rows.get(/** @type {number} */ (item.seq)));
        const { header, id } = await openHeader(row);
        const verdict = { accepted: true, missing: item.gap, otherView: item.otherView };
        const next = await this.#finish(row, { header, id }, verdict);
        if (next.kind !== "locked") items.push(next);
      }
      this.#tell(items);
    });
    return this.#queue;
  }

  /** @param {unknown} error */
  #failed(error) {
    if (this.#session.frozen === FROZEN.cheated) return;
    this.dispatchEvent(new CustomEvent("failed", { detail: error }));
  }
}

/** @param {Row} row @returns {Item} */
const refused = (row) => ({
  key: `seq:${row.seq}`,
  seq: row.seq,
  kind: "refused",
  author: NOBODY,
  mine: false,
  ts: 0,
  text: "",
  state: "received",
});
