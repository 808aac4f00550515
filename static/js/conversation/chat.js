/**
 * All of a person's rooms over one socket: what comes is given to the room it is for, the list
 * of rooms is kept current, and what was missed is asked for after every connection.
 */

import { checkStoredMessage } from "../crypto/message.js";
import { Blocks } from "./account/blocks.js";
import { BackgroundOutboxes } from "./messages/background-outboxes.js";
import { acceptRequest } from "./room/direct.js";
import { Rooms } from "./rooms.js";

/** @typedef {import("./room-list.js").RoomListItem} RoomListItem */
/**
 * @typedef {object} OpenRoom
 * @property {import("./room/room-session.js").RoomSession} session
 * @property {import("./messages/timeline-model.js").TimelineModel} timeline
 * @property {import("./messages/outbox.js").Outbox} outbox
 */

/** Events: `rooms`, `status`, `typing` {room, uid, on}, `presence`, `gone` {room}, `knock` {room},
 *  `accepted` {room}, `summary` {room, rid} (one was made, or got somewhere), `reset` (this account has new keys, made elsewhere). */
export class Chat extends EventTarget {
  #me;
  #socket;
  #rooms;
  /** @type {OpenRoom | null} */
  #open = null;
  #live = false;
  /** @type {{heads: any} | null} where the rooms stood when the server last said so */
  #lastHeads = null;
  #backgroundOutboxes;
  /** @type {Map<string, number>} read marks that could not be told yet */
  #unsentReadMarks = new Map();
  /** @type {import("../net/socket.js").Status} */
  status = "connecting";

  /**
   * @param {import("./account/account.js").Account} me
   * @param {(handlers: {onFrame: (frame: any) => void,
   *   onStatus: (status: import("../net/socket.js").Status) => void}) =>
   *   Pick<import("../net/socket.js").Socket, "connect" | "close" | "reconnectNow" | "drop" | "send">}
   *   makeSocket
   * @param {import("./messages/background-outboxes.js").MakeOutbox} [makeOutbox]
   */
  constructor(me, makeSocket, makeOutbox) {
    super();
    this.#me = me;
    this.blocks = new Blocks(me);
    this.#rooms = new Rooms(me);
    this.#backgroundOutboxes = new BackgroundOutboxes(
      me,
      this.#rooms,
      (frame) => this.send(frame),
      makeOutbox,
    );
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

  /** The network or the tab is back. */
  reconnectNow() {
    this.#socket.reconnectNow();
  }

  /** The browser says that the network is gone. */
  dropConnection() {
    this.#socket.drop();
  }

  /** @param {object} frame */
  send = (frame) => this.#socket.send(frame);

  /** @param {import("../net/socket.js").Status} status */
  #onStatus(status) {
    this.status = status;
    if (status !== "open") for (const outbox of this.#outboxes) outbox.onDisconnect();
    this.dispatchEvent(new Event("status"));
  }

