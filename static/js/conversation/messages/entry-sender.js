/**
 * Sends one unsent message: seals it when its turn comes, keeps it before it is sent, and handles
 * the server's answer.
 */

import { newId } from "../../crypto/bytes.js";
import { loadCode } from "../load-code.js";
import { PendingAnswers } from "./pending-answers.js";

/** Loads what seals when a message is sent first: until then a visit only reads. */
const loadSealing = () => loadCode(() => import("./seal-entry.js"));

const ROTATION_WAIT = 1500; // ms for another member's rotation
/** Error codes after which the message is sealed again, on top of the room's new state. */
const CATCH_UP = new Set(["stale", "clock", "rotate_first", "wait", "order"]);
const RETRY_LATER = new Set(["unavailable", "rate"]);

/** @typedef {import("../../store/outbox.js").OutboxEntry} OutboxEntry */
/** @typedef {import("../../store/outbox.js").SealedEntry} SealedEntry */
/** @typedef {import("../../store/outbox.js").DeviceChain} DeviceChain */
/** @typedef {import("../../net/frames.js").ErrorFrame} ErrorFrame */
/** @typedef {{highest: [number, string], checkAcknowledged?: () => Promise<void>}} Timeline */
/**
 * @typedef {object} Parts of the outbox
 * @property {import("../account/account.js").Account} me
 * @property {import("../room/room-session.js").RoomSession} session
 * @property {Timeline} timeline
 * @property {(frame: import("../../net/frames.js").ClientFrame) => boolean} send
 * @property {(entry: OutboxEntry, chain?: DeviceChain) => Promise<boolean>} update keeps an entry; false:
 *   it is gone
 * @property {(cid: string, seq: number) => Promise<void>} onAcknowledged
 * @property {() => void} onTimeout told if no answer came in time
 */

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class EntrySender {
  #parts;
  #answers = new PendingAnswers();
  /** @type {Set<string>} cids of what this tab has sealed and given to no connection */
  #unsent = new Set();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Tells whether the server cannot have a message. @param {OutboxEntry} entry */
  isUnsent({ cid, sealed }) {
    return !sealed || this.#unsent.has(cid);
  }

  /** Handles a response from the socket. @param {import("./pending-answers.js").Answer} answer */
  onAnswer(answer) {
    this.#answers.resolve(answer);
  }

  /** Ends all waits. */
  onDisconnect() {
    this.#answers.cancelAll();
  }

  /** @param {OutboxEntry} entry @returns {Promise<boolean>} whether to go on with the next */
  async sendOne(entry) {
    const sealed = entry.sealed ?? (await this.#seal(entry));
    if (sealed === "gone") return true;
    if (!sealed) return false;
    const answer = await this.#sendAndWait(entry, sealed);
    if (answer === null) return false; // the same bytes again, once connected
    if (answer.type !== "ack") return this.#recover(entry, sealed, answer);
    const { session, timeline, onAcknowledged } = this.#parts;
    await onAcknowledged(entry.cid, answer.seq);
    timeline.checkAcknowledged?.().catch(() => {}); // again when the room is next opened
    if (answer.rotate) session.rotate().catch(() => {}); // the next ack repeats it
    return true;
  }

  /** Seals a message and reserves its place in the chain, in one transaction.
   * @param {OutboxEntry} entry
   * @returns {Promise<SealedEntry | "gone" | null>} "gone" if it must not be sent, null without the
   *   room's key */
  async #seal(entry) {
    const { me, session, timeline, update } = this.#parts;
    const { sealEntry, unsendable } = await loadSealing();
    const reason = unsendable(entry.content);
    if (reason) {
      await this.fail(entry, reason);
      return "gone";
    }
    const kept = await me.store.outbox.chain(session.id);
    if (kept && kept.lh > session.state.seq) await session.refresh();
    const { state, keys } = session;
    // A new member has no key of a room that waits for its next epoch, and begins that epoch.
    if (!state.open && !keys.get(state.e)) await session.rotate();
    const made = await sealEntry(me, session, entry, kept, timeline.highest);
    if (!made) return null;
    this.#unsent.add(entry.cid);
    const there = await update({ ...entry, sealed: made.sealed }, made.chain);
    return there ? made.sealed : "gone";
  }

  /** @param {OutboxEntry} entry @param {SealedEntry} sealed */
  #sendAndWait({ cid }, { h, iv, ct, sig, beside }) {
    const { session, onTimeout } = this.#parts;
    const type = /** @type {const} */ ("message_send");
    const frame = { type, room: session.id, h, iv, ct, sig, ...beside };
    const send = () => {
      const sent = this.#parts.send(frame);
      if (sent) this.#unsent.delete(cid);
      return sent;
    };
    return this.#answers.wait(cid, send, onTimeout);
  }

  /** @param {OutboxEntry} entry @param {SealedEntry} sealed @param {ErrorFrame} problem
   * @returns {Promise<boolean>} whether to go on */
  async #recover(entry, sealed, problem) {
    const { me, session, update } = this.#parts;
    const { code } = problem;
    if (RETRY_LATER.has(code)) {
      await pause((problem.retry_after ?? 2) * 1000);
      return true;
    }
    if (!CATCH_UP.has(code)) {
      await this.fail(entry, problem.detail);
      return true;
    }
    if (code === "clock") me.clock.set(problem.now);
    const chain = code === "order" ? adoptChain(sealed, problem) : rollBackChain(sealed);
    await update({ ...entry, sealed: undefined }, chain);
    if (code === "wait") await pause(ROTATION_WAIT);
    await session.refresh();
    if (code === "rotate_first" && !session.state.open) await session.rotate();
    return true;
  }

  /** Marks a message as failed and frees its place in the chain.
   * @param {OutboxEntry} entry @param {string} error */
  async fail(entry, error) {
    await this.#parts.update({ ...unsealed(entry), state: "failed", error }, chainBefore(entry));
  }

  /** Frees a message's place in the chain, so that it can be written again.
   * @param {OutboxEntry} entry @returns {Promise<boolean>} false: it is gone */
  unseal(entry) {
    return this.#parts.update(unsealed(entry), chainBefore(entry));
  }
}

/** @param {OutboxEntry} entry @returns {OutboxEntry} */
const unsealed = (entry) => ({ ...entry, sealed: undefined });

/** @param {OutboxEntry} entry */
const chainBefore = ({ sealed }) => sealed && rollBackChain(sealed);

/** Returns the chain before a message that was refused. @param {SealedEntry} sealed
 * @returns {DeviceChain} */
const rollBackChain = ({ dev, n, pm, lh, sh }) => ({ dev, n: n - 1, pm, lh, sh });

/** Returns the chain that the server names if it is this browser's own; else a new one.
 * @param {SealedEntry} sealed @param {{n: number, id: string}} problem @returns {DeviceChain} */
const adoptChain = (sealed, { n, id }) =>
  id !== "" && id === sealed.pm && n === sealed.n - 1
    ? { ...rollBackChain(sealed), n, pm: id }
    : { dev: newId(), n: 0, pm: "", lh: 0, sh: [0, ""] };
