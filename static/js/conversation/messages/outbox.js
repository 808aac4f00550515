/**
 * The queue of unsent messages. A message is sealed when its turn comes, kept before it is sent,
 * and sent again with the same bytes until the server answers. Tabs share one queue; one sends.
 */

import { newId } from "../../crypto/bytes.js";
import { loadCode } from "../load-code.js";
import { FROZEN } from "../room/room-session.js";
import { PendingAnswers } from "./pending-answers.js";

/** Loads what seals when a message is sent first: until then a visit only reads. */
const loadSealing = () => loadCode(() => import("./seal-entry.js"));

const ROTATION_WAIT = 1500; // ms for another member's rotation
const FIRST_RETRY = 1000; // ms
const LAST_RETRY = 30_000; // ms
const NOT_A_MEMBER = "You are no longer a member of this room.";
/** Error codes after which the message is sealed again, on top of the room's new state. */
const CATCH_UP = new Set(["stale", "clock", "rotate_first", "wait", "order"]);
const RETRY_LATER = new Set(["unavailable", "rate"]);

/** @typedef {import("../../store/outbox.js").OutboxEntry} OutboxEntry */
/** @typedef {import("../../store/outbox.js").SealedEntry} SealedEntry */
/** @typedef {import("../../store/outbox.js").DeviceChain} DeviceChain */
/** @typedef {import("../../net/types.js").ErrorFrame} ErrorFrame */
/** @typedef {import("./pending-answers.js").Answer} Answer */

