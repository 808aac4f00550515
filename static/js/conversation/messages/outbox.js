/**
 * The queue of unsent messages. Each is sent again with the same bytes until the server answers
 * (entry-sender.js). Tabs share one queue; one sends.
 */

import { newId } from "../../crypto/bytes.js";
import { loadCode } from "../load-code.js";
import { TaskQueue } from "../queue.js";
import { FROZEN } from "../room/room-session.js";

const FIRST_RETRY = 1000; // ms
const LAST_RETRY = 30_000; // ms
const NOT_A_MEMBER = "You are no longer a member here.";

/** @typedef {import("../../store/outbox.js").OutboxEntry} OutboxEntry */
/** @typedef {import("../../store/outbox.js").DeviceChain} DeviceChain */
/** @typedef {import("./pending-answers.js").Answer} Answer */
/** @typedef {{stored?: string}} TabMessage to the account's other tabs: the queue has changed. `stored`: the
 *   cid of an entry that left it because the message stands in the room */
/** @typedef {import("./entry-sender.js").EntrySender} EntrySender */

/** Tells whether the account is no longer a member. @param {unknown} error */
const isGone = (error) => error instanceof Error && "status" in error && error.status === 404;

/** Events: `changed` (the list of unsent messages), `late` (a message came after `close`: another outbox
 * of the room has to send it). */
export class Outbox extends EventTarget {
  #me;
  #session;
  #locks;
  #channel;
  #adding = new TaskQueue();
  #flushing = false;
  #again = false;
  #closed = false;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retrying;
  /** @type {EntrySender | null} loaded with the first message that is sent */
  #sender = null;
  #senderParts;
  /** Messages that another tab has seen in the room and this one not yet, by cid: shown until then.
   * @type {Map<string, OutboxEntry>} */
  #arriving = new Map();
  /** Messages that are being written to the queue, by cid: shown already, and sent once they stand in it.
   * @type {Map<string, OutboxEntry>} */
  #keeping = new Map();
  /** @type {OutboxEntry[]} */
  #kept = [];
  /** @type {OutboxEntry[]} */
  entries = [];

  /**
   * @param {object} parts
   * @param {import("../account/account.js").Account} parts.me
   * @param {import("../room/room-session.js").RoomSession} parts.session
   * @param {import("./entry-sender.js").Timeline} parts.timeline
   * @param {(frame: import("../../net/frames.js").ClientFrame) => boolean} parts.send
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
    this.#senderParts = {
      me,
      session,
      timeline,
      send,
      /** @type {import("./entry-sender.js").Parts["update"]} */
      update: (entry, chain) => this.#update(entry, chain),
      /** @type {import("./entry-sender.js").Parts["onAcknowledged"]} */
      onAcknowledged: (cid, seq) => this.#acknowledge(cid, seq),
      onTimeout: () => {
        this.#again = true;
      },
    };
    this.#locks = locks;
    this.#channel = makeChannel(`sotto:outbox:${me.uid}:${session.id}`);
    this.#channel.onmessage = ({ data }) => this.#onTabMessage(data);
  }

  async load() {
    await this.#refresh();
  }

  /** The sender; without it a message stays in the queue. */
  async #loadSender() {
    const { EntrySender } = await loadCode(() => import("./entry-sender.js"));
    this.#sender ??= new EntrySender(this.#senderParts);
    return this.#sender;
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#retrying);
    this.#channel.close();
    this.onDisconnect();
  }

  async #refresh() {
    this.#kept = await this.#me.store.outbox.entries(this.#session.id);
    this.#show();
  }

  #show() {
    const here = new Set(this.#kept.map(({ cid }) => cid));
    const [arriving, keeping] = [this.#arriving, this.#keeping].map((some) =>
      [...some.values()].filter(({ cid }) => !here.has(cid)),
    );
    this.entries = [...arriving, ...this.#kept, ...keeping];
    this.dispatchEvent(new Event("changed"));
  }

  /** Handles another tab's change of the queue. If that tab closes before it has sent, this one
   * continues.
   * @param {TabMessage} message */
  async #onTabMessage(message) {
    if (this.#closed) return;
    const entry = this.entries.find(({ cid }) => cid === message?.stored);
    if (entry) this.#arriving.set(entry.cid, { ...entry, state: "acked" });
    await this.#refresh();
    await this.flush();
  }

  /** @param {TabMessage} [message] */
  async #changed(message = {}) {
    await this.#refresh();
    if (!this.#closed) this.#channel.postMessage(message);
  }

  /** Queues a message, which shows at once.
   * @param {import("../../crypto/content.js").Content} content */
  add(content) {
    // One after the other: of two that are written in one moment the second could be kept first.
    return this.#adding.add(async () => {
      const at = Math.max(Date.now(), (this.entries.at(-1)?.at ?? 0) + 1);
      await this.#keep({ room: this.#session.id, cid: newId(), at, content, state: "queued" });
      if (this.#closed) this.dispatchEvent(new Event("late"));
      this.flush();
    });
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
      const sender = await this.#loadSender();
      if (!entry || !sender.isUnsent(entry)) return null;
      if (!(await sender.unseal(entry))) return null;
      await this.discard(cid);
      return entry.content;
    });
  }

  get #sendLock() {
    return `sotto:send:${this.#me.uid}:${this.#session.id}`;
  }

  /** Writes a message to the queue. It shows at once, and goes again where it cannot be kept.
   * @param {OutboxEntry} entry */
  async #keep(entry) {
    this.#keeping.set(entry.cid, entry);
    this.#show();
    try {
      await this.#me.store.outbox.addEntry(entry);
      await this.#changed();
    } finally {
      this.#keeping.delete(entry.cid);
      this.#show();
    }
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
    this.#sender?.onAnswer(answer);
  }

  /** Ends all waits: the messages are sent again after the next connection. */
  onDisconnect() {
    this.#sender?.onDisconnect();
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
    this.#arriving.delete(mine);
    await this.#me.store.outbox.dropEntry(this.#session.id, mine);
    this.onAnswer({ type: "ack", cid: mine, seq: row.seq });
    await this.#changed({ stored: mine });
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
      const entry = this.#kept.find(({ state }) => state === "queued");
      const { frozen, unapproved, missing, isBlocked, isOut } = this.#session;
      const waits = frozen || unapproved.length > 0 || missing || isBlocked;
      if (!entry || this.#closed || waits) return;
      const sender = await this.#loadSender();
      if (isOut) await sender.fail(entry, NOT_A_MEMBER);
      else if (!(await sender.sendOne(entry))) return;
    }
  }

  /** @param {string} cid @param {number} seq */
  async #acknowledge(cid, seq) {
    await this.#me.store.outbox.ackEntry(this.#session.id, cid, seq);
    await this.#changed();
  }
}
