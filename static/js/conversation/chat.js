/**
 * All of a person's rooms over one socket: gives each frame to the room it is for, keeps the list
 * of rooms current, and catches up after every connection.
 */

import { checkStoredMessage } from "../crypto/message.js";
import { Blocks } from "./account/blocks.js";
import { BackgroundOutboxes } from "./messages/background-outboxes.js";
import { ReadMarks } from "./read-marks.js";
import { acceptRequest } from "./room/direct.js";
import { Rooms } from "./rooms.js";

/** @typedef {import("../net/types.js").ServerFrame} ServerFrame */
/** @typedef {import("../net/socket.js").Status} Status */
/** @typedef {import("./room-list.js").RoomListItem} RoomListItem */
/** @typedef {Record<string, import("../net/types.js").RoomHead>} Heads by room */
/**
 * @template {ServerFrame["type"]} Type
 * @typedef {import("../net/types.js").Frame<Type>} Frame
 */
/**
 * @typedef {object} OpenRoom
 * @property {import("./room/room-session.js").RoomSession} session
 * @property {import("./messages/timeline-model.js").TimelineModel} timeline
 * @property {import("./messages/outbox.js").Outbox} outbox
 *
 * @typedef {Pick<import("../net/socket.js").Socket,
 *   "connect" | "close" | "reconnectNow" | "drop" | "send">} Connection
 * @typedef {(handlers: {onFrame: (frame: ServerFrame) => void,
 *   onStatus: (status: Status) => void}) => Connection} MakeSocket
 */

/**
 * Events: `rooms`, `status`, `typing` {room, uid, on}, `presence`, `gone` {room}, `knock` {room},
 * `accepted` {room}, `summary` {room, rid} (a summary request has progressed), `reset` (the account
 * has new keys, made in another browser).
 */
export class Chat extends EventTarget {
  #me;
  #socket;
  #rooms;
  #readMarks;
  #backgroundOutboxes;
  /** @type {OpenRoom | null} */
  #open = null;
  #live = false;
  /** @type {Heads | null} where the rooms stood when the server last said so */
  #lastHeads = null;
  /** @type {Status} */
  status = "connecting";

