/**
 * All of a person's rooms over one socket: gives each frame to the room it is for, keeps the list
 * of rooms current, and catches up after every connection.
 */

import { Blocks } from "./account/blocks.js";
import { loadCode } from "./load-code.js";
import { Rooms } from "./rooms.js";

/** @typedef {import("../net/socket.js").Status} Status */
/** @typedef {import("./room-list.js").RoomListItem} RoomListItem */
/** @typedef {import("./server-connection.js").ServerConnection} ServerConnection */
/** @typedef {import("./frame-handlers.js").FrameHandlers} FrameHandlers */
/** @typedef {import("./messages/background-outboxes.js").BackgroundOutboxes} BackgroundOutboxes */
/**
 * @typedef {object} OpenRoom
 * @property {import("./room/room-session.js").RoomSession} session
 * @property {import("./messages/timeline-model.js").TimelineModel} timeline
 * @property {import("./messages/outbox.js").Outbox} outbox
 */

const LOAD_AGAIN = 3000; // ms

/** The parts that keep a page up to date. */
const loadLive = () =>
  Promise.all([import("./frame-handlers.js"), import("./messages/background-outboxes.js")]);

/**
 * Events: `rooms`, `status`, `typing` {room, uid, on}, `presence`, `gone` {room}, `knock` {room},
 * `accepted` {room}, `summary` {room, rid} (a summary request has progressed), `reset` (the account
 * has new keys, made in another browser), `forgotten` {room} (what this browser kept of a room was
 * erased), `forgotten-elsewhere` (another tab has done that with the open room).
 */
export class Chat extends EventTarget {
  #me;
  #makeSocket;
  /** @type {ServerConnection | null} loaded when it connects: a page shows what it has before that */
  #connection = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #connecting;
  #closed = false;
  #rooms;
  /** @type {import("./read-marks.js").ReadMarks | null} loaded with the first message that is seen, and with
   * the frames' handlers */
  #readMarks = null;
  #makeOutbox;
  /** @type {BackgroundOutboxes | null} loaded with the frames' handlers */
  #backgroundOutboxes = null;
  /** @type {OpenRoom | null} */
  #open = null;
  #live = false;
  /** Rooms whose keys were completed since the last connection was lost. */
  #completed = new WeakSet();
  /** @type {Status} */
  status = "connecting";
  /** Tells whether the connection was lost, or could not be made, and is not back yet. */
  isAway = false;

