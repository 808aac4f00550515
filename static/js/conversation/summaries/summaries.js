/**
 * Summaries of one room: the worker, shared summaries, and a running request. A request is
 * previewed (`prepare`), recorded in the room's log (`disclose`), and sent sealed to the worker;
 * its answer is sealed again for the room.
 */

import { b64, newId, randomBytes, unb64 } from "../../crypto/bytes.js";
import { openAnswer, sealAsk, workerId } from "../../crypto/summary.js";
import { SummaryRequestStore } from "../../store/summary-requests.js";
import { TaskQueue } from "../queue.js";
import { collectMessages } from "./collect-messages.js";
import { compose, joined, reachesInto, unmasked } from "./compose-request.js";
import { Disclosures } from "./disclosures.js";
import { PollTimer } from "./poll-timer.js";
import { openShared, shareSummary } from "./shared.js";

/** @typedef {import("./collect-messages.js").SummaryRange} SummaryRange */
/** @typedef {import("./collect-messages.js").CollectedMessages} CollectedMessages */
/** @typedef {import("./compose-request.js").SummaryPreview} SummaryPreview */
/** @typedef {import("./shared.js").SharedSummary} SharedSummary */
/** @typedef {import("../../net/types.js").SummaryStatus} SummaryStatus */
/**
 * @typedef {object} SummaryWorker who opens what is sent
 * @property {string} wk
 * @property {string} spki b64
 * @property {"openai" | "extractive"} engine
 * @property {string[]} models
 * @property {boolean} embedded whether it is one process with the web server
 * @property {number} most_messages
 * @property {number} most_bytes
 *
 * @typedef {{rid: string, state: "sending" | "queued" | "working", done: number, total: number,
 *   from: number, to: number, detail?: string}} RunningRequest parts done and all; `detail` what the
 *   worker says of it
 * @typedef {{code: string, detail: string}} SummaryError
 */

/** The answer stays on the server for a day: a later visit shares it. */
const UNSHARED = { code: "unshared", detail: "" };
const MOST_HERE = 2000; // messages that this device reads where no worker says how many it takes

/** Events: `changed`, `done` {dis} (a summary requested here is ready). */
export class Summaries extends EventTarget {
  #me;
  #session;
  #isHidden;
  #queue = new TaskQueue();
  #requests;
  #disclosures;
  #pollTimer = new PollTimer(() => this.#poll());
  /** @type {SummaryWorker | null} */
  worker = null;
  loaded = false;
  /** @type {string} the worker's key that was believed before, where it is another one */
  previousKey = "";
  /** @type {SharedSummary[]} newest first */
  shared = [];
  /** @type {RunningRequest | null} */
  running = null;
  /** @type {SummaryError | null} why the last one failed */
  error = null;

  /**
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {{isHidden?: (uid: string) => boolean}} [here]
   */
  constructor(me, session, { isHidden } = {}) {
    super();
    this.#me = me;
    this.#requests = me.store.part(SummaryRequestStore);
    this.#session = session;
    this.#isHidden = isHidden;
    this.#disclosures = new Disclosures(me, session);
  }

