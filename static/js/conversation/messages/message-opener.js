/**
 * Verifies and decrypts messages: in a worker when there are many; in the page itself when there are few, until
 * the worker has started, and where it fails. Both run the same function.
 */

import { openMessage } from "../../crypto/open-message.js";

/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("../../crypto/open-message.js").OpenedMessage} OpenedMessage */
/** @typedef {import("../../crypto/open-message.js").RoomKeys} RoomKeys */
/** @typedef {Pick<import("../room/room-session.js").RoomSession, "id" | "state" | "identities"> & {
 *   keys: {get: (e: number) => Uint8Array | undefined}}} Room */
/** @typedef {{row: StoredMessage, room: Room, resolve: (opened: OpenedMessage) => void,
 *   reject: (error: unknown) => void}} Task */
/** @typedef {Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror" | "onmessageerror">
 * } OpenerWorker */

const MANY = 40; // messages at once that are worth a worker
const MOST_WORKERS = 2;
const DEADLINE = 15_000; // ms for one job, and to start: a hundred messages take some 20
const STARTING = 0; // stands for the job of starting

/** Opens messages in the page itself. */
export class MessageOpener {
  /** Nothing has to start. */
  prepare() {}

  /**
   * Verifies and decrypts a message.
   * @param {StoredMessage} row
   * @param {Room} room
   * @returns {Promise<OpenedMessage>}
   */
  open(row, room) {
    return openHere([row], room).then(([opened]) => opened);
  }
}

/** Opens messages that come together in a worker, and in two where they are twice as many: a worker keeps one
 * core busy. Events: `failed` (it works in the page from now on). */
export class WorkerMessageOpener extends EventTarget {
  #make;
  #deadline;
  /** @type {OpeningWorker[]} */
  #workers = [];
  #failed = false;
  /** @type {Task[]} */
  #waiting = [];

  /** @param {() => OpenerWorker} makeWorker called once there is enough to do, or will be
   * @param {number} [deadline] ms after which a worker that has not answered counts as failed */
  constructor(makeWorker, deadline = DEADLINE) {
    super();
    this.#deadline = deadline;
    this.#make = makeWorker;
  }

  /**
   * Verifies and decrypts a message.
   * @param {StoredMessage} row
   * @param {Room} room
   * @returns {Promise<OpenedMessage>}
   */
  open(row, room) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, room, resolve, reject });
      if (this.#waiting.length === 1) queueMicrotask(() => this.#openAll());
    });
  }

  /** Starts a worker, which takes longer than to open a page of messages. */
  prepare() {
    this.#have(1);
  }

  close() {
    for (const worker of this.#workers) worker.close();
  }

  #openAll() {
    /** @type {Map<Room, Task[]>} */
    const byRoom = new Map();
    for (const task of this.#waiting) {
      const tasks = byRoom.get(task.room) ?? [];
      tasks.push(task);
      byRoom.set(task.room, tasks);
    }
    this.#waiting = [];
    for (const tasks of byRoom.values()) this.#openOfRoom(tasks);
  }

  /** @param {Task[]} tasks of one room */
  #openOfRoom(tasks) {
    const worth = Math.min(MOST_WORKERS, Math.floor(tasks.length / MANY));
    this.#have(worth);
    const started = this.#failed ? [] : this.#workers.filter((worker) => worker.started);
    const parts = Math.min(worth, started.length);
    if (parts === 0) return void finishHere(tasks);
    const size = Math.ceil(tasks.length / parts);
    for (const [at, worker] of started.slice(0, parts).entries()) {
      const part = tasks.slice(at * size, (at + 1) * size);
      if (this.#failed) finishHere(part);
      else worker.open(part);
    }
  }

  /** Starts workers until there are so many. @param {number} many */
  #have(many) {
    try {
      while (!this.#failed && this.#workers.length < many)
        this.#workers.push(new OpeningWorker(this.#make(), this.#deadline, () => this.#fail()));
    } catch {
      this.#fail();
    }
  }

  /** Opens what the workers have not, and all that follows, in the page. */
  #fail() {
    if (this.#failed) return;
    this.#failed = true;
    for (const worker of this.#workers) worker.close().forEach(finishHere);
    this.dispatchEvent(new Event("failed"));
  }
}

