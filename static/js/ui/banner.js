/** The connection banner. It stays hidden during short breaks. */

import { strings } from "./strings.js";

const AFTER = 1200;
const BACK_FOR = 2500;

/** @param {HTMLElement} root */
export function createBanner(root) {
  let shown = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} kind @param {string} text */
  function show(kind, text) {
    shown = true;
    root.dataset.kind = kind;
    root.textContent = text;
    root.hidden = false;
  }

  function hide() {
    shown = false;
    root.hidden = true;
  }

  return {
    /** @param {import("../net/socket.js").Status} status @param {number} waiting unsent messages */
    update(status, waiting) {
      clearTimeout(timer);
      const offline = () => show("offline", waiting ? strings.waiting(waiting) : strings.offline);
      if (status === "signed-out") show("signed-out", strings.signedOut);
      else if (status === "open") {
        if (!shown || root.dataset.kind === "back") return;
        show("back", strings.back);
        timer = setTimeout(hide, BACK_FOR);
      } else if (!navigator.onLine) offline();
      else if (shown) status === "connecting" ? show("offline", strings.connecting) : offline();
      else timer = setTimeout(offline, AFTER);
    },
    close: () => clearTimeout(timer),
  };
}
