/** The room's events as sentences, newest first, grouped by day. */

import { h, icon } from "../dom.js";
import { roomStrings as strings } from "../strings/room.js";
import { clock, day, dayKey, full } from "../time.js";

const PART = 200; // lines at a time

/** @typedef {{seq: number, ts: number, t: string, by: string, whom: string, text: string}} LogLine */

/** @type {Record<string, string>} the icon for each kind of event */
const ICONS = {
  create: "plus",
  profile: "bubble",
  invite: "link",
  revoke: "link",
  join: "invite",
  add: "invite",
  remove: "leave",
  leave: "leave",
  role: "role",
  policy: "rules",
  epoch: "key",
  reset: "key",
  close: "archive",
  disclose: "eye",
};

/**
 * @param {{lines: LogLine[], loading: boolean}} about lines in the order of seq
 * @returns {Node[]}
 */
export function activityLogPanel({ lines, loading }) {
  const { log } = strings;
  if (loading) return [waiting()];
  const newest = [...lines].reverse();
  const place = h("div", { class: "log" });
  let shown = 0;
  const more = h("button", { class: "button quiet small", type: "button" }, log.earlier);
  const draw = () => {
    const part = newest.slice(shown, shown + PART);
    const before = shown === 0 ? "" : dayKey(newest[shown - 1].ts);
    addDays(place, part, before);
    shown += part.length;
    more.hidden = shown >= newest.length;
  };
  more.addEventListener("click", draw);
  draw();
  return [
    h("p", { class: "quiet-text" }, log.intro),
    lines.length === 0 ? h("p", { class: "quiet-text" }, log.none) : place,
    more,
  ];
}

/** Groups lines by day. @param {LogLine[]} lines @returns {LogLine[][]} */
export function byDay(lines) {
  /** @type {LogLine[][]} */
  const days = [];
  for (const line of lines) {
    const last = days[days.length - 1];
    if (last && dayKey(last[0].ts) === dayKey(line.ts)) last.push(line);
    else days.push([line]);
  }
  return days;
}

/** @param {HTMLElement} place @param {LogLine[]} lines @param {string} before the last day there */
function addDays(place, lines, before) {
  for (const some of byDay(lines)) {
    const items = some.map(entry);
    if (dayKey(some[0].ts) === before) place.lastElementChild?.append(...items);
    else place.append(h("h3", {}, day(some[0].ts)), h("ol", { class: "log-day" }, ...items));
  }
}

/** @param {LogLine} line */
const entry = ({ ts, t, text }) =>
  h(
    "li",
    { class: `log-line log-${t}` },
    icon(ICONS[t] ?? "clock", "small"),
    h("span", {}, text),
    h("time", { datetime: new Date(ts).toISOString(), title: full(ts) }, clock(ts)),
  );

const waiting = () =>
  h(
    "div",
    { class: "skeleton rows", role: "status", "aria-label": strings.loading },
    h("span", {}, "\u00a0"),
    h("span", {}, "\u00a0"),
    h("span", {}, "\u00a0"),
  );
