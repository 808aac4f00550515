/** The connection to the server, made once what handles its frames is loaded. */

/** @typedef {import("../net/frames.js").ServerFrame} ServerFrame */
/** @typedef {import("../net/socket.js").Status} Status */
/** @typedef {import("./frame-handlers.js").FrameHandlers} FrameHandlers */
/**
 * @typedef {Pick<import("../net/socket.js").Socket,
 *   "connect" | "close" | "reconnectNow" | "drop" | "send" | "signOut" | "restarting">} Connection
 * @typedef {(handlers: {onFrame: (frame: ServerFrame) => void,
 *   onStatus: (status: Status) => void}) => Connection} MakeSocket
 *
 * @typedef {object} Parts
 * @property {MakeSocket} makeSocket
 * @property {() => Promise<FrameHandlers>} makeFrames loads and makes them; rejects if it cannot
 * @property {(status: Status) => void} onStatus
 */

const LOAD_AGAIN = 3000; // ms

export class ServerConnection {
  #uid;
  #parts;
  #socket;
  /** @type {FrameHandlers | null} loaded when it connects: a page shows what it has before that */
  frames = null;
  /** @type {Promise<FrameHandlers> | null} */
  #loading = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #connecting;
  #closed = false;

  /** @param {string} uid of the account @param {Parts} parts */
  constructor(uid, parts) {
    this.#uid = uid;
    this.#parts = parts;
    this.#socket = parts.makeSocket({
      onFrame: (frame) => this.#onFrame(frame),
      onStatus: parts.onStatus,
    });
  }

  /** Connects once what handles the server's frames is loaded; if it cannot be loaded, later. */
  async connect() {
    clearTimeout(this.#connecting);
    await this.#load().then(
      () => !this.#closed && this.#socket.connect(),
      () => this.#connectLater(),
    );
  }

  #connectLater() {
    if (!this.#closed) this.#connecting = setTimeout(() => this.connect(), LOAD_AGAIN);
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
    this.frames = await this.#parts.makeFrames();
    return this.frames;
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#connecting);
    this.#socket.close();
  }

  /** Connects at once: the network or the tab is back. */
  reconnectNow() {
    if (this.frames) this.#socket.reconnectNow();
  }

  /** Drops the connection: the browser says that the network is gone. */
  drop() {
    this.#socket.drop();
  }

  /** @param {import("../net/frames.js").ClientFrame} frame @returns {boolean} false without a connection */
  send(frame) {
    return this.#socket.send(frame);
  }

  get restarting() {
    return this.#socket.restarting;
  }

  /** Nobody is signed in any more. */
  signOut() {
    this.#socket.signOut();
  }

  /** Another account that signed in in another tab gets nothing of this one.
   * @param {ServerFrame} frame */
  #onFrame(frame) {
    const other = frame.type === "ready" && frame.uid !== undefined && frame.uid !== this.#uid;
    if (other) this.#socket.signOut();
    else if (this.frames) this.frames.handle(frame);
    else this.#load().then((frames) => frames.handle(frame));
  }
}
