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

/** Opens messages that come together in a worker. Events: `failed` (it works in the page from now
 * on). */
export class WorkerMessageOpener extends EventTarget {
  #make;
  #deadline;
  /** @type {OpenerWorker | null} */
  #worker = null;
  #started = false; // the worker's script runs
  #failed = false;
  /** @type {Task[]} */
  #waiting = [];
  #job = 0;
  /** @type {Map<number, Task[]>} by job */
  #jobs = new Map();
  /** @type {Map<number, ReturnType<typeof setTimeout>>} by job */
  #timers = new Map();
  /** @type {Map<string, [unknown, unknown]>} state and identities that the worker has, by room */
  #sent = new Map();

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

  /** Starts the worker, which takes longer than to open a page of messages. */
  prepare() {
    if (this.#failed || this.#worker) return;
    try {
      this.#worker = this.#start();
      this.#limit(STARTING);
    } catch {
      this.#fail();
    }
  }

  close() {
    this.#stopTimers();
    this.#worker?.terminate();
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
    const many = tasks.length >= MANY;
    if (many) this.prepare();
    if (many && this.#started && !this.#failed) this.#send(tasks);
    else finishHere(tasks);
  }

  /** @param {Task[]} tasks of one room */
  #send(tasks) {
    this.#job += 1;
    this.#jobs.set(this.#job, tasks);
    this.#limit(this.#job);
    try {
      this.#worker?.postMessage(this.#message(this.#job, tasks));
    } catch {
      this.#fail();
    }
  }

  #start() {
    const worker = this.#make();
    worker.onmessage = (/** @type {MessageEvent} */ { data }) =>
      data.started ? this.#onStarted() : this.#onAnswer(data);
    worker.onerror = () => this.#fail();
    worker.onmessageerror = () => this.#fail();
    return worker;
  }

  #onStarted() {
    this.#started = true;
    this.#unlimit(STARTING);
  }

  /** Ends a job that takes too long. @param {number} job */
  #limit(job) {
    this.#timers.set(
      job,
      setTimeout(() => this.#fail(), this.#deadline),
    );
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
    if (failed || opened?.length !== tasks.length) return this.#fail();
    this.#jobs.delete(job);
    this.#unlimit(job);
    for (const [at, { resolve }] of tasks.entries()) resolve(opened[at]);
  }

  #stopTimers() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Opens what the worker has not, and all that follows, in the page. */
  #fail() {
    if (this.#failed) return;
    this.#failed = true;
    this.#stopTimers();
    this.#worker?.terminate();
    for (const tasks of this.#jobs.values()) finishHere(tasks);
    this.#jobs.clear();
    this.dispatchEvent(new Event("failed"));
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
