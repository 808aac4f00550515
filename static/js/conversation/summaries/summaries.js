/**
 * Summaries of one room: who would make them, those that were shared, and the one that is being
 * made. What is asked is shown first (`prepare`), stands in the room's log (`disclose`), goes
 * sealed to the worker, and its answer is sealed again for the room.
 */

import { b64, newId, random, unb64 } from "../../crypto/bytes.js";
import { openAnswer, sealAsk, workerId } from "../../crypto/summary.js";
import { Queue } from "../queue.js";
import { appendPlain } from "../room/append-event.js";
import { gather } from "./collect-messages.js";
import { compose, joined, reachesInto, unmasked } from "./compose-request.js";
import { readShared, share } from "./shared.js";

/** @typedef {import("./collect-messages.js").Wanted} Wanted */
/** @typedef {import("./collect-messages.js").Gathered} Gathered */
/** @typedef {import("./compose-request.js").Preview} Preview */
/** @typedef {import("./shared.js").Shared} Shared */
/**
 * @typedef {object} Worker who opens what is sent
 * @property {string} wk
 * @property {string} spki b64
 * @property {"openai" | "extractive"} engine
 * @property {string[]} models
 * @property {boolean} embedded whether it is one process with the web server
 * @property {number} most_messages
 * @property {number} most_bytes
 *
 * @typedef {{rid: string, state: "sending" | "queued" | "working", done: number, total: number,
 *   from: number, to: number, detail?: string}} Running parts done and all; `detail` what the
 *   worker says of it
 * @typedef {{code: string, detail: string}} Trouble
 */

const FIRST_LOOK = 1000; // ms; then ever more slowly
const SLOWEST_LOOK = 8000;

/** Events: `changed`, `done` {dis} (a summary that was asked for here is there). */
export class Summaries extends EventTarget {
  #me;
  #session;
  #isHidden;
  #queue = new Queue();
  #looks = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {{dis: number, range: string} | null} what the log says was shown, and was not sent */
  #unsent = null;
  /** @type {Worker | null} */
  worker = null;
  loaded = false;
  /** @type {string} the worker's key that was believed before, where it is another one */
  formerly = "";
  /** @type {Shared[]} newest first */
  shared = [];
  /** @type {Running | null} */
  running = null;
  /** @type {Trouble | null} why the last one failed */
  trouble = null;

  /**
   * @param {import("../account/account.js").Me} me @param {import("../room/room-session.js").RoomSession} session
   * @param {{isHidden?: (uid: string) => boolean}} [here]
   */
  constructor(me, session, { isHidden } = {}) {
    super();
    this.#me = me;
    this.#session = session;
    this.#isHidden = isHidden;
  }

