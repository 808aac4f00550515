/** Handles the server's frames: one handler a type. */

import { WireError } from "../crypto/bytes.js";
import { checkStoredMessage } from "../crypto/check-row.js";
import { senderOf } from "./counting.js";

/** @typedef {import("../net/frames.js").ServerFrame} ServerFrame */
/** @typedef {Record<string, import("../net/frames.js").RoomHead>} Heads by room */
/**
 * @template {ServerFrame["type"]} Type
 * @typedef {import("../net/frames.js").Frame<Type>} Frame
 */
/**
 * @typedef {object} Parts
 * @property {import("./account/account.js").Account} me
 * @property {import("./rooms.js").Rooms} rooms
 * @property {import("./read-marks.js").ReadMarks} readMarks
 * @property {import("./messages/background-outboxes.js").BackgroundOutboxes} backgroundOutboxes
 * @property {() => import("./chat.js").OpenRoom | null} openRoom
 * @property {() => boolean} isLive whether the open room shows its first page
 * @property {(uid: string) => boolean} isHidden whether somebody is blocked
 * @property {() => void} resume asks for what the open room has missed
 * @property {(type: string, detail?: object) => void} emit
 */

/** @param {unknown} given @returns {string[]} @throws {WireError} */
function checkUids(given) {
  if (!Array.isArray(given) || given.some((uid) => typeof uid !== "string"))
    throw new WireError("no list of people");
  return given;
}

export class FrameHandlers {
  #parts;
  /** @type {Heads | null} where the rooms stood when the server last said so */
  #lastHeads = null;
  /** The rooms that the list had then: one that came later has no head yet. @type {Set<string>} */
  #listedThen = new Set();
  #wasReady = false;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Handles a frame. Never rejects. @param {ServerFrame} frame */
  async handle(frame) {
    const handlers = /** @type {Record<string, (frame: ServerFrame) => unknown>} */ (
      this.#handlers
    );
    try {
      if (Object.hasOwn(handlers, frame.type)) await handlers[frame.type](frame);
    } catch (error) {
      // 404: no longer a member. Other failures are retried with the next frame or connection.
      if (error?.status === 404 && "room" in frame) this.#emitGone(frame.room);
    }
  }

