/** The connection to the server, made once its socket and what handles its frames are loaded. */

/** @typedef {import("../net/frames.js").ServerFrame} ServerFrame */
/** @typedef {import("../net/socket.js").Status} Status */
/** @typedef {import("./frame-handlers.js").FrameHandlers} FrameHandlers */
/**
 * @typedef {Pick<import("../net/socket.js").Socket,
 *   "connect" | "close" | "reconnectNow" | "drop" | "send" | "signOut" | "restarting">} Connection
 * @typedef {(handlers: {onFrame: (frame: ServerFrame) => void,
 *   onStatus: (status: Status) => void}) => Promise<Connection> | Connection} MakeSocket
 *
 * @typedef {object} Parts
 * @property {MakeSocket} makeSocket loads and makes it; rejects if it cannot
 * @property {() => Promise<FrameHandlers>} makeFrames loads and makes them; rejects if it cannot
 * @property {(status: Status) => void} onStatus
 */

export class ServerConnection {
  #uid;
  #parts;
  /** @type {Connection | null} loaded when it connects: a page shows what it has before that */
  #socket = null;
  /** @type {FrameHandlers | null} loaded with the socket */
  frames = null;
  /** @type {Promise<FrameHandlers> | null} */
  #loading = null;
  #closed = false;
  #signedOut = false; // before there was a socket

  /** @param {string} uid of the account @param {Parts} parts */
  constructor(uid, parts) {
    this.#uid = uid;
    this.#parts = parts;
  }

  /** Connects once the socket and what handles its frames are loaded; rejects if they cannot be. */
  async connect() {
    await this.#load();
    if (!this.#closed) this.#socket?.connect();
  }

  /** @returns {Promise<FrameHandlers>} rejects if it cannot be loaded */
  #load() {
    this.#loading ??= this.#make().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #make() {
    const { makeSocket, makeFrames, onStatus } = this.#parts;
    const onFrame = (/** @type {ServerFrame} */ frame) => this.#onFrame(frame);
    const [frames, socket] = await Promise.all([makeFrames(), makeSocket({ onFrame, onStatus })]);
    this.frames = frames;
    this.#socket = socket;
    if (this.#signedOut) socket.signOut();
    if (this.#closed) socket.close();
    return frames;
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
  }

  /** Connects at once: the network or the tab is back. */
  reconnectNow() {
    this.#socket?.reconnectNow();
  }

  /** Drops the connection: the browser says that the network is gone. */
  drop() {
    this.#socket?.drop();
  }

  /** @param {import("../net/frames.js").ClientFrame} frame @returns {boolean} false without a connection */
  send(frame) {
    return this.#socket?.send(frame) ?? false;
  }

  get restarting() {
    return this.#socket?.restarting ?? false;
  }

  /** Nobody is signed in any more. */
  signOut() {
    this.#signedOut = this.#socket === null;
    if (this.#socket) this.#socket.signOut();
    else if (!this.#closed) this.#parts.onStatus("signed-out");
  }

  /** Another account that signed in in another tab gets nothing of this one.
   * @param {ServerFrame} frame */
  #onFrame(frame) {
    const other = frame.type === "ready" && frame.uid !== undefined && frame.uid !== this.#uid;
    if (other) this.#socket?.signOut();
    else this.frames?.handle(frame);
  }
}
