/** Development only: waits until the demo is made, then enters it. */

import { byId } from "../ui/dom.js";
import { enterDemo } from "./demo-offer.js";
import { startForm } from "./forms.js";
import { fetchSite } from "./site.js";

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

await fetchSite(); // brings the token that entering needs
startForm("demo-enter", enterDemo);
wait();
