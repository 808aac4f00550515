/**
 * Messages on their way. They are sealed when their turn comes, kept before they are sent, and
 * sent again with the same bytes until the server answers. Tabs share one queue and one sender.
 */

import { newId } from "../../crypto/bytes.js";
import { FROZEN } from "../room/room-session.js";
import { sealEntry, unsendable } from "./seal-entry.js";

const ANSWER_WITHIN = 15_000;
const WAIT = 1500; // for another member's rotation
const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;
/** Codes after which the message is sealed anew, and what is done first. */
const CATCH_UP = new Set(["stale", "clock", "rotate_first", "wait", "order"]);
const RETRY_LATER = new Set(["unavailable", "rate"]);

/** @typedef {import("../../store/outbox.js").OutboxEntry} OutboxEntry */
/** @typedef {import("../../store/outbox.js").DeviceChain} DeviceChain */

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Events: `changed` (the list of unsent messages). */
export class Outbox extends EventTarget {
  #me;
  #session;
  #timeline;
  #send;
  #locks;
  #channel;
  #flushing = false;
  #again = false;
  #closed = false;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retrying;
  /** @type {Map<string, (answer: any) => void>} by cid */
  #waiting = new Map();
  /** @type {OutboxEntry[]} */
  entries = [];

  /**
   * @param {object} parts
   * @param {import("../account/account.js").Account} parts.me
   * @param {import("../room/room-session.js").RoomSession} parts.session
   * @param {{highest: [number, string], confirm?: () => Promise<void>}} parts.timeline
   * @param {(frame: object) => boolean} parts.send
   * @param {Pick<LockManager, "request">} [parts.locks]
   * @param {(name: string) => BroadcastChannel} [parts.makeChannel] to the other tabs
   */
  constructor({
    me,
    session,
    timeline,
    send,
    locks = navigator.locks,
    makeChannel = (name) => new BroadcastChannel(name),
  }) {
    super();
    this.#me = me;
    this.#session = session;
    this.#timeline = timeline;
    this.#send = send;
    this.#locks = locks;
    this.#channel = makeChannel(`sotto:outbox:${me.uid}:${session.id}`);
    this.#channel.onmessage = () => this.#onTabMessage();
  }

  async load() {
    await this.#refresh();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#retrying);
    this.#channel.close();
    this.onDisconnect();
  }

