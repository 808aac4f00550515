/** Bytes of files, up and down, beside the JSON of `Api`. */

import { ApiError, FAILED, refusal } from "./api.js";

export class FileTransfer {
  #api;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.#api = api;
  }

  /**
   * Uploads bytes with progress, which only XMLHttpRequest reports.
   * @param {string} path @param {Blob} bytes
   * @param {{progress?: (done: number, total: number) => void, signal?: AbortSignal}} [watch]
   * @returns {Promise<unknown>}
   */
  put(path, bytes, { progress, signal } = {}) {
    const { base, csrf } = this.#api.transport;
    const request = new XMLHttpRequest();
    request.open("PUT", base + path);
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => progress?.(loaded, total);
    return new Promise((resolve, reject) => {
      const stop = () => request.abort();
      signal?.addEventListener("abort", stop, { once: true });
      request.onload = () => {
        if (request.status < 300) return resolve(request.response);
        const error = new ApiError(request.status, request.response?.error ?? FAILED);
        reject(this.#api.noted(path, error));
      };
      request.onabort = () => reject(signal?.reason);
      request.onerror = () => reject(new ApiError(0, {}));
      request.onloadend = () => signal?.removeEventListener("abort", stop);
      request.send(bytes);
    });
  }

  /** Downloads a stream of bytes. Waits as a GET request of `Api` does.
   * @param {string} path @param {AbortSignal} [signal]
   * @returns {Promise<ReadableStream<Uint8Array>>} */
  get(path, signal) {
    const { base, fetch } = this.#api.transport;
    return this.#api.patiently(async () => {
      signal?.throwIfAborted();
      let response;
      try {
        const options = { credentials: /** @type {const} */ ("same-origin"), signal };
        response = await fetch(base + path, options);
      } catch {
        signal?.throwIfAborted();
        throw new ApiError(0, {});
      }
      if (response.ok && response.body) return response.body;
      throw await refusal(response);
    });
  }
}
