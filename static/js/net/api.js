/** The REST API, from a page: session cookie, CSRF token, one error shape. */

const TIMEOUT = 30_000;

/** What the server refused, or that it could not be reached (status 0). */
export class ApiError extends Error {
  /** @override */
  name = "ApiError";
  /** @param {number} status @param {{code?: string, detail?: string} & Record<string, any>} error */
  constructor(status, error) {
    super(error.detail ?? "The server could not be reached. Check the connection and try again.");
    this.status = status;
    this.code = error.code ?? "offline";
    this.extra = error;
  }
}

export class Api {
  #base;
  #csrf;
  #fetch;

  /** @param {{csrf: string, base?: string, fetch?: (address: string, options: RequestInit) => Promise<Response>}} options */
  constructor({ csrf, base = "/api/v1/", fetch = (...args) => globalThis.fetch(...args) }) {
    this.#base = base;
    this.#csrf = csrf;
    this.#fetch = fetch;
  }

  /** @param {string} path @returns {Promise<any>} */
  get(path) {
    return this.#call("GET", path);
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} */
  post(path, body) {
    return this.#call("POST", path, body);
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} */
  put(path, body) {
    return this.#call("PUT", path, body);
  }

  /** @param {string} path @returns {Promise<any>} */
  delete(path) {
    return this.#call("DELETE", path);
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async #call(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.#csrf;
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await this.#fetch(this.#base + path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch {
      throw new ApiError(0, {});
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => null);
    if (!response.ok)
      throw new ApiError(
        response.status,
        answer?.error ?? {
          code: "server_error",
          detail: "The server failed. Nothing is lost: try again shortly.",
        },
      );
    return answer;
  }
}
