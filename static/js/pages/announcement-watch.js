/** Looks for a new announcement when somebody comes back to a page that stayed open. */

import { showAnnouncement } from "../ui/rooms/announcement.js";
import { fetchFacts } from "./site.js";

const NOT_BEFORE = 5 * 60_000; // ms between two looks

/** Called once, after the first facts were shown. */
export function watchAnnouncement() {
  let lookedAt = Date.now();
  document.addEventListener("visibilitychange", async () => {
    if (document.visibilityState !== "visible" || Date.now() - lookedAt < NOT_BEFORE) return;
    lookedAt = Date.now();
    const facts = await fetchFacts().catch(() => null); // the next time
    if (facts) showAnnouncement(facts.announcement);
  });
}
