/** Loads the code that verifies and decrypts messages with the first one that no earlier visit opened. */

import { loadCode } from "../load-code.js";

/** @typedef {import("./message-opener.js").MessageOpener} MessageOpener */
/** @typedef {import("./message-opener.js").WorkerMessageOpener} WorkerMessageOpener */
/** @typedef {import("./message-opener.js").OpenerWorker} OpenerWorker */

/** Its modules, each by itself: they would be found one after the other. */
const IMPORTED = [
  () => import("../../crypto/open-message.js"),
  () => import("../../crypto/message.js"),
  () => import("../../crypto/body.js"),
  () => import("../../crypto/box.js"),
  () => import("../../crypto/content.js"),
  () => import("../../crypto/identity.js"),
  () => import("../../crypto/roomkeys.js"),
  () => import("../../crypto/sign.js"),
];

/** Loads what opens messages. */
export async function loadOpening() {
  const others = IMPORTED.map((load) => load());
  const part = await import("./message-opener.js");
  await Promise.all(others);
  return part;
}

/** Events: `failed` (a worker failed, and messages are opened in the page from now on). */
export class LateOpener extends EventTarget {
  #loadWorker;
  /** @type {Promise<MessageOpener | WorkerMessageOpener> | null} */
  #loading = null;

  /** @param {() => Promise<() => OpenerWorker>} [loadWorker] loads what starts a worker; without one,
   *   messages are opened in the page itself */
  constructor(loadWorker) {
    super();
    this.#loadWorker = loadWorker;
  }

  /**
   * Verifies and decrypts a message. Those that come together go to the worker together.
   * @type {MessageOpener["open"]}
   * @throws {import("../load-code.js").MissingCodeError} if what opens them could not be loaded
   */
  async open(row, room) {
    return (await this.#load()).open(row, room);
  }

  /** Loads and starts what opens many messages, beside what fetches them. Never rejects: what could not be
   * loaded is loaded with the first of them. */
  async prepare() {
    const opener = await this.#load().catch(() => null);
    opener?.prepare();
  }

  #load() {
    this.#loading ??= loadCode(() => this.#make()).catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #make() {
    const [part, makeWorker] = await Promise.all([loadOpening(), this.#loadWorker?.()]);
    if (!makeWorker) return new part.MessageOpener();
    const opener = new part.WorkerMessageOpener(makeWorker);
    opener.addEventListener("failed", () => this.dispatchEvent(new Event("failed")));
    return opener;
  }
}
