/** Development only: waits until the demo is made, then enters it. */

import { byId } from "../ui/dom.js";

const ASK_EVERY = 1000; // ms
const section = byId("demo");

/**
 * Asks the server once and shows its answer.
 *
 * @returns {Promise<boolean>} whether to ask again
 */
async function update() {
  const response = await fetch(section.dataset.address ?? "");
  if (!response.ok) return true;
  const { state, done, total } = await response.json();
  section.dataset.state = state;
  if (total) Object.assign(byId("demo-progress"), { max: total, value: done });
  if (state === "ready") /** @type {HTMLFormElement} */ (byId("demo-enter")).requestSubmit();
  return state === "loading";
}

async function wait() {
  const again = await update().catch(() => true); // the server may be starting again
  if (again) setTimeout(wait, ASK_EVERY);
}

// If the demo was ready on load, the visitor came back and decides when to enter.
if (section.dataset.state === "loading") wait();
