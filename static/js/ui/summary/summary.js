/** The panel of summaries: request, progress, list. */

import { attempt, troublePlace } from "../dialog.js";
import { h, icon } from "../dom.js";
import { summaryStrings as strings } from "../strings/summary.js";
import { longText } from "../text/long-text.js";
import { full } from "../time.js";
import { askForm } from "./ask.js";
import { summaryRange } from "./range.js";
import { paragraphs, summaryAsText } from "./text.js";

/** @typedef {import("../../conversation/summaries/shared.js").SharedSummary} SharedSummary */
/** @typedef {import("../../conversation/summaries/summaries.js").RunningRequest} RunningRequest */
/** @typedef {import("../../conversation/summaries/summaries.js").SummaryError} SummaryError */
/**
 * @typedef {object} About
 * @property {boolean} loading
 * @property {{text: string, onRules?: () => void, onRetry?: () => void} | null} stopped why none
 *   can be asked for
 * @property {RunningRequest | null} running
 * @property {SummaryError | null} trouble why the last one failed
 * @property {import("./ask.js").Asking | null} asking null while one is being made
 * @property {SharedSummary[]} shared newest first
 * @property {(name: string) => boolean} [isHidden] whether somebody is blocked
 * @property {boolean} [toAsk] whether the person came to ask for one: the form stands first
 * @property {number} fresh the `dis` of the one that was just made, or 0
 * @property {{allowed: boolean, onAllow: (on: boolean) => void} | null} habit where the room's
 *   rules offer summaries
 * @property {() => void} onCancel
 * @property {(seq: number) => void} onJump
 * @property {(text: string) => Promise<unknown>} onCopy
 */

/** @param {About} about @returns {Node[]} */
export function summaryPanel(about) {
  const { loading, stopped, running, trouble, asking, habit, onCancel } = about;
  const words = strings.summary;
  if (loading)
    return [
      h(
        "section",
        { "aria-busy": "true" },
        h("p", { role: "status" }, strings.loading),
        h("div", { class: "skeleton", "aria-hidden": "true" }, h("span"), h("span"), h("span")),
      ),
    ];
  const request = [
    h(
      "section",
      { class: "summary-ask" },
      h("p", {}, asking && !asking.mayChoose ? words.introHere : words.intro),
      trouble && !explained(trouble, asking) && failure(trouble),
      running && progress(running, onCancel),
      stopped && reason(stopped),
      asking && askForm(asking),
    ),
    habit && h("section", {}, habitBox(habit)),
  ].filter((node) => node !== null);
  const results = h(
    "section",
    {},
    h("h3", { id: "summary-list" }, words.list),
    about.shared.length === 0 ? h("p", {}, words.none) : list(about),
  );
  const first = about.shared.length > 0 && !running && !trouble && !about.toAsk;
  return first ? [results, ...request] : [...request, results];
}

/** @param {NonNullable<About["stopped"]>} stopped */
function reason({ text, onRules, onRetry }) {
  const words = strings.summary;
  /** @param {string} label @param {() => void} onclick */
  const button = (label, onclick) =>
    h("button", { class: "button quiet small", type: "button", onclick, "data-key": label }, label);
  return h(
    "div",
    { class: "notice summary-stopped" },
    h("p", {}, text),
    onRules && button(words.rules, onRules),
    onRetry && button(words.again, onRetry),
  );
}

/** Tells whether the comparison of the worker's two keys below already explains an error.
 * @param {SummaryError} trouble @param {About["asking"]} asking */
const explained = ({ code }, asking) => code === "wrong_worker" && Boolean(asking?.formerly);

/** The message for an error: what went wrong and what to do. @param {SummaryError} trouble */
export const troubleText = ({ code, detail }) =>
  /** @type {Record<string, string>} */ (strings.summary.failed)[code] ??
  `${detail} ${strings.summary.failedElse}`;

/** @param {SummaryError} trouble */
const failure = (trouble) =>
  h(
    "div",
    { class: "notice danger summary-failed", role: "alert" },
    h("strong", {}, strings.summary.failedTitle),
    h("p", {}, troubleText(trouble)),
  );

