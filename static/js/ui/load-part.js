/** Loads parts of a page on first use, and says so where that fails. */

import { h } from "./dom.js";
import { strings } from "./strings.js";

/**
 * Loads a part of the page that is needed now.
 * @template Part
 * @param {() => Promise<Part>} load imports it
 * @param {AbortSignal} [signal] aborted when the view that needs it was left
 * @returns {Promise<Part | null>} null if it could not be loaded: the person has been told why, unless
 *   the view was left
 */
export async function loadPart(load, signal) {
  try {
    return await load();
  } catch {
    if (!signal?.aborted) showFailure();
    return null;
  }
}

/** The server or the network is unreachable, or the server has a newer build and this page's is gone. */
function showFailure() {
  if (document.querySelector("#part-failed")) return;
  const close = h("button", { class: "button quiet", type: "button" }, strings.close);
  const reload = h("button", { class: "button", type: "button" }, strings.part.reload);
  const dialog = h(
    "dialog",
    { class: "part-failed", role: "alertdialog", "aria-labelledby": "part-failed" },
    h("h2", { id: "part-failed" }, strings.part.title),
    h("p", {}, strings.part.text),
    h("div", { class: "row end" }, close, reload),
  );
  close.addEventListener("click", () => dialog.close());
  reload.addEventListener("click", () => location.reload());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const HIDDEN = 100; // ms; a hidden tab paints nothing

/** Settled once the browser has painted what is there now. */
export const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, HIDDEN);
  });