  get #path() {
    return `chatrooms/${this.#session.id}/summary`;
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** What the server has, and what was asked for here before the page was loaded. */
  load() {
    return this.#queue.add(async () => {
      const { worker, summaries, requests } = await this.#me.api.get(this.#path);
      await this.#know(worker);
      await this.#session.fetchLog();
      this.shared = await readShared(this.#me, this.#session, summaries);
      this.loaded = true;
      await this.#goOn(requests);
      this.#changed();
    });
  }

  async #list() {
    const { summaries } = await this.#me.api.get(this.#path);
    this.shared = await readShared(this.#me, this.#session, summaries);
  }

  /** @param {any} worker */
  async #know(worker) {
    const pinned = await this.#me.store.setting("worker");
    this.worker = worker && { ...worker, wk: await workerId(worker.spki) };
    this.formerly = worker && pinned && pinned !== this.worker?.wk ? pinned : "";
  }

  /** The worker has another key, and the person knows why. */
  async believe() {
    if (this.worker) await this.#me.store.saveSetting("worker", this.worker.wk);
    this.formerly = "";
    this.#changed();
  }

  // --- what would be sent ------------------------------------------------------------------------

  /** @param {Wanted} wanted @param {AbortSignal} [signal] @returns {Promise<Gathered>} */
  gather(wanted, signal) {
    const limit = this.worker?.most_messages ?? 1;
    return gather(this.#me, this.#session, wanted, { limit, isHidden: this.#isHidden, signal });
  }

  /**
   * @param {Gathered} gathered @param {Wanted} wanted
   * @param {{model: string, lang: string, masked: boolean, anew: boolean}} how `anew`: without
   *   going on from an earlier summary
   * @returns {Preview | null} null where there is too little
   */
  preview(gathered, { after }, { model, lang, masked, anew }) {
    return compose(gathered, {
      model,
      lang,
      masked,
      people: [...this.#session.state.members.values()].map(({ name }) => name),
      earlier: anew ? null : reachesInto(this.shared, gathered, after),
      mostBytes: this.worker?.most_bytes ?? 0,
      mostMessages: this.worker?.most_messages ?? 0,
    });
  }

  // --- asking --------------------------------------------------------------------------------------

  /** Send what was shown. @param {Preview} preview */
  async ask(preview) {
    const { worker, running, formerly } = this;
    if (!worker || running || formerly) return;
    const { from, to } = preview.range;
    const rid = newId();
    this.trouble = null;
    this.running = { rid, state: "sending", done: 0, total: 0, from, to };
    this.#changed();
    try {
      await this.#send(rid, preview, worker);
    } catch (/** @type {any} */ error) {
      // Without an answer it may have arrived: then the next look at the server finds it.
      if (error.status !== 0) await this.#me.store.dropAsk(this.#session.id, rid);
      if (this.running?.rid !== rid) return;
      this.#failed({ code: error.code ?? "", detail: error.message });
      if (error.code === "wrong_worker") await this.load();
    }
  }

  /** @param {string} rid @param {Preview} preview @param {Worker} worker */
  async #send(rid, { question, range, names, earlier }, { wk, spki }) {
    const { id: room } = this.#session;
    const { uid, store, api } = this.#me;
    await store.saveSetting("worker", wk);
    const dis = await this.#disclose(range, question.model);
    const reply = random(32);
    const sealed = await sealAsk({ rid, room, uid }, spki, question, reply);
    await store.saveAsk(room, {
      rid,
      reply: b64(reply),
      dis,
      ...range,
      names,
      base: earlier?.dis ?? 0,
    });
    const taken = await api.post(this.#path, { rid, wk, ...sealed, dis });
    this.#unsent = null;
    if (this.running?.rid !== rid) return api.delete(`${this.#path}/${rid}`); // cancelled meanwhile
    await this.#take(taken);
  }

  /** Say in the room's log what is about to be shown, unless it was said and then not sent.
   * @param {Preview["range"]} range @param {string} model @returns {Promise<number>} its seq */
  async #disclose({ from, to }, model) {
    const session = this.#session;
    const name = `${from} ${to} ${model}`;
    if (this.#unsent?.range === name) return this.#unsent.dis;
    await appendPlain(this.#me, session, () => ({ t: "disclose", from, to, model }));
    const mine = session.state.disclosures.findLast(
      (one) => one.uid === this.#me.uid && one.from === from && one.to === to,
    );
    if (!mine) throw new Error("The room’s log did not take the request. Try again.");
    this.#unsent = { dis: mine.seq, range: name };
    return mine.seq;
  }

  /** Take it back: nothing is kept of it but the line in the log. */
  async cancel() {
    const { running } = this;
    if (!running) return;
    this.#rest();
    await this.#forget(running.rid).catch(() => {}); // the server forgets it within a day
    this.#changed();
  }

  #rest() {
    this.running = null;
    this.#looks = 0;
    clearTimeout(this.#timer);
  }

  /** @param {string} rid */
  async #forget(rid) {
    await this.#me.store.dropAsk(this.#session.id, rid);
    await this.#me.api.delete(`${this.#path}/${rid}`);
  }

  /** @param {Trouble} trouble */
  #failed(trouble) {
    this.#rest();
    this.trouble = trouble;
    this.#changed();
  }

  // --- waiting ---------------------------------------------------------------------------------------

  /** The socket says that something moved. @param {{rid?: string}} frame */
  async heard({ rid }) {
    if (!rid) await this.load();
    else if (rid === this.running?.rid) await this.#look();
  }

  /** Go on with what was asked for before a reload. @param {any[]} requests */
  async #goOn(requests) {
    const room = this.#session.id;
    const known = new Map(requests.map((one) => [one.rid, one]));
    for (const { rid } of await this.#me.store.asks(room)) {
      const found = known.get(rid);
      if (rid === this.running?.rid) continue;
      if (!found) await this.#me.store.dropAsk(room, rid);
      else if (!this.running) await this.#take(await this.#withAnswer(found));
    }
  }

  /** A request with its answer, which a list of requests leaves out.
   * @param {{rid: string, state: string, answer: string | null}} request */
  async #withAnswer(request) {
    if (request.state !== "done" || request.answer !== null) return request;
    return this.#me.api.get(`${this.#path}/${request.rid}`);
  }

  async #look() {
    const { running } = this;
    if (!running) return;
    try {
      const request = await this.#me.api.get(`${this.#path}/${running.rid}`);
      if (this.running?.rid === running.rid) await this.#take(request);
    } catch (/** @type {any} */ error) {
      if (error.status !== 404) return this.#later();
      await this.#me.store.dropAsk(this.#session.id, running.rid);
      this.#failed({ code: "forgotten", detail: error.message });
    }
  }

  #later() {
    clearTimeout(this.#timer);
    const wait = Math.min(SLOWEST_LOOK, FIRST_LOOK * 1.3 ** this.#looks);
    this.#looks += 1;
    this.#timer = setTimeout(() => this.#look(), wait);
  }

  /** Where a request stands. @param {any} request */
  async #take(request) {
    const { rid, state, from, to, done = 0, total = 0, detail = "" } = request;
    if (state === "queued" || state === "working") {
      this.running = { rid, state, done, total, from, to, detail };
      this.#later();
      this.#changed();
      return;
    }
    clearTimeout(this.#timer);
    if (state === "done") await this.#finish(request);
    else {
      await this.#forget(rid).catch(() => {}); // the server forgets it within a day
      if (state === "failed") this.#failed(request);
      else this.#rest();
    }
    this.#changed();
  }

  /** @param {import("../../store/store.js").Ask} ask @param {string} text the worker's */
  #whole({ base, names, to }, text) {
    const earlier = this.shared.find(({ dis, why }) => base > 0 && dis === base && why === "");
    return earlier ? joined(earlier, to, text) : unmasked(text, names);
  }

  /** Open the answer, share it with the room, and let the server forget it.
   * @param {{rid: string, answer: string}} request */
  async #finish({ rid, answer }) {
    const room = this.#session.id;
    const ask = (await this.#me.store.asks(room)).find((one) => one.rid === rid);
    if (!ask) return this.#rest(); // another tab has taken it
    try {
      const { text, model } = await openAnswer(unb64(ask.reply, 32), rid, answer);
      await this.#list(); // a page that went away may have shared it
      if (!this.shared.some(({ dis }) => dis === ask.dis))
        await share(this.#me, this.#session, ask, { text: this.#whole(ask, text), model });
    } catch (/** @type {any} */ error) {
      if (error.status === 0) return this.#later();
      // It is there, and stays there: the next visit shares it.
      if (error.status === 429 || error.status >= 500)
        return this.#failed({ code: "unshared", detail: error.message });
      await this.#forget(rid).catch(() => {});
      return this.#failed({ code: error.code ?? "bad_answer", detail: error.message });
    }
    await this.#forget(rid).catch(() => {});
    this.#rest();
    await this.#list().catch(() => {}); // with the next one
    this.#changed();
    this.dispatchEvent(new CustomEvent("done", { detail: { dis: ask.dis } }));
  }
}