/** Tells whether the account is no longer a member. @param {unknown} error */
const isGone = (error) => error instanceof Error && "status" in error && error.status === 404;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Events: `changed` (the list of unsent messages), `late` (a message came after `close`: another outbox
 * of the room has to send it). */
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
  #answers = new PendingAnswers();
  /** @type {Set<string>} cids of what this tab has sealed and given to no connection */
  #unsent = new Set();
  /** @type {OutboxEntry[]} */
  entries = [];

  /**
   * @param {object} parts
   * @param {import("../account/account.js").Account} parts.me
   * @param {import("../room/room-session.js").RoomSession} parts.session
   * @param {{highest: [number, string], checkAcknowledged?: () => Promise<void>}} parts.timeline
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

  /** Handles another tab's change of the queue. If that tab closes before it has sent, this one
   * continues. */
  async #onTabMessage() {
    if (this.#closed) return;
    await this.#refresh();
    await this.flush();
  }

  async #changed() {
    await this.#refresh();
    if (!this.#closed) this.#channel.postMessage("changed");
  }

  /** Queues a message, which shows at once.
   * @param {import("../../crypto/content.js").Content} content */
  async add(content) {
    const at = Math.max(Date.now(), (this.entries.at(-1)?.at ?? 0) + 1);
    const room = this.#session.id;
    await this.#me.store.outbox.addEntry({ room, cid: newId(), at, content, state: "queued" });
    await this.#changed();
    if (this.#closed) this.dispatchEvent(new Event("late"));
    this.flush();
  }

  /** @param {string} cid */
  async retry(cid) {
    const entry = this.entries.find((item) => item.cid === cid);
    if (entry) await this.#update({ ...entry, state: "queued", error: undefined });
    this.flush();
  }

  /**
   * Takes a message out of the queue to be written again.
   * @param {string} cid
   * @returns {Promise<import("../../crypto/content.js").Content | null>} its content; null if the
   *   server may have it
   */
  takeBack(cid) {
    return this.#locks.request(this.#sendLock, async () => {
      await this.#refresh();
      const entry = this.entries.find((one) => one.cid === cid && one.state !== "acked");
      if (!entry || (entry.sealed && !this.#unsent.has(cid))) return null;
      const chain = entry.sealed && rollBackChain(entry.sealed);
      if (!(await this.#update({ ...entry, sealed: undefined }, chain))) return null;
      await this.discard(cid);
      return entry.content;
    });
  }

  get #sendLock() {
    return `sotto:send:${this.#me.uid}:${this.#session.id}`;
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

  // --- answers -------------------------------------------------------------------------------

  /** Handles a response from the socket. @param {Answer} answer */
  onAnswer(answer) {
    this.#answers.resolve(answer);
  }

  /** Ends all waits: the messages are sent again after the next connection. */
  onDisconnect() {
    this.#answers.cancelAll();
  }

  /** Returns the seqs that were acknowledged and are not seen in the room yet. */
  expected = () =>
    this.entries.flatMap(({ state, seq }) => (state === "acked" && seq ? [seq] : []));

  /** Returns when an acknowledged message was sealed, ms; 0 for none. @param {number} seq */
  sealedAt = (seq) => {
    const entry = this.entries.find((one) => one.state === "acked" && one.seq === seq);
    return entry ? Number(JSON.parse(entry.sealed?.h ?? '{"ts":0}').ts) : 0;
  };

  /**
   * Handles a message of the room. The user's own leaves the queue: nobody else can have signed it.
   * Freezes the room if another message has the place of an acknowledged one.
   * @param {import("./decode-message.js").DecodedMessage} decoded
   */
  onStored = async ({ stored: row, header, good, message: item }) => {
    const mine = good && item.mine ? header?.cid : "";
    const here = this.entries.filter(
      ({ cid, state, seq }) => cid === mine || (state === "acked" && seq === row.seq),
    );
    if (here.some(({ cid }) => cid !== mine)) this.#session.freeze(FROZEN.cheated, "message", row);
    if (!mine || here.length === 0) return;
    await this.#me.store.outbox.dropEntry(this.#session.id, mine);
    this.onAnswer({ type: "ack", cid: mine, seq: row.seq });
    await this.#changed();
  };

  // --- sending -------------------------------------------------------------------------------

  /** Sends the queue in order, one tab at a time. Never rejects: it retries later. */
  async flush() {
    this.#again = true;
    if (this.#flushing || this.#closed) return;
    this.#flushing = true;
    clearTimeout(this.#retrying);
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        await this.#locks.request(this.#sendLock, () => this.#sendQueued());
      }
      this.#failures = 0;
    } catch (error) {
      this.#retryLater(error);
    } finally {
      this.#flushing = false;
    }
  }

  /** @param {unknown} error */
  #retryLater(error) {
    if (this.#closed || isGone(error)) return; // no longer a member
    const most = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#failures);
    this.#failures += 1;
    this.#retrying = setTimeout(() => this.flush(), most * (0.5 + Math.random() / 2));
  }

  async #sendQueued() {
    for (;;) {
      await this.#refresh();
      const entry = this.entries.find(({ state }) => state === "queued");
      const { frozen, unapproved, missing, isOut } = this.#session;
      if (!entry || this.#closed || frozen || unapproved.length > 0 || missing) return;
      if (isOut) await this.#fail(entry, NOT_A_MEMBER);
      else if (!(await this.#sendOne(entry))) return;
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
    this.#timeline.checkAcknowledged?.().catch(() => {}); // again when the room is next opened
    if (answer.rotate) this.#session.rotate().catch(() => {}); // the next ack repeats it
    return true;
  }

  /** Seals a message and reserves its place in the chain, in one transaction.
   * @param {OutboxEntry} entry
   * @returns {Promise<SealedEntry | "gone" | null>} "gone" if it must not be sent, null without the
   *   room's key */
  async #seal(entry) {
    const { sealEntry, unsendable } = await loadSealing();
    const reason = unsendable(entry.content);
    if (reason) {
      await this.#fail(entry, reason);
      return "gone";
    }
    const kept = await this.#me.store.outbox.chain(this.#session.id);
    if (kept && kept.lh > this.#session.state.seq) await this.#session.refresh();
    const { state, keys } = this.#session;
    // A new member has no key of a room that waits for its next epoch, and begins that epoch.
    if (!state.open && !keys.get(state.e)) await this.#session.rotate();
    const made = await sealEntry(this.#me, this.#session, entry, kept, this.#timeline.highest);
    if (!made) return null;
    this.#unsent.add(entry.cid);
    const there = await this.#update({ ...entry, sealed: made.sealed }, made.chain);
    return there ? made.sealed : "gone";
  }

  /** @param {OutboxEntry} entry @param {SealedEntry} sealed */
  #sendAndWait({ cid }, { h, iv, ct, sig, beside }) {
    const frame = { type: "message_send", room: this.#session.id, h, iv, ct, sig, ...beside };
    const onTimeout = () => {
      this.#again = true;
    };
    const send = () => {
      const sent = this.#send(frame);
      if (sent) this.#unsent.delete(cid);
      return sent;
    };
    return this.#answers.wait(cid, send, onTimeout);
  }

  /** @param {OutboxEntry} entry @param {SealedEntry} sealed @param {ErrorFrame} problem
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
    if (code === "wait") await pause(ROTATION_WAIT);
    await this.#session.refresh();
    if (code === "rotate_first" && !this.#session.state.open) await this.#session.rotate();
    return true;
  }

  /** Marks a message as failed and frees its place in the chain.
   * @param {OutboxEntry} entry @param {string} error */
  async #fail(entry, error) {
    const chain = entry.sealed && rollBackChain(entry.sealed);
    await this.#update({ ...entry, sealed: undefined, state: "failed", error }, chain);
  }
}

/** Returns the chain before a message that was refused. @param {SealedEntry} sealed
 * @returns {DeviceChain} */
const rollBackChain = ({ dev, n, pm, lh, sh }) => ({ dev, n: n - 1, pm, lh, sh });

/** Returns the chain that the server names if it is this browser's own; else a new one.
 * @param {SealedEntry} sealed @param {{n: number, id: string}} problem @returns {DeviceChain} */
const adoptChain = (sealed, { n, id }) =>
  id !== "" && id === sealed.pm && n === sealed.n - 1
    ? { ...rollBackChain(sealed), n, pm: id }
    : { dev: newId(), n: 0, pm: "", lh: 0, sh: [0, ""] };
