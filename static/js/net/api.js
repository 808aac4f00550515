/** The REST API client of a page: session cookie, CSRF token, one error shape. */

const TIMEOUT = 30_000;
const LONGEST_WAIT = 60; // seconds that a read waits when the server demands it
const MOST_WAITS = 30;
const UNAUTHENTICATED = 401;
const FAILED = {
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

export class Api {
  /** Called when a request was refused because nobody is signed in. */
  onSignedOut = () => {};
  #base;
  #csrf;
  #fetch;
  #wait;

  /**
   * @param {object} options
   * @param {() => string} options.csrf returns the token that goes with changes
   * @param {string} [options.base]
   * @param {(address: string, options: RequestInit) => Promise<Response>} [options.fetch]
   * @param {(seconds: number) => Promise<void>} [options.wait]
   */
  constructor({
    csrf,
    base = "/api/v1/",
    fetch = (...args) => globalThis.fetch(...args),
    wait = pause,
  }) {
    this.#base = base;
    this.#csrf = csrf;
    this.#fetch = fetch;
    this.#wait = wait;
  }

  /**
   * Sends a GET request. On a rate limit, waits as long as the server says and retries.
   * @template {string} Path
   * @param {Path} path
   * @returns {Promise<import("./types.js").GetAnswer<Path>>}
   * @throws {ApiError} with code "rate" if the wait is longer than a minute, or never ends
   */
  async get(path) {
    for (let waits = 0; ; waits += 1) {
      try {
        return await this.#call("GET", path);
      } catch (/** @type {any} */ error) {
        const seconds = error.extra?.retry_after;
        const patient = error.code === "rate" && seconds > 0 && seconds <= LONGEST_WAIT;
        if (!patient || waits === MOST_WAITS) throw error;
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
    return this.#call("POST", path, body);
  }

  /** @param {string} path @param {object} body @returns {Promise<unknown>} */
  put(path, body) {
    return this.#call("PUT", path, body);
  }

  /** @param {string} path @returns {Promise<unknown>} */
  delete(path) {
    return this.#call("DELETE", path);
  }

  /**
   * Uploads bytes with progress, which only XMLHttpRequest reports.
   * @param {string} path @param {Blob} bytes
   * @param {{progress?: (done: number, total: number) => void, signal?: AbortSignal}} [watch]
   * @returns {Promise<unknown>}
   */
  putBytes(path, bytes, { progress, signal } = {}) {
    const request = new XMLHttpRequest();
    request.open("PUT", this.#base + path);
    request.setRequestHeader("X-CSRFToken", this.#csrf());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => progress?.(loaded, total);
    return new Promise((resolve, reject) => {
      const stop = () => request.abort();
      signal?.addEventListener("abort", stop, { once: true });
      request.onload = () => {
        if (request.status < 300) resolve(request.response);
        else reject(new ApiError(request.status, request.response?.error ?? FAILED));
      };
      request.onabort = () => reject(signal?.reason);
      request.onerror = () => reject(new ApiError(0, {}));
      request.onloadend = () => signal?.removeEventListener("abort", stop);
      request.send(bytes);
    });
  }

  /** Downloads a stream of bytes.
   * @param {string} path @param {AbortSignal} [signal]
   * @returns {Promise<ReadableStream<Uint8Array>>} */
  async bytes(path, signal) {
    let response;
    try {
      const options = { credentials: /** @type {const} */ ("same-origin"), signal };
      response = await this.#fetch(this.#base + path, options);
    } catch {
      signal?.throwIfAborted();
      throw new ApiError(0, {});
    }
    if (response.ok && response.body) return response.body;
    const answer = await response.json().catch(() => null);
    throw new ApiError(response.status, answer?.error ?? FAILED);
  }

  /** @param {string} method @param {string} path @param {object} [body]
   * @returns {Promise<any>} JSON, which `GetAnswer` and `PostAnswer` describe */
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
    const answer = await response.json().catch(() => null);
    if (response.status === UNAUTHENTICATED) this.onSignedOut();
    if (!response.ok) throw new ApiError(response.status, answer?.error ?? FAILED);
    return answer;
  }
}