  async #refresh() {
    this.entries = await this.#me.store.outbox.entries(this.#session.id);
    this.dispatchEvent(new Event("changed"));
  }

  /** Another tab has changed the queue; if it closes before it has sent, this one goes on. */
  async #onTabMessage() {
    if (this.#closed) return;
    await this.#refresh();
    await this.flush();
  }

  async #changed() {
    await this.#refresh();
    if (!this.#closed) this.#channel.postMessage("changed");
  }

  /** Queue a message; it shows at once. @param {import("../../crypto/content.js").Content} content */
  async add(content) {
    const at = Math.max(Date.now(), (this.entries.at(-1)?.at ?? 0) + 1);
    const room = this.#session.id;
    await this.#me.store.outbox.addEntry({ room, cid: newId(), at, content, state: "queued" });
    await this.#changed();
    this.flush();
  }

  /** @param {string} cid */
  async retry(cid) {
    const entry = this.entries.find((item) => item.cid === cid);
    if (entry) await this.#update({ ...entry, state: "queued", error: undefined });
    this.flush();
  }

  /** @param {string} cid */
  async discard(cid) {
    await this.#me.store.outbox.dropEntry(this.#session.id, cid);
    await this.#changed();
  }

  /** @param {OutboxEntry} entry @param {DeviceChain} [chain] @returns {Promise<boolean>} false: it is gone */
  async #update(entry, chain) {
    const there = await this.#me.store.outbox.updateEntry(entry, chain);
    await this.#changed();
    return there;
  }

  // --- what comes back -----------------------------------------------------------------------

  /** An answer from the socket. @param {{cid: string}} frame */
  onAnswer(frame) {
    this.#waiting.get(frame.cid)?.(frame);
  }

  /** The connection is gone: whoever waits for an answer will send again. */
  onDisconnect() {
    for (const resolve of this.#waiting.values()) resolve(null);
  }

  /** Where messages were acknowledged that have not been seen in the room yet. */
  expected = () =>
    this.entries.flatMap(({ state, seq }) => (state === "acked" && seq ? [seq] : []));

  /** When an acknowledged message was sealed, ms; 0 if there is none there. @param {number} seq */
  sealedAt = (seq) => {
    const entry = this.entries.find((one) => one.state === "acked" && one.seq === seq);
    return entry ? Number(JSON.parse(entry.sealed?.h ?? '{"ts":0}').ts) : 0;
  };

  /**
   * A row is in the room. An own message is there for good: nobody else can have signed it. Where
   * the server acknowledged one, it must be.
   * @param {import("./decode-message.js").DecodedMessage} read
   */
  onStored = async ({ stored: row, header, good, message: item }) => {
    const mine = good && item.mine ? header?.cid : "";
    const here = this.entries.filter(
      ({ cid, state, seq }) => cid === mine || (state === "acked" && seq === row.seq),
    );
    if (here.some(({ cid }) => cid !== mine)) this.#session.freeze(FROZEN.cheated, "message", row);
    if (!mine || here.length === 0) return;
    await this.#me.store.outbox.dropEntry(this.#session.id, mine);
    this.onAnswer(/** @type {any} */ ({ type: "ack", cid: mine, seq: row.seq }));
    await this.#changed();
  };

  // --- sending -------------------------------------------------------------------------------

  /** Send what is queued, in order, one tab at a time. Never rejects: it tries again later. */
  async flush() {
    this.#again = true;
    if (this.#flushing || this.#closed) return;
    this.#flushing = true;
    clearTimeout(this.#retrying);
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const name = `sotto:send:${this.#me.uid}:${this.#session.id}`;
        await this.#locks.request(name, () => this.#sendQueued());
      }
      this.#failures = 0;
    } catch (error) {
      this.#tryLater(error);
    } finally {
      this.#flushing = false;
    }
  }

  /** @param {any} error */
  #tryLater(error) {
    if (this.#closed || error?.status === 404) return; // not a member any more
    const most = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#failures);
    this.#failures += 1;
    this.#retrying = setTimeout(() => this.flush(), most * (0.5 + Math.random() / 2));
  }

  async #sendQueued() {
    for (;;) {
      await this.#refresh();
      const entry = this.entries.find(({ state }) => state === "queued");
      const { frozen, unapproved } = this.#session;
      if (!entry || this.#closed || frozen || unapproved.length > 0) return;
      if (!(await this.#sendOne(entry))) return;
    }
  }

  /** @param {OutboxEntry} entry @returns {Promise<boolean>} whether to go on with the next */
  async #sendOne(entry) {
    const sealed = entry.sealed ?? (await this.#seal(entry));
    if (sealed === "gone") return true;
    if (!sealed) return false;
    const answer = await this.#sendAndWait(entry, sealed);
    if (answer === null) return false; // the same bytes again, once connected
    if (answer.type !== "ack") return this.#recover(entry, sealed, answer);
    await this.#me.store.outbox.ackEntry(this.#session.id, entry.cid, answer.seq);
    await this.#changed();
    this.#timeline.confirm?.().catch(() => {}); // again when the room is next opened
    if (answer.rotate) this.#session.rotate().catch(() => {}); // a request; the next ack repeats it
    return true;
  }

  /** Seal a message and take its place in our chain, in one transaction.
   * @param {OutboxEntry} entry
   * @returns {Promise<any>} "gone" if it is not to be sent, null where the key is not there yet */
  async #seal(entry) {
    const reason = unsendable(entry.content);
    if (reason) {
      await this.#fail(entry, reason);
      return "gone";
    }
    const kept = await this.#me.store.outbox.chain(this.#session.id);
    if (kept && kept.lh > this.#session.state.seq) await this.#session.refresh();
    const { state, keys } = this.#session;
    // Who has joined a room that waits for its next key may have none yet, and makes it.
    if (!state.open && !keys.get(state.e)) await this.#session.rotate();
    const made = await sealEntry(this.#me, this.#session, entry, kept, this.#timeline.highest);
    if (!made) return null;
    const there = await this.#update({ ...entry, sealed: made.sealed }, made.chain);
    return there ? made.sealed : "gone";
  }

  /** @param {OutboxEntry} entry @param {any} sealed @returns {Promise<any>} ack, error or null */
  #sendAndWait({ cid }, { h, iv, ct, sig, beside }) {
    return new Promise((resolve) => {
      const finish = (/** @type {any} */ answer) => {
        clearTimeout(timer);
        this.#waiting.delete(cid);
        resolve(answer);
      };
      const timer = setTimeout(() => {
        this.#again = true;
        finish(null);
      }, ANSWER_WITHIN);
      this.#waiting.set(cid, finish);
      const frame = { type: "message_send", room: this.#session.id, h, iv, ct, sig, ...beside };
      if (!this.#send(frame)) finish(null);
    });
  }

  /** @param {OutboxEntry} entry @param {any} sealed @param {any} problem
   * @returns {Promise<boolean>} whether to go on */
  async #recover(entry, sealed, problem) {
    const { code } = problem;
    if (RETRY_LATER.has(code)) {
      await pause((problem.retry_after ?? 2) * 1000);
      return true;
    }
    if (!CATCH_UP.has(code)) {
      await this.#fail(entry, problem.detail);
      return true;
    }
    if (code === "clock") this.#me.clock.set(problem.now);
    const chain = code === "order" ? adoptChain(sealed, problem) : rollBackChain(sealed);
    await this.#update({ ...entry, sealed: undefined }, chain);
    if (code === "wait") await pause(WAIT);
    await this.#session.refresh();
    if (code === "rotate_first" && !this.#session.state.open) await this.#session.rotate();
    return true;
  }

  /** Not sent, and it will not send itself: its place in our chain is free again.
   * @param {OutboxEntry} entry @param {string} error */
  async #fail(entry, error) {
    const chain = entry.sealed && rollBackChain(entry.sealed);
    await this.#update({ ...entry, sealed: undefined, state: "failed", error }, chain);
  }
}

/** The chain before a message that was not taken. @param {any} sealed @returns {DeviceChain} */
const rollBackChain = ({ dev, n, pm, lh, sh }) => ({ dev, n: n - 1, pm, lh, sh });

/** The chain that the server says is ours, if it is; else a new one.
 * @param {any} sealed @param {{n: number, id: string}} problem @returns {DeviceChain} */
const adoptChain = (sealed, { n, id }) =>
  id !== "" && id === sealed.pm && n === sealed.n - 1
    ? { ...rollBackChain(sealed), n, pm: id }
    : { dev: newId(), n: 0, pm: "", lh: 0, sh: [0, ""] };