/** One worker, and what it was asked. */
class OpeningWorker {
  #worker;
  #deadline;
  #onFail;
  #job = STARTING;
  /** @type {Map<number, Task[]>} by job */
  #jobs = new Map();
  /** @type {Map<number, ReturnType<typeof setTimeout>>} by job */
  #timers = new Map();
  /** @type {Map<string, [unknown, unknown]>} state and identities that it has, by room */
  #sent = new Map();
  started = false; // its script runs

  /** @param {OpenerWorker} worker @param {number} deadline ms
   * @param {() => void} onFail it failed, or takes too long */
  constructor(worker, deadline, onFail) {
    this.#worker = worker;
    this.#deadline = deadline;
    this.#onFail = onFail;
    worker.onmessage = (/** @type {MessageEvent} */ { data }) =>
      data.started ? this.#onStarted() : this.#onAnswer(data);
    worker.onerror = onFail;
    worker.onmessageerror = onFail;
    this.#limit(STARTING);
  }

  /** Ends it. @returns {Task[][]} what it has not answered */
  close() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#worker.terminate();
    const left = [...this.#jobs.values()];
    this.#jobs.clear();
    return left;
  }

  /** @param {Task[]} tasks of one room */
  open(tasks) {
    this.#job += 1;
    this.#jobs.set(this.#job, tasks);
    this.#limit(this.#job);
    try {
      this.#worker.postMessage(this.#message(this.#job, tasks));
    } catch {
      this.#onFail();
    }
  }

  #onStarted() {
    this.started = true;
    this.#unlimit(STARTING);
  }

  /** Ends a job that takes too long. @param {number} job */
  #limit(job) {
    this.#timers.set(job, setTimeout(this.#onFail, this.#deadline));
  }

  /** @param {number} job */
  #unlimit(job) {
    clearTimeout(this.#timers.get(job));
    this.#timers.delete(job);
  }

  /** @param {number} job @param {Task[]} tasks */
  #message(job, tasks) {
    const { room } = tasks[0];
    const { state, identities } = room;
    const [sentState, sentIdentities] = this.#sent.get(room.id) ?? [];
    const known = sentState === state && sentIdentities === identities;
    this.#sent.set(room.id, [state, identities]);
    const rows = tasks.map(({ row }) => row);
    return {
      job,
      room: room.id,
      rows,
      keys: keysFor(rows, room),
      ...(!known && { log: { state, identities } }),
    };
  }

  /** @param {{job: number, opened?: OpenedMessage[], failed?: boolean}} answer */
  #onAnswer({ job, opened, failed }) {
    const tasks = this.#jobs.get(job);
    if (!tasks) return;
    if (failed || opened?.length !== tasks.length) return this.#onFail();
    this.#jobs.delete(job);
    this.#unlimit(job);
    for (const [at, { resolve }] of tasks.entries()) resolve(opened[at]);
  }
}

/** @param {Task[]} tasks of one room */
async function finishHere(tasks) {
  const rows = tasks.map(({ row }) => row);
  try {
    const opened = await openHere(rows, tasks[0].room);
    for (const [at, { resolve }] of tasks.entries()) resolve(opened[at]);
  } catch (error) {
    for (const { reject } of tasks) reject(error);
  }
}

/** @param {StoredMessage[]} rows @param {Room} room */
async function openHere(rows, room) {
  const { state, identities } = room;
  const about = { state, identities, keys: keysFor(rows, room) };
  return Promise.all(rows.map((row) => openMessage(row, about)));
}

/** The keys that rows name, as far as they are here. What a header says is not verified yet; a key
 * that it names wrongly opens nothing.
 * @param {StoredMessage[]} rows @param {Room} room @returns {RoomKeys["keys"]} */
function keysFor(rows, { keys }) {
  const found = new Map();
  for (const { h } of rows) {
    const e = Number(/"e":(\d{1,16}),/.exec(h)?.[1]);
    const key = keys.get(e);
    if (key) found.set(e, key);
  }
  return found;
}
