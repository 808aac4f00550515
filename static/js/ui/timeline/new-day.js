/** Tells when a day begins: "Today" becomes "Yesterday", and clocks become dates. */

import { dayKey } from "../time.js";

const LATEST = 60 * 60 * 1000; // ms; clocks are set, and devices sleep

/** Calls a function after each midnight, at the latest when the page is looked at again.
 * @param {() => void} onNewDay @returns {() => void} stops it */
export function watchDays(onNewDay) {
  let today = dayKey(Date.now());
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const check = () => {
    const before = today;
    today = dayKey(Date.now());
    clearTimeout(timer);
    timer = setTimeout(check, Math.min(LATEST, untilMidnight()));
    if (today !== before) onNewDay();
  };
  check();
  document.addEventListener("visibilitychange", check);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", check);
  };
}

/** ms */
const untilMidnight = () => new Date().setHours(24, 0, 0, 50) - Date.now();
