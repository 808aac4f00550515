/**
 * All of a person's rooms over one socket: what comes is given to the room it is for, the list
 * of rooms is kept current, and what was missed is asked for after every connection.
 */

import { decryptMessage, openHeader, verifyMessage } from "../crypto/message.js";
import { RoomSession } from "./room-session.js";

/**
 * @typedef {object} Listed one line of the room list
 * @property {string} id
 * @property {string} name
 * @property {string} last
 * @property {number} time ms, 0 for none
 * @property {number} unread
 * @property {number} online
 *
 * @typedef {object} OpenRoom
 * @property {RoomSession} session
 * @property {import("./timeline-model.js").TimelineModel} timeline
 * @property {import("./outbox.js").Outbox} outbox
 */

/** Events: `rooms`, `status`, `typing` {room, uid, on}, `presence`, `gone` {room}. */
export class Chat extends EventTarget {
  #me;
  #socket;
  /** @type {Map<string, RoomSession>} */
  #sessions = new Map();
  /** @type {Map<string, any>} as the server lists them, by id */
  #listed = new Map();
  /** @type {Map<string, {text: string, ts: number}>} */
  #previews = new Map();
  /** @type {Map<string, string[]>} uids by room */
  #online = new Map();
  /** @type {OpenRoom | null} */
  #open = null;
  /** @type {import("../net/socket.js").Status} */
  status = "connecting";

