/** A reported message, as those who handle it see it: as it was written, and never as markup. */

import { h } from "../dom.js";
import { reportedFiles } from "../reports/reported-files.js";
import { reportStrings as words } from "../strings/reports.js";
import { plain } from "../text/late-text.js";
import { longText } from "../text/long-text.js";
import { full } from "../time.js";

/**
 * @typedef {object} Reported
 * @property {string} rid of the report
 * @property {string} author name
 * @property {number} written ms
 * @property {string | null} text null for a kind that cannot be shown here
 * @property {import("../reports/reported-files.js").ReportedFile[]} files
 */

/** @param {Reported} message
 * @param {import("../reports/reported-files.js").OpenFile} [open] how its files are opened; without it they are
 *   only named */
export function reportedMessage({ rid, author, written, text, files }, open) {
  const page = (/** @type {string} */ part) => [h("p", { dir: "auto" }, ...plain(part))];
  return h(
    "blockquote",
    { class: "reported" },
    h("strong", {}, words.place(author, full(written))),
    ...(text === null ? [h("p", {}, words.otherKind)] : []),
    ...(text ? longText(`report:${rid}`, text, page) : []),
    files.length > 0 && reportedFiles(files, open),
  );
}

/** A reporter's note. @param {string} note */
export const reportNote = (note) =>
  note !== "" && h("p", { class: "report-note", dir: "auto" }, ...plain(words.noteOf(note)));
