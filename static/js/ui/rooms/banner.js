/** The connection banner. It stays hidden during short breaks. */

import { h } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";

const AFTER = 1200; // ms
const BACK_FOR = 2500; // ms
const AGAIN = 1000; // ms between two looks at a connection that does not come

/** @typedef {import("../../conversation/connection-state.js").ConnectionState} ConnectionState */

export class Banner {
  #root;
  #stateSince;
  #login;
  #lostAt;
  #unsent = 0;
  #shown = "";
  #backUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {HTMLElement} root
   * @param {(since: number) => ConnectionState} stateSince the state of the connection, given the ms
   *   since it was last open
   * @param {() => string} login address of the log-in page that leads back here
   * @param {number} [lostAt] since when there is no connection, ms
   */
  constructor(root, stateSince, login, lostAt = Date.now()) {
    this.#root = root;
    this.#stateSince = stateSince;
    this.#login = login;
    this.#lostAt = lostAt;
  }

  /** @param {number} waiting unsent messages */
  update(waiting) {
    this.#unsent = waiting;
    this.#draw();
  }

  close() {
    clearTimeout(this.#timer);
  }

  #draw() {
    clearTimeout(this.#timer);
    const since = Date.now() - this.#lostAt;
    const state = this.#stateSince(since);
    if (state === "open") return this.#drawOpen();
    if (state === "clock") {
      this.#lostAt = Date.now();
      return this.#show(state, strings.connection.clock);
    }
    if (state === "signed-out") {
      const link = h("a", { href: this.#login() }, strings.ends.login);
      return this.#show(state, strings.signedOut, " ", link);
    }
    if (since >= AFTER || this.#shown || state === "offline")
      this.#show(state, sentence(strings.connection[state], this.#unsent));
    this.#timer = setTimeout(() => this.#draw(), since < AFTER ? AFTER - since : AGAIN);
  }

  #drawOpen() {
    this.#lostAt = Date.now();
    if (!this.#shown) return;
    const { kind } = this.#root.dataset;
    if (kind === "clock") return this.#hide();
    if (kind !== "back") {
      this.#show("back", strings.back);
      this.#backUntil = Date.now() + BACK_FOR;
    }
    this.#timer = setTimeout(() => this.#hide(), this.#backUntil - Date.now());
  }

  /** @param {string} kind @param {...(Node | string)} content */
  #show(kind, ...content) {
    const key = `${kind}:${this.#unsent}`;
    if (key !== this.#shown) this.#root.replaceChildren(...content); // said again it would be read out again
    this.#shown = key;
    this.#root.dataset.kind = kind;
    this.#root.hidden = false;
  }

  #hide() {
    this.#shown = "";
    this.#root.hidden = true;
  }
}

/** @param {string} text @param {number} unsent messages */
const sentence = (text, unsent) =>
  unsent > 0 ? `${text} ${strings.connection.unsent(unsent)}` : text;
