/** Times as people say them, in their own language. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const SHORT = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });

/** @param {number} ts ms */
export const clock = (ts) => CLOCK.format(ts);

/** @param {number} ts */
export const full = (ts) => FULL.format(ts);

/** @param {number} ts */
export const dayKey = (ts) => new Date(ts).toDateString();

/** @param {number} ts @param {number} [now] */
export function day(ts, now = Date.now()) {
  if (dayKey(ts) === dayKey(now)) return "Today";
  if (dayKey(ts) === dayKey(now - 86_400_000)) return "Yesterday";
  return DAY.format(ts);
}

/** Today's clock, else the day. @param {number} ts @param {number} [now] */
export const brief = (ts, now = Date.now()) =>
  dayKey(ts) === dayKey(now) ? CLOCK.format(ts) : SHORT.format(ts);
