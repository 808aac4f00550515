/** A WebSocket that reconnects: backoff with full jitter, at once when the network returns. */

const FIRST = 500;
const MOST = 30_000;
const BRIEFLY = 60_000; // a disconnection shorter than this …
const MOST_BRIEFLY = 5000; // … is retried soon: the longest wait between two attempts
const SOON = 2000; // the longest wait for a server that said it restarts …
const SOON_TRIES = 20; // … and how many times that applies
const PING_EVERY = 25_000;
const SILENT_FOR = 80_000; // hidden tabs send a heartbeat once a minute
const SIGNED_OUT = 4401;
const RESTARTING = 1012;
const FLOODED = 4429;
const CALM_DOWN = 6; // the number of tries after which the wait is longest

/** @typedef {import("./frames.js").ServerFrame} ServerFrame */
/** @typedef {Pick<WebSocket, "readyState" | "send" | "close" | "onmessage" | "onclose">} WebSocketLike */
/** @typedef {"connecting" | "open" | "waiting" | "signed-out" | "closed"} Status */

/** The wait before attempt number `tries` (0 for the first after a loss), in ms.
 * @param {number} tries @param {() => number} random @param {number} most */
export const backoff = (tries, random, most = MOST) =>
  random() * Math.min(most, FIRST * 2 ** tries);

export class Socket {
  #open;
  #random;
  #onFrame;
  #onStatus;
  /** @type {WebSocketLike | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #heartbeat;
  #tries = 0;
  #restarting = false;
  #lastFrameAt = 0;
  /** @type {number | null} when the connection was lost; null while there is one */
  #lostAt = null;
  #clock;
  /** @type {Status} */
  status = "connecting";

  /**
   * @param {object} options
   * @param {() => WebSocketLike} options.open makes a WebSocket
   * @param {(frame: ServerFrame) => void} options.onFrame called once for each event, also in arrays
   * @param {(status: Status) => void} options.onStatus
   * @param {() => number} [options.random]
   * @param {() => number} [options.clock] ms
   */
  constructor({ open, onFrame, onStatus, random = Math.random, clock = Date.now }) {
    this.#open = open;
    this.#onFrame = onFrame;
    this.#onStatus = onStatus;
    this.#random = random;
    this.#clock = clock;
  }

  connect() {
    if (this.#socket || this.status === "closed" || this.status === "signed-out") return;
    clearTimeout(this.#timer);
    this.#setStatus("connecting");
    const socket = this.#open();
    this.#socket = socket;
    socket.onmessage = (event) => this.#onText(event.data);
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#onLost(event.code);
    };
    this.#lastFrameAt = this.#clock();
    this.#heartbeat = setInterval(() => this.#heartbeatTick(), PING_EVERY);
  }

  /** @param {string} text */
  #onText(text) {
    this.#lastFrameAt = this.#clock();
    for (const event of eventsIn(text)) {
      if (event.type === "ready") {
        this.#tries = 0;
        this.#restarting = false;
        this.#lostAt = null;
        this.#setStatus("open");
      }
      this.#onFrame(event);
    }
  }

  /** Sends a heartbeat. No response counts as a loss, also of a connection that never opened. */
  #heartbeatTick() {
    if (this.#clock() - this.#lastFrameAt > SILENT_FOR) this.drop();
    else this.send({ type: "ping" });
  }

  /** @param {number} code */
  #onLost(code) {
    clearInterval(this.#heartbeat);
    this.#socket = null;
    if (code === SIGNED_OUT) {
      this.#setStatus("signed-out");
      return;
    }
    if (this.status === "closed") return;
    if (code === RESTARTING) {
      this.#tries = 0;
      this.#restarting = true;
    }
    if (code === FLOODED) this.#tries = CALM_DOWN;
    const wait = backoff(this.#tries, this.#random, this.#longestWait(code));
    this.#tries += 1;
    this.#setStatus("waiting");
    this.#timer = setTimeout(() => this.connect(), wait);
  }

  /** A short disconnection is followed by a short wait, except for a client that sent too much.
   * @param {number} code of the close @returns {number} ms */
  #longestWait(code) {
    this.#lostAt ??= this.#clock();
    if (code === FLOODED) return MOST;
    if (this.#restarting && this.#tries < SOON_TRIES) return SOON;
    return this.#clock() - this.#lostAt < BRIEFLY ? MOST_BRIEFLY : MOST;
  }

  /** Tells whether the server has said that it restarts, and is not back yet. */
  get restarting() {
    return this.#restarting;
  }

  /** Connects now: the network or the tab is back, or somebody may have logged in in another tab. */
  reconnectNow() {
    if (this.status !== "waiting" && this.status !== "signed-out") return;
    this.#tries = 0;
    this.status = "waiting";
    this.connect();
  }

  /** Ends the connection after a sign-out. */
  signOut() {
    if (this.status === "closed") return;
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#setStatus("signed-out");
  }

  /** Handles a lost connection that no closing frame announced. */
  drop() {
    const socket = this.#socket;
    if (!socket) return;
    this.#onLost(0);
    socket.close();
  }

  /** @param {import("./frames.js").ClientFrame} frame @returns {boolean} whether it could be handed to the network */
  send(frame) {
    if (this.status !== "open" || this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  close() {
    this.#setStatus("closed");
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    this.#socket?.close();
    this.#socket = null;
  }

  /** @param {Status} status */
  #setStatus(status) {
    if (this.status !== status || status === "connecting") {
      this.status = status;
      this.#onStatus(status);
    }
  }
}

/** The socket of this page's site, which knows the page by its session.
 * @param {Pick<ConstructorParameters<typeof Socket>[0], "onFrame" | "onStatus">} handlers */
export function pageSocket(handlers) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return new Socket({ open: () => new WebSocket(`${scheme}//${location.host}/ws/`), ...handlers });
}

/** The events of a frame: one or several. Anything else is ignored.
 * @param {unknown} text @returns {ServerFrame[]} */
function eventsIn(text) {
  let frame;
  try {
    frame = JSON.parse(/** @type {string} */ (text));
  } catch {
    return [];
  }
  const events = Array.isArray(frame) ? frame : [frame];
  return events.filter((event) => typeof event?.type === "string");
}
