/** The list of reports to a room's leaders. */

import { attempt, troublePlace } from "../dialog.js";
import { h } from "../dom.js";
import { reportStrings as words } from "../strings/reports.js";
import { full } from "../time.js";
import { reportedMessage, reportNote } from "../timeline/reported-message.js";

/**
 * @typedef {"dismissed" | "erased" | "removed" | "banned"} Outcome
 *
 * @typedef {object} ReportLine
 * @property {string} rid
 * @property {string} state
 * @property {string} handler name, "" for nobody
 * @property {string} reporter name
 * @property {number} reported ms
 * @property {string} author name
 * @property {number} written ms
 * @property {string | null} text null for a kind that cannot be shown here
 * @property {import("./reported-files.js").ReportedFile[]} files
 * @property {string} why
 * @property {string} note
 * @property {number} seq
 * @property {Outcome[]} may what this leader may do about it
 */

/**
 * @param {object} about
 * @param {ReportLine[]} about.reports
 * @param {number} about.refused reports that did not prove what they say
 * @param {(report: ReportLine, outcome: Outcome) => Promise<void>} about.onHandle
 * @param {(seq: number) => void} about.onShow
 * @returns {Node[]}
 */
export function reportsPanel({ reports, refused, onHandle, onShow }) {
  const shown = reports.map((one) => reportItem(one, onHandle, onShow));
  return [
    h("p", { class: "quiet-text" }, words.listIntro),
    refused > 0 && h("p", { class: "notice" }, words.refused(refused)),
    shown.length === 0
      ? h("p", { class: "quiet-text" }, words.none)
      : h("ul", { class: "reports" }, ...shown),
  ].filter((node) => node !== false);
}

/** @param {ReportLine} report
 * @param {(report: ReportLine, outcome: Outcome) => Promise<void>} onHandle
 * @param {(seq: number) => void} onShow */
function reportItem(report, onHandle, onShow) {
  const { why, note, reporter, reported, seq, may } = report;
  const trouble = troublePlace();
  const reasons = /** @type {Record<string, string>} */ (words.reasons);
  const labels = {
    erased: words.erase,
    removed: words.remove,
    banned: words.ban,
    dismissed: words.dismiss,
  };
  const buttons = may.map((outcome) => {
    const button = h(
      "button",
      {
        class: outcome === "dismissed" ? "button quiet small" : "button quiet small danger",
        type: "button",
      },
      labels[outcome],
    );
    button.addEventListener("click", () =>
      attempt(button, () => onHandle(report, outcome), trouble),
    );
    return button;
  });
  return h(
    "li",
    { class: "report" },
    h("p", { class: "report-state" }, h("strong", {}, reasons[why]), stateOf(report)),
    reportedMessage(report),
    reportNote(note),
    h("p", { class: "quiet-text" }, words.by(reporter, full(reported))),
    h(
      "div",
      { class: "row" },
      h("button", { class: "link-button", type: "button", onclick: () => onShow(seq) }, words.goTo),
      ...buttons,
    ),
    trouble,
  );
}

/** @param {ReportLine} report */
function stateOf({ state, handler }) {
  const said = /** @type {Record<string, string>} */ (words.states)[state] ?? state;
  return h("span", { class: "quiet-text" }, handler ? words.handledBy(said, handler) : said);
}
