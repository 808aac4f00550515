/**
 * Messages on their way. They are sealed when their turn comes, kept before they are sent, and
 * sent again with the same bytes until the server answers. Tabs share one queue and one sender.
 */

import { newId } from "../crypto/bytes.js";
import { sealMessage } from "../crypto/message.js";
import { searchKey } from "../crypto/roomkeys.js";
import { tokensFor } from "../crypto/tokens.js";

const ANSWER_WITHIN = 15_000;
const PAUSE = 1500;
/** Codes after which the message is sealed anew, and what is done first. */
const CATCH_UP = new Set(["stale", "clock", "rotate_first", "wait", "order"]);
const LATER = new Set(["unavailable", "rate"]);

/** @typedef {import("../store/store.js").Entry} Entry */

/** Events: `changed` (the list of unsent messages). */
export class Outbox extends EventTarget {
  #me;
  #session;
  #timeline;
  #send;
  #channel;
  #flushing = false;
  #again = false;
  #closed = false;
  /** @type {Map<string, (answer: any) => void>} by cid */
  #waiting = new Map();
  /** @type {Entry[]} */
  entries = [];

  /**
   * @param {object} parts
   * @param {import("./me.js").Me} parts.me
   * @param {import("./room-session.js").RoomSession} parts.session
   * @param {{highest: [number, string]}} parts.timeline
   * @param {(frame: object) => boolean} parts.send
   */
  constructor({ me, session, timeline, send }) {
    super();
    this.#me = me;
    this.#session = session;
    this.#timeline = timeline;
    this.#send = send;
    this.#channel = new BroadcastChannel(`sotto:outbox:${me.uid}:${session.id}`);
    this.#channel.onmessage = () => this.#refresh();
  }

  async load() {
    await this.#refresh();
  }

  close() {
    this.#closed = true;
    this.#channel.close();
    for (const resolve of this.#waiting.values()) resolve(null);
  }

  async #refresh() {
    this.entries = await this.#me.store.outbox(this.#session.id);
    this.dispatchEvent(new Event("changed"));
  }

  async #changed() {
    await this.#refresh();
    if (!this.#closed) this.#channel.postMessage("changed");
  }

  /** Queue a text; it shows at once. @param {string} body */
  async add(body) {
    const at = Math.max(Date.now(), (this.entries.at(-1)?.at ?? 0) + 1);
    const content = { t: "text", body };
    await this.#save({ room: this.#session.id, cid: newId(), at, content, state: "queued" });
    this.flush();
  }

