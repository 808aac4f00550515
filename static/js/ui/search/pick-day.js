/** Asks for a day to go to. */

import { ask } from "../dialog.js";
import { strings } from "../strings.js";

/**
 * @param {number} ts the day at hand, ms
 * @returns {Promise<number | undefined>} when the day begins here, ms, 0 at the least; undefined if
 *   none was picked
 */
export async function pickDay(ts) {
  const { title, text, label, go } = strings.pickDay;
  const field = { label, type: /** @type {"date"} */ ("date"), value: isoDay(ts) };
  const answer = await ask({ title, text, confirm: go, field });
  if (typeof answer !== "string") return undefined;
  const [year, month, date] = answer.split("-").map(Number);
  return Math.max(0, new Date(year, month - 1, date).getTime());
}

/** A day here, as fields for dates take it. @param {number} ts */
function isoDay(ts) {
  const at = new Date(ts);
  const pad = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}
