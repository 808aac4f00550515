/** The REST API client of a page: session cookie, CSRF token, one error shape. */

const TIMEOUT = 30_000;
const LONGEST_WAIT = 60; // seconds that a read waits when the server demands it
const MOST_WAITS = 30;
const MOST_BUSY_WAITS = 3; // for a server that has no time just now
const AHEAD_FOR = 15_000; // ms that an answer is good for which was asked for ahead
const [UNAUTHENTICATED, BUSY] = [401, 503];
export const FAILED = {
  code: "server_error",
  detail: "Something went wrong on our side. Nothing is lost. Try again shortly.",
};

/** An error response of the server, or that it could not be reached (status 0). */
export class ApiError extends Error {
  /** @override */
  name = "ApiError";
  /** @param {number} status 0 if the server could not be reached
   * @param {import("./types.js").ErrorBody} error */
  constructor(status, error) {
    super(error.detail ?? "The server could not be reached. Check the connection and try again.");
    this.status = status;
    this.code = error.code ?? "offline";
    this.extra = error;
  }

  /** Tells whether the network or the server is unreachable, so that it cannot have refused anything. */
  get isAway() {
    return this.status === 0 || (this.status >= 502 && this.status <= 504);
  }
}

/** @param {number} seconds @returns {Promise<void>} */
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** @param {Response} response that is no success */
export async function refusal(response) {
  const answer = await response.json().catch(() => null);
  const retry_after = Number(response.headers.get("Retry-After")) || undefined;
  return new ApiError(response.status, { retry_after, ...(answer?.error ?? FAILED) });
}

/**
 * Returns how long a read waits before it is asked again.
 * @param {ApiError} error @param {number} waits that there were @param {number} mostBusy
 * @param {() => number} random spreads the clients of a busy server
 * @returns {number | null} seconds; null if it is not asked again
 */
function pauseAfter(error, waits, mostBusy, random) {
  const seconds = Number(error.extra?.retry_after);
  if (!(seconds > 0 && seconds <= LONGEST_WAIT)) return null;
  if (error.code === "rate") return waits < MOST_WAITS ? seconds : null;
  const again = error.status === BUSY && waits < mostBusy;
  return again ? seconds * (1 + random() / 2) : null;
}

export class Api {
  /** Called when a request was refused because nobody is signed in. */
  onSignedOut = () => {};
  /** Called when a change was refused because the operator has stopped a room. @type {(room: string) => void} */
  onRoomStopped = () => {};
  #base;
  #csrf;
  #fetch;
  #wait;
  #random;
  /** Answers that were asked for ahead of their use, by path. @type {Map<string, Promise<unknown>>} */
  #ahead = new Map();

  /**
   * @param {object} options
   * @param {() => string} options.csrf returns the token that goes with changes
   * @param {string} [options.base]
   * @param {(address: string, options: RequestInit) => Promise<Response>} [options.fetch]
   * @param {(seconds: number) => Promise<void>} [options.wait]
   * @param {() => number} [options.random]
   */
  constructor({
    csrf,
    base = "/api/v1/",
    fetch = (...args) => globalThis.fetch(...args),
    wait = pause,
    random = Math.random,
  }) {
    this.#base = base;
    this.#csrf = csrf;
    this.#fetch = fetch;
    this.#wait = wait;
    this.#random = random;
  }

  /**
   * Sends a GET request. Where the server limits or has no time, waits as long as it says and retries.
   * @template {string} Path
   * @param {Path} path
   * @param {{busyWaits?: number}} [options] how often it waits for a busy server
   * @returns {Promise<import("./types.js").GetAnswer<Path>>}
   * @throws {ApiError} with code "rate" if the wait is longer than a minute, or never ends
   */
  get(path, { busyWaits } = {}) {
    const begun = this.#ahead.get(path);
    this.#ahead.delete(path);
    const answer = begun ?? this.patiently(() => this.#call("GET", path), busyWaits);
    return /** @type {Promise<import("./types.js").GetAnswer<Path>>} */ (answer);
  }

  /** Begins reads whose answers the next `get` of each path takes, within some seconds.
   * @param {string[]} paths */
  readAhead(paths) {
    for (const path of paths) {
      const answer = this.get(path);
      answer.catch(() => {}); // the `get` that takes it is told
      this.#ahead.set(path, answer);
      setTimeout(() => this.#ahead.get(path) === answer && this.#ahead.delete(path), AHEAD_FOR);
    }
  }

  /** Does what may be done again. @template Result @param {() => Promise<Result>} read
   * @param {number} [mostBusy] @returns {Promise<Result>} */
  async patiently(read, mostBusy = MOST_BUSY_WAITS) {
    for (let waits = 0; ; waits += 1) {
      try {
        return await read();
      } catch (error) {
        const seconds = pauseAfter(error, waits, mostBusy, this.#random);
        if (seconds === null) throw error;
        await this.#wait(seconds);
      }
    }
  }

  /**
   * @template {string} Path
   * @param {Path} path @param {object} body sent as JSON; URLSearchParams are sent as a form
   * @returns {Promise<import("./types.js").PostAnswer<Path>>}
   */
  post(path, body) {
    const answer = this.#call("POST", path, body);
    return /** @type {Promise<import("./types.js").PostAnswer<Path>>} */ (answer);
  }

  /** @param {string} path @param {object} body @returns {Promise<unknown>} */
  put(path, body) {
    return this.#call("PUT", path, body);
  }

  /** @param {string} path @returns {Promise<unknown>} */
  delete(path) {
    return this.#call("DELETE", path);
  }

  /** For what sends and receives other things than JSON. */
  get transport() {
    return { base: this.#base, csrf: this.#csrf, fetch: this.#fetch };
  }

  /** @param {string} method @param {string} path @param {object} [body]
   * @returns {Promise<unknown>} JSON, which `GetAnswer` and `PostAnswer` describe */
  async #call(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.#csrf();
    const isForm = body instanceof URLSearchParams; // names its type by itself
    if (body && !isForm) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await this.#fetch(this.#base + path, {
        method,
        headers,
        body: isForm ? body : body && JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch {
      throw new ApiError(0, {});
    }
    if (response.status === 204) return null;
    if (response.status === UNAUTHENTICATED) this.onSignedOut();
    if (!response.ok) throw this.noted(path, await refusal(response));
    return response.json().catch(() => null);
  }

  /** Tells that a room is stopped, if a refusal says so. @param {string} path @param {ApiError} error */
  noted(path, error) {
    const room = /^chatrooms\/([^/?]+)/.exec(path)?.[1];
    if (error.code === "room_stopped" && room) this.onRoomStopped(room);
    return error;
  }
}