  /** @param {Entry} entry @param {import("../store/store.js").Chain} [chain] */
  async #save(entry, chain) {
    await this.#me.store.saveEntry(entry, chain);
    await this.#changed();
  }

  /** @param {string} cid */
  async retry(cid) {
    const entry = this.entries.find((item) => item.cid === cid);
    if (entry) await this.#save({ ...entry, state: "queued", error: undefined });
    this.flush();
  }

  /** @param {string} cid */
  async discard(cid) {
    await this.#me.store.dropEntry(this.#session.id, cid);
    await this.#changed();
  }

  /** An answer from the socket. @param {{cid: string}} frame */
  answered(frame) {
    this.#waiting.get(frame.cid)?.(frame);
  }

  /** The connection is gone: whoever waits for an answer will send again. */
  disconnected() {
    for (const resolve of this.#waiting.values()) resolve(null);
  }

  /**
   * An own message is in the room. What was acknowledged must be what comes back.
   * @param {{seq: number}} row @param {{header: {cid: string}, id: string}} opened
   */
  async stored(row, { header, id }) {
    const entries = await this.#me.store.outbox(this.#session.id);
    const entry = entries.find(({ cid }) => cid === header.cid);
    if (!entry) return;
    if (entry.state === "acked" && (entry.seq !== row.seq || entry.sealed.id !== id)) {
      this.#session.freeze("cheated");
      return;
    }
    if (entry.sealed?.id === id) {
      await this.#me.store.dropEntry(this.#session.id, header.cid);
      this.answered(/** @type {any} */ ({ type: "ack", cid: header.cid, seq: row.seq }));
      await this.#changed();
    }
  }

  /** Send what is queued, in order, one tab at a time. */
  async flush() {
    this.#again = true;
    if (this.#flushing || this.#closed) return;
    this.#flushing = true;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const name = `sotto:send:${this.#me.uid}:${this.#session.id}`;
        await navigator.locks.request(name, () => this.#sendQueued());
      }
    } finally {
      this.#flushing = false;
    }
  }

  async #sendQueued() {
    for (;;) {
      await this.#refresh();
      const entry = this.entries.find(({ state }) => state === "queued");
      if (!entry || this.#closed || this.#session.frozen || this.#session.unapproved.length > 0) {
        return;
      }
      if (!(await this.#sendOne(entry))) return;
    }
  }

  /** @param {Entry} entry @returns {Promise<boolean>} whether to go on with the next */
  async #sendOne(entry) {
    const sealed = entry.sealed ?? (await this.#seal(entry));
    if (!sealed) return false;
    const answer = await this.#ask(entry, sealed);
    if (answer === null) return false; // the same bytes again, once connected
    if (answer.type === "ack") {
      await this.#acked(entry.cid, answer);
      return true;
    }
    return this.#recover(entry, sealed, answer);
  }

  /** @param {string} cid @param {{seq: number, rotate?: number}} answer */
  async #acked(cid, { seq, rotate }) {
    const entries = await this.#me.store.outbox(this.#session.id);
    const entry = entries.find((item) => item.cid === cid);
    if (entry) await this.#save({ ...entry, state: "acked", seq });
    if (rotate) this.#session.rotate().catch(() => {});
  }

  /** @param {Entry} entry @param {any} sealed @returns {Promise<any>} ack, error or null */
  #ask({ cid }, sealed) {
    const { h, iv, ct, sig, tokens } = sealed;
    return new Promise((resolve) => {
      const finish = (/** @type {any} */ answer) => {
        clearTimeout(timer);
        this.#waiting.delete(cid);
        resolve(answer);
      };
      const timer = setTimeout(() => {
        finish(null);
        this.flush();
      }, ANSWER_WITHIN);
      this.#waiting.set(cid, finish);
      const frame = { type: "message_send", room: this.#session.id, h, iv, ct, sig };
      if (!this.#send(tokens ? { ...frame, tokens } : frame)) finish(null);
    });
  }

  /** Seal a message for the room as it is now, and take its place in our chain.
   * @param {Entry} entry @returns {Promise<any>} null where the key is not there yet */
  async #seal(entry) {
    const { state, keys } = this.#session;
    const key = keys.get(state.e);
    const kept = await this.#me.store.chain(this.#session.id);
    const { dev, n, pm } = kept ?? { dev: this.#me.dev, n: 0, pm: "" };
    if (!key) return null;
    const about = {
      room: this.#session.id,
      e: state.e,
      uid: this.#me.uid,
      kid: this.#me.kid,
      dev,
      n: n + 1,
      pm,
      lh: /** @type {[number, string]} */ ([state.seq, state.hash]),
      sh: this.#timeline.highest,
      cid: entry.cid,
      ts: Math.floor(this.#me.clock.now()),
    };
    const bytes = await sealMessage(about, key, this.#me.keys.ed.privateKey, entry.content);
    const sealed = { ...bytes, tokens: await this.#tokens(entry.content.body), n: n + 1, pm, dev };
    await this.#save({ ...entry, sealed }, { dev, n: n + 1, pm: bytes.id });
    return sealed;
  }

  /** @param {string} text */
  async #tokens(text) {
    const { state, keys, id } = this.#session;
    const key = keys.get(state.g);
    if (state.policy.search !== "server" || !key) return undefined;
    return tokensFor(await searchKey(key, id, state.g), text, state.g);
  }

  /** @param {Entry} entry @param {any} sealed @param {any} problem */
  async #recover(entry, sealed, problem) {
    const { code } = problem;
    if (LATER.has(code)) {
      await pause((problem.retry_after ?? 2) * 1000);
      return true;
    }
    if (!CATCH_UP.has(code)) {
      await this.#fail(entry, problem.detail);
      return true;
    }
    if (code === "clock") this.#me.clock.set(problem.now);
    await this.#unseal(entry, sealed, problem);
    if (code === "wait") await pause(PAUSE);
    await this.#session.moved();
    if (code === "rotate_first" && !this.#session.state.open) await this.#session.rotate();
    return true;
  }

  /** Give the place in our chain back, or take the one that the server says is ours.
   * @param {Entry} entry @param {any} sealed @param {any} problem */
  async #unseal(entry, sealed, problem) {
    let chain = { dev: sealed.dev, n: sealed.n - 1, pm: sealed.pm };
    if (problem.code === "order") {
      const ours = problem.id !== "" && problem.id === sealed.pm;
      chain = ours
        ? { dev: sealed.dev, n: problem.n, pm: problem.id }
        : { dev: newId(), n: 0, pm: "" };
    }
    await this.#save({ ...entry, sealed: undefined }, chain);
  }

  /** Not sent, and it will not send itself: its place in our chain is free again.
   * @param {Entry} entry @param {string} error */
  async #fail(entry, error) {
    const { dev, n, pm } = entry.sealed ?? {};
    const chain = dev ? { dev, n: n - 1, pm } : undefined;
    await this.#save({ ...entry, sealed: undefined, state: "failed", error }, chain);
  }
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
