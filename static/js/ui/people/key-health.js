/**
 * A table of members and keys: each key opens one part of the conversation. A few keys have a
 * column each; many are written as ranges.
 */

import { attempt, troublePlace } from "../dialog.js";
import { h, icon } from "../dom.js";
import { scrollBox } from "../scroll-box.js";
import { roomStrings as strings } from "../strings/room.js";
import { brief, full } from "../time.js";

const COLUMNS = 6; // more do not fit beside the names
const DATED = 4; // more have no room for their dates
const ROWS = 20; // of members who lack nothing

/** @typedef {{uid: string, name: string, since: number, have: number[]}} Holder `since` is the
 *   first key that they are entitled to
 * @typedef {{e: number, ts: number}} Epoch `ts` is 0 where it is not known */

/**
 * @param {object} about
 * @param {Epoch[]} about.epochs
 * @param {Holder[]} about.members
 * @param {number} about.missing keys
 * @param {number} about.mendable those of them that this browser can hand over
 * @param {(onProgress: (done: number) => void) => Promise<unknown>} about.onMend
 * @returns {Node[]}
 */
export function keyHealthPanel({ epochs, members, missing, mendable, onMend }) {
  const { health } = strings;
  return [
    h(
      "section",
      {},
      ...health.intro.map((text) => h("p", {}, text)),
      missing === 0
        ? h("p", { class: "health-fine" }, icon("check"), health.fine)
        : mending(missing, mendable, onMend),
    ),
    h("section", {}, ...holders(epochs, members)),
  ];
}

/** @param {number} missing @param {number} mendable
 * @param {(onProgress: (done: number) => void) => Promise<unknown>} onMend */
function mending(missing, mendable, onMend) {
  const { health } = strings;
  const trouble = troublePlace();
  const about = { label: health.mending, done: health.mended };
  const button = h("button", { class: "button wide", type: "button" }, health.mend);
  button.addEventListener("click", () => attempt(button, onMend, trouble, about));
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "notice" }, health.missing(missing)),
    mendable > 0 && button,
    mendable === 0 && h("p", {}, health.none),
    mendable > 0 && mendable < missing && h("p", {}, health.some(mendable, missing)),
    trouble,
  );
}

/** Epochs whose key a member lacks. @param {Epoch[]} epochs @param {Holder} holder */
export function lacking(epochs, { since, have }) {
  const held = new Set(have);
  return epochs.map(({ e }) => e).filter((e) => e >= since && !held.has(e));
}

/** Numbers as people write them: `1–4, 6`. @param {number[]} numbers ascending */
export function ranges(numbers) {
  /** @type {number[][]} */
  const runs = [];
  for (const number of numbers) {
    const last = runs[runs.length - 1];
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(", ");
}

/** Members who lack keys first; the others on request, if they are many.
 * @param {Epoch[]} epochs @param {Holder[]} members @returns {Node[]} */
function holders(epochs, members) {
  const broken = members.filter((member) => lacking(epochs, member).length > 0);
  const whole = members.filter((member) => !broken.includes(member));
  const draw = epochs.length > COLUMNS ? rangeTable : markTable;
  if (whole.length <= ROWS) return [draw(epochs, [...broken, ...whole])];
  const rest = h("details", {}, h("summary", {}, strings.health.rest(whole.length)));
  rest.addEventListener("toggle", () => {
    if (rest.childElementCount === 1) rest.append(draw(epochs, whole));
  });
  return broken.length > 0 ? [draw(epochs, broken), rest] : [rest];
}

/** @param {Node[]} heads @param {Node[]} rows */
const table = (heads, rows) =>
  scrollBox(
    h(
      "table",
      { class: "health" },
      h("caption", { class: "visually-hidden" }, strings.health.caption),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, strings.health.who), ...heads)),
      h("tbody", {}, ...rows),
    ),
    strings.health.caption,
  );

/** @param {Epoch[]} epochs @param {Holder[]} members */
function markTable(epochs, members) {
  const { health } = strings;
  const heads = epochs.map(({ e, ts }) =>
    h(
      "th",
      { scope: "col", class: "key-head", title: ts ? health.since(full(ts)) : null },
      h("span", { "aria-hidden": "true" }, String(e)),
      h("span", { class: "visually-hidden" }, health.key(e)),
      ts > 0 && epochs.length <= DATED && h("small", {}, brief(ts)),
    ),
  );
  const rows = members.map((member) => {
    const held = new Set(member.have);
    const cells = epochs.map(({ e }) =>
      cell(held.has(e) ? "has" : e < member.since ? "before" : "misses"),
    );
    return h("tr", {}, h("th", { scope: "row" }, member.name), ...cells);
  });
  return h("div", { class: "stack" }, table(heads, rows), legend());
}

/** @typedef {"has" | "misses" | "before"} State */

const dot = () => h("span", { class: "key-dot", "aria-hidden": "true" });

/** @param {State} state */
const cell = (state) =>
  h(
    "td",
    { class: `key-cell ${state}`, title: strings.health[state] },
    dot(),
    h("span", { class: "visually-hidden" }, strings.health[state]),
  );

const legend = () =>
  h(
    "p",
    { class: "key-legend", "aria-hidden": "true" },
    .../** @type {State[]} */ (["has", "misses", "before"]).map((state) =>
      h("span", { class: state }, dot(), strings.health[state]),
    ),
  );

/** @param {Epoch[]} epochs @param {Holder[]} members */
function rangeTable(epochs, members) {
  const { health } = strings;
  const heads = [health.holds, health.lacks].map((text) => h("th", { scope: "col" }, text));
  const rows = members.map((member) => {
    const lacks = ranges(lacking(epochs, member));
    const holds = ranges(member.have) || health.nothing;
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, member.name),
      h("td", { class: "range" }, holds),
      h("td", { class: lacks ? "range misses" : "range" }, lacks || "–"),
    );
  });
  return table(heads, rows);
}