  /** @type {{[Type in ServerFrame["type"]]: (frame: Frame<Type>) => unknown}} */
  #handlers = {
    ready: (frame) => this.#onReady(frame),
    pong: ({ heads }) => this.#applyHeads(heads),
    message_receive: (frame) => this.#onMessages(frame),
    reset: ({ room }) => this.#liveRoom(room)?.timeline.reload(),
    resync: () => this.#parts.resume(),
    ack: (frame) => this.#onAnswer(frame),
    error: (frame) => frame.cid && this.#onAnswer(frame),
    typing_start: (frame) => this.#emitTyping(frame, true),
    typing_stop: (frame) => this.#emitTyping(frame, false),
    presence: (frame) => this.#onPresence(frame),
    read: ({ room, uid, seq }) =>
      uid === this.#parts.me.uid &&
      this.#parts.rooms.list.read(room, seq) &&
      this.#parts.rooms.changed(),
    user_join: (frame) => this.#onRoomEvent(frame),
    user_leave: (frame) => this.#onRoomEvent(frame),
    room_event: (frame) => this.#onRoomEvent(frame),
    room_stopped: ({ room }) => this.#parts.rooms.loadAgain(room),
    key_request: (frame) => this.#parts.rooms.opened(frame.room)?.answerKeyRequest(frame),
    wraps: (frame) => this.#onWraps(frame),
    knock: ({ room }) => this.#onKnock(room),
    request: () => this.#parts.rooms.load(),
    summary_ready: (frame) => this.#parts.emit("summary", frame),
    identity: () => this.#parts.emit("reset"),
  };

  /** @param {string} room */
  #emitGone(room) {
    this.#parts.emit("gone", { room });
  }

  /** @param {{room: string, uid: string}} frame @param {boolean} on */
  #emitTyping({ room, uid }, on) {
    if (on && this.#parts.isHidden(uid)) return;
    this.#parts.emit("typing", { room, uid, on });
  }

  /** Returns the open room if it is this one and shows its first page. @param {string} room */
  #liveRoom(room) {
    const open = this.#parts.openRoom();
    return open?.session.id === room && this.#parts.isLive() ? open : null;
  }

  /** @param {Frame<"ack"> | Frame<"error">} frame */
  #onAnswer(frame) {
    const open = this.#parts.openRoom();
    const here = open?.session.id === frame.room;
    const outbox = here ? open.outbox : this.#parts.backgroundOutboxes.of(frame.room);
    outbox?.onAnswer(frame);
    if (frame.type === "error" && frame.code === "room_stopped")
      this.#parts.rooms.loadAgain(frame.room).catch(() => {}); // with the next refusal
  }

  /** @param {Frame<"ready">} frame */
  async #onReady({ kid, now, heads, online }) {
    const { me, rooms, openRoom } = this.#parts;
    me.clock.set(now);
    // Made elsewhere while this page was not connected.
    if (kid !== undefined && kid !== me.kid) this.#parts.emit("reset");
    const unknown = Object.keys(online).filter((room) => !rooms.list.has(room));
    this.#noteOnline(online, Object.keys(online));
    this.#parts.readMarks.flush();
    this.#parts.resume();
    if (rooms.isOutdated) await rooms.loadOnce();
    await this.#applyHeads(heads);
    this.#noteOnline(online, unknown); // the list came after the connection
    const open = openRoom()?.session.id;
    if (open && this.#wasReady) await rooms.loadAgain(open).catch(() => {}); // a frame says so, too
    this.#wasReady = true;
    await this.#parts.backgroundOutboxes.flush(() => openRoom()?.session.id);
  }

  /** @param {Record<string, string[]>} online by room @param {string[]} rooms */
  #noteOnline(online, rooms) {
    for (const room of rooms)
      this.#parts.rooms.list.update(room, { online: checkUids(online[room]) });
    this.#parts.emit("presence");
  }

  /** Catches the open room up with the head that the server sent last, if it did. The other rooms
   * have been. */
  async applyLastHead() {
    const id = this.#parts.openRoom()?.session.id ?? "";
    const head = this.#lastHeads?.[id];
    if (head) await this.#applyHead(id, head);
    else if (this.#listedThen.has(id)) this.#emitGone(id);
  }

  /** Catches up where rooms have changed, also if their frames were lost. @param {Heads} heads */
  async #applyHeads(heads) {
    this.#lastHeads = heads;
    this.#listedThen = new Set(this.#parts.rooms.list.ids);
    const same = Object.keys(heads).sort().join() === this.#parts.rooms.list.ids.sort().join();
    if (!same) await this.#parts.rooms.loadOnce();
    for (const [room, head] of Object.entries(heads)) {
      this.#parts.rooms.list.count(room, head);
      await this.#applyHead(room, head);
    }
    const open = this.#parts.openRoom();
    if (open && !heads[open.session.id]) this.#emitGone(open.session.id);
    this.#parts.rooms.changed();
  }

  /** @param {string} room @param {import("../net/frames.js").RoomHead} head */
  async #applyHead(room, head) {
    const session = this.#parts.rooms.opened(room);
    if (session && head.log > session.state.seq) await session.refresh();
    const timeline = this.#liveRoom(room)?.timeline;
    if (timeline && head.msg > timeline.newest) this.#parts.resume();
    if (timeline && head.msg < timeline.newest) await timeline.rewound();
  }

  /** @param {Frame<"message_receive">} frame */
  async #onMessages({ room, messages }) {
    for (const row of messages) checkStoredMessage(row); // all of them before using any
    const shown = this.#liveRoom(room)?.timeline.receive(messages);
    const about = messages.map(({ seq, h, re }) => ({ seq, re, uid: senderOf(h) }));
    for (const { uid } of about) this.#emitTyping({ room, uid }, false);
    const news =
      this.#parts.rooms.list.received(room, about) && this.#parts.rooms.preview(room, messages);
    await Promise.all([shown, news]);
  }

  /** @param {Frame<"presence">} frame */
  async #onPresence({ room, online }) {
    const before = new Set(this.#parts.rooms.list.online(room));
    this.#parts.rooms.list.update(room, { online: checkUids(online) });
    this.#parts.emit("presence");
    this.#parts.rooms.changed();
    if (online.some((uid) => !before.has(uid)))
      await this.#parts.rooms.opened(room)?.onMemberOnline();
  }

  /** @param {{room: string}} frame */
  async #onRoomEvent({ room }) {
    if (!this.#parts.rooms.list.has(room)) {
      await this.#parts.rooms.load();
      if (!this.#parts.rooms.opened(room)) return;
    }
    const session = await this.#parts.rooms.session(room);
    await session.refresh();
    await this.#retryWithKeys(room);
  }

  /** @param {string} room */
  async #onKnock(room) {
    this.#parts.emit("knock", { room });
    await this.#parts.rooms.load(); // the list counts the knocks
  }

  /** @param {Frame<"wraps">} frame */
  async #onWraps(frame) {
    await this.#parts.rooms.opened(frame.room)?.onWraps(frame);
    await this.#retryWithKeys(frame.room);
  }

  /** Opens locked messages and sends waiting ones, with keys that came. @param {string} room */
  async #retryWithKeys(room) {
    const open = this.#liveRoom(room);
    await open?.timeline.retryLocked();
    open?.outbox.flush();
  }
}