  /**
   * @param {import("./me.js").Me} me
   * @param {(handlers: {onFrame: (frame: any) => void,
   *   onStatus: (status: import("../net/socket.js").Status) => void}) =>
   *   import("../net/socket.js").Socket} makeSocket
   */
  constructor(me, makeSocket) {
    super();
    this.#me = me;
    this.#socket = makeSocket({
      onFrame: (frame) => this.#heard(frame),
      onStatus: (status) => this.#statusIs(status),
    });
  }

  connect() {
    this.#socket.connect();
  }

  close() {
    this.#open?.outbox.close();
    this.#socket.close();
  }

  /** The network or the tab is back. */
  hurry() {
    this.#socket.hurry();
  }

  /** The browser says that the network is gone. */
  offline() {
    this.#socket.drop();
  }

  /** @param {object} frame */
  send = (frame) => this.#socket.send(frame);

  /** @param {import("../net/socket.js").Status} status */
  #statusIs(status) {
    this.status = status;
    if (status !== "open") this.#open?.outbox.disconnected();
    this.dispatchEvent(new Event("status"));
  }

  // --- rooms -----------------------------------------------------------------------------------

  /** Fetch the list, then open each room's name and last line. */
  async loadRooms() {
    const { now, rooms } = await this.#me.api.get("chatrooms");
    this.#me.clock.set(now);
    this.#listed = new Map(rooms.map((/** @type {any} */ room) => [room.id, room]));
    this.#roomsChanged();
    for (const room of rooms) await this.#loadOne(room).catch(() => {});
  }

  /** @param {any} room */
  async #loadOne(room) {
    const session = this.#sessionOf(room.id);
    if (!session.state) await session.load(room.head);
    if (room.last) await this.#preview(session, room.last);
    this.#roomsChanged();
  }

  /** @param {string} id */
  #sessionOf(id) {
    let session = this.#sessions.get(id);
    if (!session) {
      session = new RoomSession(this.#me, id);
      session.addEventListener("changed", () => this.#roomsChanged());
      this.#sessions.set(id, session);
    }
    return session;
  }

  /** The newest message in one line, if it verifies. @param {RoomSession} session @param {any} row */
  async #preview(session, row) {
    try {
      const opened = await openHeader(row);
      const { header } = opened;
      await verifyMessage(row, opened, session.state, session.identities);
      const key = session.keys.get(header.e);
      if (!key) return;
      const content = await decryptMessage(row, header, key);
      if (content.t !== "text") return;
      const who = header.uid === this.#me.uid ? "" : `${session.identities.get(header.kid).name}: `;
      this.#previews.set(session.id, { text: who + content.body, ts: header.ts });
    } catch {
      return; // the room itself shows that a message could not be verified
    }
  }

  /** @returns {Listed[]} newest first */
  get rooms() {
    const rooms = [...this.#listed.values()].map((room) => {
      const preview = this.#previews.get(room.id);
      const others = (this.#online.get(room.id) ?? []).filter((uid) => uid !== this.#me.uid);
      return {
        id: room.id,
        name: this.#sessions.get(room.id)?.profile.name ?? "",
        last: preview?.text ?? "",
        time: preview?.ts ?? 0,
        unread: room.unread,
        online: others.length,
      };
    });
    return rooms.sort((a, b) => b.time - a.time);
  }

  get unread() {
    return this.rooms.reduce((sum, { unread }) => sum + unread, 0);
  }

  #roomsChanged() {
    this.dispatchEvent(new Event("rooms"));
  }

  /** @param {string} room @returns {string[]} */
  online(room) {
    return this.#online.get(room) ?? [];
  }

  /** @param {string} room @returns {number} */
  readMark(room) {
    return this.#listed.get(room)?.read ?? 0;
  }

  /**
   * Show one room: its session is verified, its timeline and outbox live.
   * @param {string} id
   * @param {(session: RoomSession) => Omit<OpenRoom, "session">} build
   * @returns {Promise<OpenRoom>}
   */
  async openRoom(id, build) {
    const session = this.#sessionOf(id);
    if (!session.state) await session.load();
    this.#open = { session, ...build(session) };
    await this.#open.outbox.load();
    return this.#open;
  }

  /** The open room has its first page: catch up and send what waits. */
  ready() {
    this.#resume();
  }

  #resume() {
    if (!this.#open || this.status !== "open") return;
    const { session, timeline, outbox } = this.#open;
    this.send({ type: "resume", rooms: { [session.id]: timeline.newest } });
    outbox.flush();
  }

  /** @param {string} room @param {number} seq */
  markRead(room, seq) {
    const listed = this.#listed.get(room);
    if (!listed || seq <= listed.read || document.visibilityState !== "visible") return;
    if (!this.send({ type: "read", room, seq })) return;
    listed.read = seq;
    listed.unread = 0;
    this.#roomsChanged();
  }

  // --- frames ------------------------------------------------------------------------------------

  /** @param {any} frame */
  #heard(frame) {
    const handler = this.#handlers[frame.type];
    if (handler) Promise.resolve(handler(frame)).catch(() => {});
  }

  /** @type {Record<string, (frame: any) => any>} */
  #handlers = {
    ready: (frame) => this.#ready(frame),
    pong: (frame) => this.#heads(frame),
    message_receive: (frame) => this.#messages(frame),
    reset: ({ room }) => this.#opened(room)?.timeline.reload(),
    resync: () => this.#resume(),
    ack: (frame) => this.#opened(frame.room)?.outbox.answered(frame),
    error: (frame) => frame.cid && this.#opened(frame.room)?.outbox.answered(frame),
    typing_start: (frame) => this.#typing(frame, true),
    typing_stop: (frame) => this.#typing(frame, false),
    presence: (frame) => this.#presence(frame),
    read: (frame) => this.#read(frame),
    user_join: (frame) => this.#logMoved(frame),
    user_leave: (frame) => this.#logMoved(frame),
    room_event: (frame) => this.#logMoved(frame),
    key_request: (frame) => this.#sessions.get(frame.room)?.answerKeyRequest(frame),
    wraps: (frame) => this.#wraps(frame),
  };

  /** @param {string} room */
  #opened(room) {
    return this.#open?.session.id === room ? this.#open : null;
  }

  /** @param {any} frame */
  async #ready({ now, heads, online }) {
    this.#me.clock.set(now);
    for (const [room, uids] of Object.entries(online)) this.#online.set(room, uids);
    this.dispatchEvent(new Event("presence"));
    this.#resume();
    await this.#heads({ now, heads });
  }

  /** Where the rooms stand, also those whose doorbell was lost. @param {any} frame */
  async #heads({ heads }) {
    const known = [...this.#listed.keys()].sort().join();
    if (Object.keys(heads).sort().join() !== known) await this.loadRooms();
    for (const [room, { log, msg, read, unread }] of Object.entries(heads)) {
      const listed = this.#listed.get(room);
      if (listed) Object.assign(listed, { read: Math.max(read, listed.read), unread });
      const session = this.#sessions.get(room);
      if (session?.state && log > session.state.seq) await session.moved();
      const open = this.#opened(room);
      if (open && msg > open.timeline.newest) this.#resume();
    }
    this.#roomsChanged();
  }

  /** @param {any} frame */
  async #messages({ room, messages }) {
    const listed = this.#listed.get(room);
    const open = this.#opened(room);
    if (open) open.timeline.receive(messages);
    const session = this.#sessions.get(room);
    if (!listed || !session?.state) return;
    const fresh = messages.filter((/** @type {any} */ row) => row.seq > listed.msg);
    if (fresh.length === 0) return;
    listed.msg = fresh.at(-1).seq;
    for (const row of fresh) {
      const { header } = await openHeader(row).catch(() => ({ header: null }));
      if (header && header.uid !== this.#me.uid && !row.re && row.seq > listed.read) {
        listed.unread += 1;
      }
      if (header) this.#typing({ room, uid: header.uid }, false);
    }
    await this.#preview(session, fresh.at(-1));
    this.#roomsChanged();
  }

  /** @param {{room: string, uid: string}} frame @param {boolean} on */
  #typing({ room, uid }, on) {
    this.dispatchEvent(new CustomEvent("typing", { detail: { room, uid, on } }));
  }

  /** @param {any} frame */
  #presence({ room, online }) {
    this.#online.set(room, online);
    this.dispatchEvent(new Event("presence"));
    this.#roomsChanged();
  }

  /** @param {any} frame */
  #read({ room, uid, seq }) {
    const listed = this.#listed.get(room);
    if (!listed || uid !== this.#me.uid || seq < listed.read) return;
    listed.read = seq;
    if (seq >= listed.msg) listed.unread = 0;
    this.#roomsChanged();
  }

  /** @param {any} frame */
  async #logMoved({ room }) {
    const session = this.#sessions.get(room);
    if (!session?.state) {
      await this.loadRooms();
      return;
    }
    try {
      await session.moved();
    } catch (/** @type {any} */ error) {
      if (error.status === 404) this.dispatchEvent(new CustomEvent("gone", { detail: { room } }));
    }
    const open = this.#opened(room);
    await open?.timeline.unlock();
    open?.outbox.flush();
  }

  /** @param {any} frame */
  async #wraps(frame) {
    await this.#sessions.get(frame.room)?.wrapsCame(frame);
    const open = this.#opened(frame.room);
    await open?.timeline.unlock();
    open?.outbox.flush();
  }
}