  get #path() {
    return /** @type {const} */ (`chatrooms/${this.#session.id}/summary`);
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }

  close() {
    this.#pollTimer.stop();
  }

  /** Tells whether this browser waits for the answer to a request. */
  async awaitsAnswer() {
    const asked = await this.#requests.summaryRequests(this.#session.id);
    return asked.length > 0;
  }

  /** Loads the server's summaries, and the requests made here before the page was loaded. */
  load() {
    return this.#queue.add(async () => {
      const { worker, summaries, requests } = await this.#me.api.get(this.#path);
      await this.#setWorker(worker);
      await this.#session.fetchLog();
      this.shared = await openShared(this.#me, this.#session, summaries);
      this.loaded = true;
      await this.#resumeRequests(requests);
      this.#changed();
    });
  }

  async #list() {
    const { summaries } = await this.#me.api.get(this.#path);
    this.shared = await openShared(this.#me, this.#session, summaries);
  }

  /** @param {import("../../net/types.js").WorkerInfo | null} worker */
  async #setWorker(worker) {
    const pinned = /** @type {string | undefined} */ (
      await this.#me.store.settings.setting("worker")
    );
    this.worker = worker && { ...worker, wk: await workerId(worker.spki) };
    this.previousKey = worker && pinned && pinned !== this.worker?.wk ? pinned : "";
  }

  /** Trusts the worker's new key, after the user has confirmed it. */
  async trustWorker() {
    if (this.worker) await this.#me.store.settings.saveSetting("worker", this.worker.wk);
    this.previousKey = "";
    this.#changed();
  }

  // --- preview -----------------------------------------------------------------------------------

  /** @param {SummaryRange} wanted @param {AbortSignal} [signal] @returns {Promise<CollectedMessages>} */
  gather(wanted, signal) {
    const limit = this.worker?.most_messages ?? MOST_HERE;
    return collectMessages(this.#me, this.#session, wanted, {
      limit,
      isHidden: this.#isHidden,
      signal,
    });
  }

  /**
   * @param {CollectedMessages} gathered @param {SummaryRange} wanted
   * @param {{model: string, lang: string, masked: boolean, anew: boolean}} how `anew`: without
   *   going on from an earlier summary
   * @returns {SummaryPreview | null} null where there is too little
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

  // --- requests ---------------------------------------------------------------------------------

  /** Sends the previewed request. @param {SummaryPreview} preview */
  async ask(preview) {
    const { worker, running, previousKey: formerly } = this;
    if (!worker || running || formerly) return;
    const { from, to } = preview.range;
    const rid = newId();
    this.error = null;
    this.running = { rid, state: "sending", done: 0, total: 0, from, to };
    this.#changed();
    try {
      await this.#send(rid, preview, worker);
    } catch (error) {
      // Without a response it may have arrived: the next poll then finds it.
      if (error.status !== 0) await this.#requests.dropSummaryRequest(this.#session.id, rid);
      if (this.running?.rid !== rid) return;
      this.#failed({ code: error.code ?? "", detail: error.message });
      if (error.code === "wrong_worker") await this.load();
    }
  }

  /** @param {string} rid @param {SummaryPreview} preview @param {SummaryWorker} worker */
  async #send(rid, { question, range, names, earlier }, { wk, spki }) {
    const { id: room } = this.#session;
    const { uid, store, api } = this.#me;
    await store.settings.saveSetting("worker", wk);
    const dis = await this.#disclosures.disclose(range, question.model);
    const reply = randomBytes(32);
    const sealed = await sealAsk({ rid, room, uid }, spki, question, reply);
    await this.#requests.saveSummaryRequest(room, {
      rid,
      reply: b64(reply),
      dis,
      ...range,
      names,
      base: earlier?.dis ?? 0,
    });
    const taken = await api.post(this.#path, { rid, wk, ...sealed, dis });
    this.#disclosures.used();
    if (this.running?.rid !== rid) return api.delete(`${this.#path}/${rid}`); // cancelled meanwhile
    await this.#applyStatus(taken);
  }

  /** Cancels the request: only its log event remains. */
  async cancel() {
    const { running } = this;
    if (!running) return;
    this.#clearRunning();
    await this.#deleteRequest(running.rid).catch(() => {}); // the server forgets it within a day
    this.#changed();
  }

  #clearRunning() {
    this.running = null;
    this.#pollTimer.reset();
  }

  /** @param {string} rid */
  async #deleteRequest(rid) {
    await this.#requests.dropSummaryRequest(this.#session.id, rid);
    await this.#me.api.delete(`${this.#path}/${rid}`);
  }

  /** @param {SummaryError} trouble */
  #failed(trouble) {
    this.#clearRunning();
    this.error = trouble;
    this.#changed();
  }

  // --- waiting ---------------------------------------------------------------------------------------

  /** Polls after a frame announced progress. @param {{rid?: string}} frame */
  async onFrame({ rid }) {
    if (!rid) await this.load();
    else if (rid === this.running?.rid) await this.#poll();
  }

  /** Resumes a request made before a reload. @param {SummaryStatus[]} requests */
  async #resumeRequests(requests) {
    const room = this.#session.id;
    const known = new Map(requests.map((one) => [one.rid, one]));
    for (const { rid } of await this.#requests.summaryRequests(room)) {
      const found = known.get(rid);
      if (rid === this.running?.rid) continue;
      if (!found) await this.#requests.dropSummaryRequest(room, rid);
      else if (!this.running) await this.#applyStatus(await this.#withAnswer(found));
    }
  }

  /** A request with its answer, which a list of requests leaves out.
   * @param {SummaryStatus} request */
  async #withAnswer(request) {
    if (request.state !== "done" || request.answer !== null) return request;
    return this.#me.api.get(`${this.#path}/${request.rid}`);
  }

  async #poll() {
    const { running } = this;
    if (!running) return;
    try {
      const request = await this.#me.api.get(`${this.#path}/${running.rid}`);
      if (this.running?.rid === running.rid) await this.#applyStatus(request);
    } catch (error) {
      if (error.status !== 404) return this.#pollTimer.schedule();
      await this.#requests.dropSummaryRequest(this.#session.id, running.rid);
      this.#failed({ code: "forgotten", detail: error.message });
    }
  }

  /** Applies the state of a request. @param {SummaryStatus} request */
  async #applyStatus(request) {
    const { rid, state, from, to, done = 0, total = 0, detail = "" } = request;
    if (state === "queued" || state === "working") {
      this.running = { rid, state, done, total, from, to, detail };
      this.#pollTimer.schedule();
      this.#changed();
      return;
    }
    this.#pollTimer.stop();
    if (state === "done") await this.#finish(rid, request.answer);
    else {
      await this.#deleteRequest(rid).catch(() => {}); // the server forgets it within a day
      if (state === "failed") this.#failed({ code: request.code ?? "", detail });
      else this.#clearRunning();
    }
    this.#changed();
  }

  /** @param {import("../../store/summary-requests.js").SummaryRequest} ask @param {string} text the worker's */
  #fullText({ base, names, to }, text) {
    const earlier = this.shared.find(({ dis, why }) => base > 0 && dis === base && why === "");
    return earlier ? joined(earlier, to, text) : unmasked(text, names);
  }

  /** Decrypts the answer, shares it with the room, and deletes it on the server.
   * @param {string} rid @param {string | null} answer sealed */
  async #finish(rid, answer) {
    const room = this.#session.id;
    const ask = (await this.#requests.summaryRequests(room)).find((one) => one.rid === rid);
    if (!ask) return this.#clearRunning(); // another tab has taken it
    if (!this.#session.writable) return this.#failed(UNSHARED); // nothing is sent there
    try {
      const { text, model } = await openAnswer(unb64(ask.reply, 32), rid, answer);
      await this.#list(); // a closed page may have shared it
      if (!this.shared.some(({ dis }) => dis === ask.dis))
        await shareSummary(this.#me, this.#session, ask, {
          text: this.#fullText(ask, text),
          model,
        });
    } catch (error) {
      if (error.status === 0) return this.#pollTimer.schedule();
      if (isPassing(error)) return this.#failed({ ...UNSHARED, detail: error.message });
      await this.#deleteRequest(rid).catch(() => {});
      return this.#failed({ code: error.code ?? "bad_answer", detail: error.message });
    }
    await this.#deleteRequest(rid).catch(() => {});
    this.#clearRunning();
    await this.#list().catch(() => {}); // with the next one
    this.#changed();
    this.dispatchEvent(new CustomEvent("done", { detail: { dis: ask.dis } }));
  }
}

/** Tells whether what was refused may be taken later: the limit, a busy server, nobody signed in, a room that
 * the operator has stopped.
 * @param {{status: number, code?: string}} error */
const isPassing = ({ status, code }) =>
  status === 401 || status === 429 || status >= 500 || code === "room_stopped";
