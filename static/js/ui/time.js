/** Formats times in the person's language. All times are ms since 1970. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const SHORT = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const YEAR = new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" });
const LONG = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const LONG_YEAR = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
/** @typedef {[unit: "day" | "hour" | "minute", ms: number]} Unit */
/** @type {Unit} */
const MINUTE = ["minute", 60_000];
/** @type {Unit[]} the largest first */
const UNITS = [["day", 86_400_000], ["hour", 3_600_000], MINUTE];
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** @param {number} ts */
export const clock = (ts) => CLOCK.format(ts);

/** Date and time. @param {number} ts */
export const full = (ts) => FULL.format(ts);

/** A date with its year. @param {number} ts */
export const dayAndYear = (ts) => DATE.format(ts);

/** How long ago a time was, in its largest unit. @param {number} ts @param {number} [now] */
export function ago(ts, now = Date.now()) {
  const [unit, ms] = UNITS.find(([, length]) => now - ts >= length) ?? MINUTE;
  return RELATIVE.format(-Math.max(1, Math.floor((now - ts) / ms)), unit);
}

/** The same text for all times of one day here. @param {number} ts */
export const dayKey = (ts) => new Date(ts).toDateString();

/** A heading for a day. @param {number} ts @param {number} [now] */
export function day(ts, now = Date.now()) {
  const ago = daysAgo(ts, now);
  if (ago === 0 || ago === 1) return capital(RELATIVE.format(-ago, "day"));
  return sameYear(ts, now) ? LONG.format(ts) : LONG_YEAR.format(ts);
}

/** A few letters: today's clock, this week's day, else the date.
 * @param {number} ts @param {number} [now] */
export function brief(ts, now = Date.now()) {
  const ago = daysAgo(ts, now);
  if (ago <= 0) return CLOCK.format(ts);
  if (ago < 7) return WEEKDAY.format(ts);
  return sameYear(ts, now) ? SHORT.format(ts) : YEAR.format(ts);
}

/** Whole days between two local dates; rounding takes the hour that summer time moves.
 * @param {number} ts @param {number} now */
const daysAgo = (ts, now) => Math.round((midnight(now) - midnight(ts)) / 86_400_000);

/** @param {number} ts */
const midnight = (ts) => new Date(ts).setHours(0, 0, 0, 0);

/** @param {number} ts @param {number} now */
const sameYear = (ts, now) => new Date(ts).getFullYear() === new Date(now).getFullYear();

/** @param {string} text */
const capital = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