/** The progress, as text. @param {RunningRequest} running */
export function stateText({ state, done, total, detail = "" }) {
  const words = strings.summary;
  if (state === "sending") return words.sending;
  if (state === "queued") return detail || words.queued;
  return total > 1 ? words.part(done, total) : words.working;
}

/** @param {RunningRequest} running @param {() => void} onCancel */
function progress(running, onCancel) {
  const words = strings.summary;
  const { state, done, total, from, to } = running;
  const known = state === "working" && total > 1;
  return h(
    "div",
    { class: "summary-progress" },
    h("h3", {}, summaryRange({ from, to })),
    h("progress", { max: known && total, value: known && done, "aria-label": words.title }),
    h("p", { role: "status" }, stateText(running)),
    h("p", { class: "field-hint" }, words.stays),
    h(
      "button",
      { class: "button quiet", type: "button", onclick: onCancel, "data-key": "cancel" },
      words.cancel,
    ),
  );
}

/** @param {NonNullable<About["habit"]>} habit */
function habitBox({ allowed, onAllow }) {
  const words = strings.summary;
  const box = h("input", {
    type: "checkbox",
    id: "summary-allow",
    checked: allowed,
    "aria-describedby": "summary-allow-text",
    "data-key": "allow",
  });
  box.addEventListener("change", () => onAllow(box.checked));
  return h(
    "div",
    { class: "check" },
    box,
    h(
      "div",
      {},
      h("label", { for: "summary-allow" }, words.allow),
      h("p", { class: "field-hint", id: "summary-allow-text" }, words.allowText),
    ),
  );
}

const SHOWN = 3; // summaries at first: the form follows them

/** @param {About} about */
function list(about) {
  const items = about.shared.map((shared) => summaryItem(shared, about));
  const rest = items.splice(SHOWN);
  const all = h("ul", { class: "summaries", "aria-labelledby": "summary-list" }, ...items);
  if (rest.length === 0) return all;
  const more = h("button", { class: "button quiet small", type: "button" }, strings.summary.more);
  more.addEventListener("click", () => {
    all.append(...rest);
    more.remove();
    rest[0].focus();
  });
  return h("div", { class: "stack" }, all, more);
}

/** @param {SharedSummary} shared @param {About} about */
function summaryItem(shared, { onJump, onCopy, fresh, isHidden = () => false }) {
  const words = strings.summary;
  const { why, from, to, by, mine, at, text, model, dis, key } = shared;
  if (why === "bad") return h("li", { class: "summary bad", tabindex: "-1" }, words.why.bad);
  const title = h("h4", {}, summaryRange(shared));
  const who = isHidden(by) ? words.blocked : by;
  const asked = h("p", { class: "summary-by" }, words.by(mine ? words.you : who, full(at)));
  if (why === "keys")
    return h("li", { class: "summary", tabindex: "-1" }, title, asked, h("p", {}, words.why.keys));
  const trouble = troublePlace();
  const messages = { from, to, onJump, isHidden };
  const shown = (/** @type {string} */ page) => paragraphs(page, messages);
  const copy = h("button", { class: "link-button", type: "button" }, words.copy);
  copy.addEventListener("click", () =>
    attempt(copy, () => onCopy(summaryAsText(text, messages)), trouble),
  );
  return h(
    "li",
    {
      class: dis === fresh ? "summary fresh" : "summary",
      tabindex: "-1",
      "data-dis": dis,
      "data-key": key,
    },
    title,
    asked,
    h("div", { class: "summary-text" }, ...longText(`summary:${key}`, text, shown)),
    label(model),
    h(
      "div",
      { class: "row" },
      h(
        "button",
        { class: "link-button", type: "button", onclick: () => onJump(from) },
        words.jump,
      ),
      copy,
    ),
    trouble,
  );
}

/** The author of a summary. @param {string} model */
const label = (model) =>
  model.startsWith("extractive")
    ? h("p", { class: "summary-label" }, icon("rules", "small"), strings.summary.extractive)
    : h("p", { class: "summary-label" }, icon("summary", "small"), strings.summary.ai(model));
