/** The connection banner. It stays hidden during short breaks. */

import { h } from "./dom.js";
import { lateStrings as strings } from "./strings-late.js";

const AFTER = 1200; // ms
const BACK_FOR = 2500; // ms
const AGAIN = 1000; // ms between two looks at a connection that does not come

/** @typedef {import("../conversation/connection-state.js").ConnectionState} ConnectionState */

/**
 * @param {HTMLElement} root
 * @param {(since: number) => ConnectionState} stateSince the state of the connection, given the ms
 *   since it was last open
 * @param {() => string} login address of the log-in page that leads back here
 * @param {number} [lostAt] since when there is no connection, ms
 */
export function createBanner(root, stateSince, login, lostAt = Date.now()) {
  let unsent = 0;
  let shown = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} kind @param {...(Node | string)} content */
  function show(kind, ...content) {
    const key = `${kind}:${unsent}`;
    if (key !== shown) root.replaceChildren(...content); // said again it would be read out again
    shown = key;
    root.dataset.kind = kind;
    root.hidden = false;
  }

  function hide() {
    shown = "";
    root.hidden = true;
  }

  function draw() {
    clearTimeout(timer);
    const since = Date.now() - lostAt;
    const state = stateSince(since);
    if (state === "open") return drawOpen();
    if (state === "clock") {
      lostAt = Date.now();
      return show(state, strings.connection.clock);
    }
    if (state === "signed-out") {
      show(state, strings.signedOut, " ", h("a", { href: login() }, strings.ends.login));
      return;
    }
    if (since >= AFTER || shown || state === "offline")
      show(state, sentence(strings.connection[state], unsent));
    timer = setTimeout(draw, since < AFTER ? AFTER - since : AGAIN);
  }

  function drawOpen() {
    lostAt = Date.now();
    if (!shown || root.dataset.kind === "back") return;
    if (root.dataset.kind === "clock") return hide();
    show("back", strings.back);
    timer = setTimeout(hide, BACK_FOR);
  }

  return {
    /** @param {number} waiting unsent messages */
    update(waiting) {
      unsent = waiting;
      draw();
    },
    close: () => clearTimeout(timer),
  };
}

/** @param {string} text @param {number} unsent messages */
const sentence = (text, unsent) =>
  unsent > 0 ? `${text} ${strings.connection.unsent(unsent)}` : text;