  get #outboxes() {
    return [...(this.#open ? [this.#open.outbox] : []), ...this.#backgroundOutboxes.outboxes];
  }

  // --- rooms -----------------------------------------------------------------------------------

  /** @param {string} [first] the room that is waited for; the others follow */
  loadRooms(first) {
    return this.#rooms.load(first);
  }

  /** @param {string} id @returns {any} the room as the server lists it */
  serverRoom(id) {
    return this.#rooms.list.room(id);
  }

  /** A room's session, its log verified. @param {string} id */
  session(id) {
    return this.#rooms.session(id);
  }

  /** The person says yes to a room that somebody asked them into. @param {string} id */
  async accept(id) {
    await acceptRequest(this.#me, id);
    await this.loadRooms();
    await this.#rooms.opened(id)?.fetchKeys({ thorough: true });
    this.dispatchEvent(new CustomEvent("accepted", { detail: { room: id } }));
  }

  /** A new key of a person was found right: it is, in every room. @param {string} kid */
  async approve(kid) {
    await this.#rooms.approve(kid);
    this.#open?.outbox.flush(); // what waited for it
  }

  /** Something was decided about whom to believe. */
  async recheckTrust() {
    await this.#rooms.recheckTrust();
    this.#open?.outbox.flush();
  }

  /** Take no more from somebody, or again. @param {string} uid @param {boolean} on */
  async block(uid, on) {
    await this.blocks.set(uid, on);
    await this.loadRooms(); // their requests are not listed
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

  /** @param {string} room @returns {number} */
  readMark(room) {
    return this.#rooms.list.readMark(room);
  }

  /**
   * Show one room: its session is verified, its timeline and outbox live.
   * @param {string} id
   * @param {(session: import("./room/room-session.js").RoomSession) => Omit<OpenRoom, "session">} build
   * @returns {Promise<OpenRoom>}
   */
  async openRoom(id, build) {
    const session = await this.#rooms.session(id);
    this.#open = { session, ...build(session) };
    await this.#open.outbox.load();
    return this.#open;
  }

  /** The open room has its first page: catch up, send what waits, see to the keys. */
  goLive() {
    this.#live = true;
    if (this.#lastHeads) this.#applyHeads(this.#lastHeads).catch(() => {}); // told again with every heartbeat
    this.#resume();
    this.#open?.session.fetchKeys({ thorough: true }).catch(() => {}); // again when next opened
  }

  #resume() {
    if (!this.#open || !this.#live || this.status !== "open") return;
    const { session, timeline, outbox } = this.#open;
    this.send({ type: "resume", rooms: { [session.id]: timeline.newest } });
    outbox.flush();
  }

  /** @param {string} room @param {number} seq */
  markRead(room, seq) {
    if (this.serverRoom(room)?.accepted === false) return; // it would tell that somebody was here
    if (!this.#rooms.list.read(room, seq)) return;
    if (!this.send({ type: "read", room, seq })) this.#unsentReadMarks.set(room, seq);
    this.#rooms.changed();
  }

  // --- frames ------------------------------------------------------------------------------------

  /** @param {any} frame */
  async #onFrame(frame) {
    try {
      if (Object.hasOwn(this.#handlers, frame.type)) await this.#handlers[frame.type](frame);
    } catch (/** @type {any} */ error) {
      // Not a member any more; all else is asked for again with the next frame or connection.
      if (error?.status === 404 && frame.room) this.#emitGone(frame.room);
    }
  }

  /** @type {Record<string, (frame: any) => any>} */
  #handlers = {
    ready: (frame) => this.#onReady(frame),
    pong: (frame) => this.#applyHeads(frame),
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
    summary_ready: (frame) => this.dispatchEvent(new CustomEvent("summary", { detail: frame })),
    identity: () => this.dispatchEvent(new Event("reset")),
  };

  /** @param {string} room */
  #liveRoom(room) {
    return this.#open?.session.id === room && this.#live ? this.#open : null;
  }

  /** @param {any} frame */
  #onAnswer(frame) {
    const here = this.#open?.session.id === frame.room;
    const outbox = here ? this.#open?.outbox : this.#backgroundOutboxes.of(frame.room);
    outbox?.onAnswer(frame);
  }

  /** @param {any} frame */
  async #onReady({ now, heads, online }) {
    this.#me.clock.set(now);
    for (const [room, uids] of Object.entries(online))
      this.#rooms.list.update(room, { online: uids });
    this.dispatchEvent(new Event("presence"));
    for (const [room, seq] of this.#unsentReadMarks) this.send({ type: "read", room, seq });
    this.#unsentReadMarks.clear();
    this.#resume();
    await this.#applyHeads({ now, heads });
    await this.#backgroundOutboxes.flush(this.#open?.session.id);
  }

  /** Where the rooms stand, also those whose doorbell was lost. @param {any} frame */
  async #applyHeads({ heads }) {
    this.#lastHeads = { heads };
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

  /** @param {string} room */
  #emitGone(room) {
    this.dispatchEvent(new CustomEvent("gone", { detail: { room } }));
  }

  /** @param {{room: string, messages: import("../crypto/message.js").StoredMessage[]}} frame */
  async #onMessages({ room, messages }) {
    for (const row of messages) checkStoredMessage(row); // or none of them is taken
    const shown = this.#liveRoom(room)?.timeline.receive(messages);
    const about = messages.map(({ seq, h, re }) => ({ seq, re, uid: senderOf(h) }));
    for (const { uid } of about) this.#emitTyping({ room, uid }, false);
    const news = this.#rooms.list.received(room, about) && this.#rooms.preview(room, messages);
    await Promise.all([shown, news]);
  }

  /** @param {{room: string, uid: string}} frame @param {boolean} on */
  #emitTyping({ room, uid }, on) {
    this.dispatchEvent(new CustomEvent("typing", { detail: { room, uid, on } }));
  }

  /** @param {{room: string, online: string[]}} frame */
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
    this.dispatchEvent(new CustomEvent("knock", { detail: { room } }));
    await this.loadRooms(); // the list counts who waits
  }

  /** @param {{room: string, e: number, to: string}} frame */
  async #onWraps(frame) {
    await this.#rooms.opened(frame.room)?.onWraps(frame);
    await this.#retryWithKeys(frame.room);
  }

  /** @param {string} room */
  async #retryWithKeys(room) {
    const open = this.#liveRoom(room);
    await open?.timeline.retryLocked();
    open?.outbox.flush();
  }
}

/** Who a header says has written it, unverified: for what is only shown in passing.
 * @param {string} header */
function senderOf(header) {
  try {
    return String(JSON.parse(header).uid);
  } catch {
    return "";
  }
}