  /**
   * @param {import("./account/account.js").Account} me
   * @param {MakeSocket} makeSocket
   * @param {import("./messages/background-outboxes.js").MakeOutbox} [makeOutbox]
   */
  constructor(me, makeSocket, makeOutbox) {
    super();
    this.#me = me;
    this.blocks = new Blocks(me);
    this.#rooms = new Rooms(me);
    this.#readMarks = new ReadMarks(this.#rooms.list, this.send);
    this.#backgroundOutboxes = new BackgroundOutboxes(me, this.#rooms, this.send, makeOutbox);
    this.#rooms.addEventListener("changed", () => this.dispatchEvent(new Event("rooms")));
    this.#socket = makeSocket({
      onFrame: (frame) => this.#onFrame(frame),
      onStatus: (status) => this.#onStatus(status),
    });
  }

  connect() {
    this.#socket.connect();
  }

  close() {
    for (const outbox of this.#outboxes) outbox.close();
    this.#socket.close();
  }

  /** Connects at once: the network or the tab is back. */
  reconnectNow() {
    this.#socket.reconnectNow();
  }

  /** Drops the connection: the browser says that the network is gone. */
  dropConnection() {
    this.#socket.drop();
  }

  /** Sends a frame. @param {object} frame @returns {boolean} false without a connection */
  send = (frame) => this.#socket.send(frame);

  /** @param {Status} status */
  #onStatus(status) {
    this.status = status;
    if (status !== "open") for (const outbox of this.#outboxes) outbox.onDisconnect();
    this.dispatchEvent(new Event("status"));
  }

  get #outboxes() {
    const open = this.#open ? [this.#open.outbox] : [];
    return [...open, ...this.#backgroundOutboxes.outboxes];
  }

  // --- rooms -----------------------------------------------------------------------------------

  /** Loads the list of rooms. @param {string} [first] a room to wait for; the others follow */
  loadRooms(first) {
    return this.#rooms.load(first);
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
    await acceptRequest(this.#me, id);
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

  /** @param {string} room @returns {string[]} uids */
  online(room) {
    return this.#rooms.list.online(room);
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
   * @returns {Promise<OpenRoom>}
   */
  async openRoom(id, build) {
    const session = await this.#rooms.session(id);
    this.#open = { session, ...build(session) };
    await this.#open.outbox.load();
    return this.#open;
  }

  /** Starts live updates once the open room shows its first page: catches up, sends, shares keys.
   * Errors are ignored: heads are sent with every heartbeat, keys are fetched on the next visit. */
  goLive() {
    this.#live = true;
    if (this.#lastHeads) this.#applyHeads(this.#lastHeads).catch(() => {});
    this.#resume();
    this.#open?.session.fetchKeys({ thorough: true }).catch(() => {});
  }

  #resume() {
    if (!this.#open || !this.#live || this.status !== "open") return;
    const { session, timeline, outbox } = this.#open;
    this.send({ type: "resume", rooms: { [session.id]: timeline.newest } });
    outbox.flush();
  }

  /** Marks everything up to a message as read. @param {string} room @param {number} seq */
  markRead(room, seq) {
    if (this.#readMarks.mark(room, seq)) this.#rooms.changed();
  }

  // --- frames ------------------------------------------------------------------------------------

  /** @param {ServerFrame} frame */
  async #onFrame(frame) {
    const handlers = /** @type {Record<string, (frame: ServerFrame) => unknown>} */ (
      this.#handlers
    );
    try {
      if (Object.hasOwn(handlers, frame.type)) await handlers[frame.type](frame);
    } catch (/** @type {any} */ error) {
      // 404: not a member any more. All else is fetched again with the next frame or connection.
      if (error?.status === 404 && "room" in frame) this.#emitGone(frame.room);
    }
  }

  /** @type {{[Type in ServerFrame["type"]]: (frame: Frame<Type>) => unknown}} */
  #handlers = {
    ready: (frame) => this.#onReady(frame),
    pong: ({ heads }) => this.#applyHeads(heads),
    message_receive: (frame) => this.#onMessages(frame),
    reset: ({ room }) => this.#liveRoom(room)?.timeline.reload(),
    resync: () => this.#resume(),
    ack: (frame) => this.#onAnswer(frame),
    error: (frame) => frame.cid && this.#onAnswer(frame),
    typing_start: (frame) => this.#emitTyping(frame, true),
    typing_stop: (frame) => this.#emitTyping(frame, false),
    presence: (frame) => this.#onPresence(frame),
    read: ({ room, uid, seq }) =>
      uid === this.#me.uid && this.#rooms.list.read(room, seq) && this.#rooms.changed(),
    user_join: (frame) => this.#onRoomEvent(frame),
    user_leave: (frame) => this.#onRoomEvent(frame),
    room_event: (frame) => this.#onRoomEvent(frame),
    key_request: (frame) => this.#rooms.opened(frame.room)?.answerKeyRequest(frame),
    wraps: (frame) => this.#onWraps(frame),
    knock: ({ room }) => this.#onKnock(room),
    request: () => this.loadRooms(),
    summary_ready: (frame) => this.#emit("summary", frame),
    identity: () => this.dispatchEvent(new Event("reset")),
  };

  /** @param {string} type @param {object} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string} room */
  #emitGone(room) {
    this.#emit("gone", { room });
  }

  /** @param {{room: string, uid: string}} frame @param {boolean} on */
  #emitTyping({ room, uid }, on) {
    this.#emit("typing", { room, uid, on });
  }

  /** Returns the open room if it is this one and shows its first page. @param {string} room */
  #liveRoom(room) {
    return this.#open?.session.id === room && this.#live ? this.#open : null;
  }

  /** @param {Frame<"ack"> | Frame<"error">} frame */
  #onAnswer(frame) {
    const here = this.#open?.session.id === frame.room;
    const outbox = here ? this.#open?.outbox : this.#backgroundOutboxes.of(frame.room);
    outbox?.onAnswer(frame);
  }

  /** @param {Frame<"ready">} frame */
  async #onReady({ now, heads, online }) {
    this.#me.clock.set(now);
    for (const [room, uids] of Object.entries(online))
      this.#rooms.list.update(room, { online: uids });
    this.dispatchEvent(new Event("presence"));
    this.#readMarks.flush();
    this.#resume();
    await this.#applyHeads(heads);
    await this.#backgroundOutboxes.flush(this.#open?.session.id);
  }

  /** Catches up where rooms have moved on, also if their frames were lost. @param {Heads} heads */
  async #applyHeads(heads) {
    this.#lastHeads = heads;
    const same = Object.keys(heads).sort().join() === this.#rooms.list.ids.sort().join();
    if (!same) await this.loadRooms();
    for (const [room, head] of Object.entries(heads)) {
      this.#rooms.list.count(room, head);
      const session = this.#rooms.opened(room);
      if (session && head.log > session.state.seq) await session.refresh();
      const timeline = this.#liveRoom(room)?.timeline;
      if (timeline && head.msg > timeline.newest) this.#resume();
      if (timeline && head.msg < timeline.newest) await timeline.rewound();
    }
    if (this.#open && !heads[this.#open.session.id]) this.#emitGone(this.#open.session.id);
    this.#rooms.changed();
  }

  /** @param {Frame<"message_receive">} frame */
  async #onMessages({ room, messages }) {
    for (const row of messages) checkStoredMessage(row); // all of them, before any is used
    const shown = this.#liveRoom(room)?.timeline.receive(messages);
    const about = messages.map(({ seq, h, re }) => ({ seq, re, uid: senderOf(h) }));
    for (const { uid } of about) this.#emitTyping({ room, uid }, false);
    const news = this.#rooms.list.received(room, about) && this.#rooms.preview(room, messages);
    await Promise.all([shown, news]);
  }

  /** @param {Frame<"presence">} frame */
  async #onPresence({ room, online }) {
    const before = new Set(this.#rooms.list.online(room));
    this.#rooms.list.update(room, { online });
    this.dispatchEvent(new Event("presence"));
    this.#rooms.changed();
    if (online.some((uid) => !before.has(uid))) await this.#rooms.opened(room)?.onMemberOnline();
  }

  /** @param {{room: string}} frame */
  async #onRoomEvent({ room }) {
    if (!this.#rooms.list.has(room)) return this.loadRooms();
    const session = await this.#rooms.session(room);
    await session.refresh();
    await this.#retryWithKeys(room);
  }

  /** @param {string} room */
  async #onKnock(room) {
    this.#emit("knock", { room });
    await this.loadRooms(); // the list counts the knocks
  }

  /** @param {Frame<"wraps">} frame */
  async #onWraps(frame) {
    await this.#rooms.opened(frame.room)?.onWraps(frame);
    await this.#retryWithKeys(frame.room);
  }

  /** Opens locked messages and sends waiting ones, with keys that came. @param {string} room */
  async #retryWithKeys(room) {
    const open = this.#liveRoom(room);
    await open?.timeline.retryLocked();
    open?.outbox.flush();
  }
}

/** Returns the sender that a header names, unverified: for the typing indicator and counts only.
 * @param {string} header */
function senderOf(header) {
  try {
    return String(JSON.parse(header).uid);
  } catch {
    return "";
  }
}