  /**
   * @param {import("./account/account.js").Account} me
   * @param {import("./server-connection.js").MakeSocket} makeSocket
   * @param {import("./messages/background-outboxes.js").MakeOutbox} [makeOutbox]
   */
  constructor(me, makeSocket, makeOutbox) {
    super();
    this.#me = me;
    this.blocks = new Blocks(me);
    this.#rooms = new Rooms(me, this.blocks.isHidden);
    this.blocks.addEventListener("changed", () => this.#onBlocksChanged());
    this.#makeOutbox = makeOutbox;
    this.#rooms.addEventListener("changed", () => this.#emit("rooms"));
    this.#makeSocket = makeSocket;
  }

  /** Connects once what does it and what handles the server's frames are loaded; if they cannot be,
   * later. */
  async connect() {
    clearTimeout(this.#connecting);
    loadLive().catch(() => {}); // at the same time
    try {
      await (await this.#loadConnection()).connect();
    } catch {
      if (!this.#closed) this.#connecting = setTimeout(() => this.connect(), LOAD_AGAIN);
    }
  }

  async #loadConnection() {
    const { ServerConnection } = await loadCode(() => import("./server-connection.js"));
    if (this.#connection) return this.#connection;
    this.#connection = new ServerConnection(this.#me.uid, {
      makeSocket: this.#makeSocket,
      makeFrames: () => this.#makeFrames(),
      onStatus: (status) => this.#onStatus(status),
    });
    if (this.status === "signed-out") this.#connection.signOut();
    if (this.#closed) this.#connection.close();
    return this.#connection;
  }

  /** @returns {Promise<FrameHandlers>} */
  async #makeFrames() {
    const [{ FrameHandlers }, { BackgroundOutboxes }] = await loadCode(loadLive);
    const readMarks = await this.#loadReadMarks();
    const outboxes = new BackgroundOutboxes(this.#me, this.#rooms, this.send, this.#makeOutbox);
    this.#backgroundOutboxes = outboxes;
    return new FrameHandlers({
      me: this.#me,
      rooms: this.#rooms,
      readMarks,
      backgroundOutboxes: outboxes,
      openRoom: () => this.#open,
      isLive: () => this.#live,
      isHidden: this.blocks.isHidden,
      resume: () => this.#resume(),
      emit: (type, detail) => this.#emit(type, detail),
    });
  }

  close() {
    for (const outbox of this.#outboxes) outbox.close();
    this.#rooms.close();
    this.#closed = true;
    clearTimeout(this.#connecting);
    this.#connection?.close();
  }

  /** Connects at once: the network or the tab is back. */
  reconnectNow() {
    this.#connection?.reconnectNow();
  }

  /** Drops the connection: the browser says that the network is gone. */
  dropConnection() {
    this.#connection?.drop();
  }

  /** Sends a frame. @param {import("../net/frames.js").ClientFrame} frame @returns {boolean} false without a connection */
  send = (frame) => this.#connection?.send(frame) ?? false;

  /** Tells whether the server has said that it restarts, and is not back yet. */
  get restarting() {
    return this.#connection?.restarting ?? false;
  }

  /** Handles a request that was refused because nobody is signed in. */
  onSignedOut() {
    if (this.#connection) this.#connection.signOut();
    else if (!this.#closed) this.#onStatus("signed-out");
  }

  /** Handles a refusal that says that the operator has stopped a room: its bar appears. @param {string} room */
  onRoomStopped(room) {
    if (this.#rooms.list.has(room)) this.loadAgain(room).catch(() => {}); // with the next refusal
  }

  /** See `Rooms.loadAgain`. @param {string} room */
  async loadAgain(room) {
    await this.#rooms.loadAgain(room);
  }

  /** @param {Status} status */
  #onStatus(status) {
    // An attempt to connect again does not hide, meanwhile, that one is signed out.
    if (this.status === "signed-out" && status === "connecting") return;
    this.status = status;
    this.isAway = status === "waiting" || (this.isAway && status === "connecting");
    if (status === "open") this.blocks.refresh();
    else {
      this.blocks.onDisconnect();
      for (const outbox of this.#outboxes) outbox.onDisconnect();
      this.#completed = new WeakSet();
    }
    this.#emit("status");
    this.#emit("presence");
  }

  get #outboxes() {
    const open = this.#open ? [this.#open.outbox] : [];
    return [...open, ...(this.#backgroundOutboxes?.outboxes ?? [])];
  }

  // --- rooms -----------------------------------------------------------------------------------

  /** Loads the list of rooms. @param {string} [first] a room to wait for; the others follow */
  async loadRooms(first) {
    await this.blocks.restore();
    this.#rooms.restore().catch(() => {}); // the server's list follows
    await this.#rooms.loadOnce(first);
    this.blocks.refresh(); // the list that this browser kept counts until then
  }

  /** Shows the list of rooms as it was shown last, until the server answers. */
  async restoreRooms() {
    await this.blocks.restore();
    await this.#rooms.restore();
  }

  /** Loads one room ahead of the list. @param {string} id @returns {Promise<boolean>} false if the
   *   server does not give it: the list says why */
  async loadRoom(id) {
    await this.blocks.restore();
    return this.#rooms.loadOne(id);
  }

  /** Tells whether `rooms` has all rooms, and not only one that was loaded ahead. */
  get isListed() {
    return this.#rooms.isListed;
  }

  /** Erases what this browser keeps of a room that the server does not list. @param {string} id */
  async forgetRoom(id) {
    await this.#rooms.forget(id);
    this.#emit("forgotten", { room: id });
  }

  /** Handles that another tab has erased a room: it is neither shown nor kept again.
   * @param {string} id */
  async onForgotten(id) {
    await this.#rooms.load(); // a closed room leaves the server's list with it
    if (this.#rooms.list.has(id)) return;
    await this.#rooms.forget(id);
    if (this.#open?.session.id === id) this.#emit("forgotten-elsewhere");
  }

  /** Describes rooms again, and sends messages that waited until somebody was unblocked. */
  #onBlocksChanged() {
    this.#rooms.describeAgain();
    this.#sendUnsent();
  }

  /** Handles that another tab has blocked or unblocked somebody: requests of blocked people are not
   * listed. */
  async onBlocksSet() {
    await this.blocks.load();
    await this.#rooms.load();
  }

  /** Rooms that the account has asked to join, until somebody there has decided. */
  get asked() {
    return this.#rooms.asked;
  }

  /** Shows a request to join no longer. @param {string} iid of its link */
  forgetAsked(iid) {
    return this.#rooms.forgetAsked(iid);
  }

  /** Returns a room as the server lists it. @param {string} id */
  serverRoom(id) {
    return this.#rooms.list.room(id);
  }

  /** Returns a room's session, its log verified. @param {string} id */
  session(id) {
    return this.#rooms.session(id);
  }

  /** Accepts a room that somebody added the person to. @param {string} id */
  async accept(id) {
    await this.#me.api.post(`chatrooms/${id}/accept`, {});
    await this.loadRooms();
    await this.#rooms.opened(id)?.fetchKeys({ thorough: true });
    this.#emit("accepted", { room: id });
  }

  /** Trusts a person's new key in every room. @param {string} kid */
  async approve(kid) {
    await this.#rooms.approve(kid);
    this.#open?.outbox.flush(); // messages waited for it
  }

  /** Checks trust again in every room, after the person has decided something. */
  async recheckTrust() {
    await this.#rooms.recheckTrust();
    this.#open?.outbox.flush();
  }

  /** Blocks or unblocks somebody. @param {string} uid @param {boolean} on */
  async block(uid, on) {
    await this.blocks.set(uid, on);
    await this.loadRooms(); // requests of blocked people are not listed
  }

  /** @returns {RoomListItem[]} newest first */
  get rooms() {
    return this.#rooms.list.items;
  }

  get unread() {
    return this.#rooms.list.unread;
  }

  /** Returns the people who are here, by the server's word: without a connection nobody is known to be.
   * @param {string} room @returns {string[]} uids */
  online(room) {
    return this.status === "open" ? this.#rooms.list.online(room) : [];
  }

  /** @param {string} room @returns {number} seq */
  readMark(room) {
    return this.#rooms.list.readMark(room);
  }

  /**
   * Opens one room: verifies its log, and starts its timeline and outbox.
   * @param {string} id
   * @param {(session: import("./room/room-session.js").RoomSession) =>
   *   Omit<OpenRoom, "session">} build
   * @param {AbortSignal} [signal] aborted when the room is left: it is closed then
   * @returns {Promise<OpenRoom>}
   * @throws {DOMException} if it was left before it was open
   */
  async openRoom(id, build, signal) {
    const session = await this.#rooms.session(id);
    await session.takeUpKeys(this.serverRoom(id)?.profiles ?? []);
    signal?.throwIfAborted();
    this.#backgroundOutboxes?.drop(id);
    const open = { session, ...build(session) };
    this.#open = open;
    this.#live = false;
    const judge = (/** @type {Event} */ event) =>
      open.timeline.judge(/** @type {CustomEvent<number[]>} */ (event).detail);
    session.seen.addEventListener("judged", judge, { signal });
    open.outbox.addEventListener("late", () => this.#sendUnsent());
    signal?.addEventListener("abort", () => this.#closeRoom(open));
    await open.outbox.load();
    signal?.throwIfAborted();
    return open;
  }

  /** Closes a room. What is unsent in it goes on in the background. @param {OpenRoom} open */
  #closeRoom(open) {
    open.outbox.close();
    if (this.#open !== open) return;
    this.#open = null;
    this.#live = false;
    this.#sendUnsent();
  }

  /** Sends the unsent messages of every room; without a connection, the next one does. */
  async #sendUnsent() {
    if (this.status !== "open") return;
    this.#open?.outbox.flush();
    await this.#backgroundOutboxes?.flush(() => this.#open?.session.id).catch(() => {});
  }

  /** Starts live updates once the open room shows its first page: catches up, sends, shares keys.
   * Errors are ignored: heads are sent with every heartbeat, keys are fetched on the next visit. */
  goLive() {
    this.#live = true;
    this.#connection?.frames?.applyLastHead().catch(() => {});
    this.#resume();
    if (!this.#open) return;
    this.#rooms.noteRead(this.#open.session);
    this.#completeKeys(this.#open);
  }

  /** Once for each connection. Keys may also have come while the first page was being shown.
   * @param {OpenRoom} open */
  #completeKeys({ session, timeline }) {
    if (this.#completed.has(session)) return;
    this.#completed.add(session);
    session
      .fetchKeys({ thorough: true })
      .then(() => timeline.retryLocked())
      .catch(() => this.#completed.delete(session));
  }

  #resume() {
    if (!this.#open || !this.#live || this.status !== "open") return;
    const { session, timeline, outbox } = this.#open;
    if (session.isOut) return;
    this.send({ type: "resume", rooms: { [session.id]: timeline.newest } });
    outbox.flush();
  }

  async #loadReadMarks() {
    const { ReadMarks } = await loadCode(() => import("./read-marks.js"));
    this.#readMarks ??= new ReadMarks(this.#rooms.list, this.send, this.#me.store.settings);
    return this.#readMarks;
  }

  /** Marks everything up to a message as read. Never rejects: where it cannot be loaded, the next message
   * that is seen marks this one, too. @param {string} room @param {number} seq */
  async markRead(room, seq) {
    const marks = this.#readMarks ?? (await this.#loadReadMarks().catch(() => null));
    if (marks?.mark(room, seq)) this.#rooms.changed();
  }

  /** @param {string} type @param {object} [detail] */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
