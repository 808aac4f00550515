/** The dialog that says what a report shows to whom, and asks for its receiver, reason and note. */

import { h } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";
import { reportStrings as words } from "../strings/reports.js";

const LONGEST = 1000; // characters of a note

/**
 * @typedef {"abuse" | "spam" | "illegal" | "other"} Why
 * @typedef {{to: "room" | "site", why: Why, note: string}} ReportAnswer
 *
 * @typedef {object} ReportQuestion
 * @property {string} author user name
 * @property {string} text of the message, as it is shown
 * @property {boolean} edited
 * @property {number} files how many are attached
 * @property {string[]} leaders names of who would get it in the room
 * @property {string} noRoom why the room's leaders cannot get it; "" if they can
 * @property {{rk: string, previous: string} | null} site null where the site takes no reports
 */

export class ReportForm {
  #about;
  #problem = h("p", { class: "field-error", role: "alert" });
  #why = h(
    "select",
    { id: "report-why" },
    ...Object.entries(words.reasons).map(([value, label]) => h("option", { value }, label)),
  );
  #note = h("textarea", { id: "report-note", rows: 3, dir: "auto" });
  #accept = h("input", { id: "report-accept", type: "checkbox" });
  #accepting;
  #dialog = h("dialog", { "aria-labelledby": "report-title" });
  /** @type {ReportAnswer | null} */
  #answer = null;

  /** @param {ReportQuestion} about */
  constructor(about) {
    this.#about = about;
    const { author, text, site, noRoom } = about;
    const label = h("label", { for: "report-accept" }, words.siteKeyAccept);
    this.#accepting = h(
      "div",
      { class: "notice" },
      h("p", {}, words.siteKeyNew),
      h("div", { class: "check" }, this.#accept, label),
    );
    const nobody = noRoom !== "" && !site;
    const cancel = h(
      "button",
      { class: "button quiet", type: "button", onclick: () => this.#dialog.close() },
      strings.cancel,
    );
    const send = h("button", { class: "button", type: "submit", disabled: nobody }, words.send);
    const form = h(
      "form",
      { class: "ask", novalidate: true, onsubmit: (event) => this.#onSubmit(event) },
      h("h2", { id: "report-title" }, words.title),
      h(
        "blockquote",
        { class: "reported" },
        h("strong", {}, author),
        h("p", { dir: "auto" }, text),
      ),
      this.#consequences(),
      this.#receivers(),
      nobody && h("p", { class: "notice" }, words.nowhere),
      field("report-why", words.why, this.#why),
      field("report-note", words.note, this.#note, words.noteHint),
      this.#problem,
      h("div", { class: "row end" }, cancel, send),
    );
    this.#dialog.append(form);
    this.#follow();
  }

  /** @returns {Promise<ReportAnswer | null>} settles when the dialog closes */
  show() {
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => {
        this.#dialog.remove();
        resolve(this.#answer);
      });
      document.body.append(this.#dialog);
      this.#dialog.showModal();
    });
  }

  #consequences() {
    const { edited, files } = this.#about;
    const told = [
      `${words.shows} ${words.nothingElse}`,
      edited && words.edited,
      files > 0 && words.files(files),
      `${words.server} ${words.signed}`,
    ];
    const lines = told.filter((line) => line !== false).map((line) => h("li", {}, line));
    return h("ul", { class: "plain-list quiet-text" }, ...lines);
  }

  #receivers() {
    const { leaders, noRoom, site } = this.#about;
    const key = site && words.siteKey(site.rk);
    return h(
      "fieldset",
      { class: "choices", onchange: () => this.#follow() },
      h("legend", {}, words.to),
      choice("room", noRoom === "" ? words.toRoom(leaders) : words.toRoom([]), noRoom, {
        checked: noRoom === "",
        disabled: noRoom !== "",
      }),
      choice("site", words.toSite, key ?? words.noSite, {
        checked: noRoom !== "" && site !== null,
        disabled: site === null,
      }),
      this.#accepting,
    );
  }

  /** @returns {"room" | "site"} */
  get #to() {
    const chosen = this.#dialog.querySelector('input[name="report-to"]:checked');
    return chosen instanceof HTMLInputElement && chosen.value === "site" ? "site" : "room";
  }

  /** Asks about a changed key only where it is used. */
  #follow() {
    this.#accepting.hidden = this.#to !== "site" || !this.#about.site?.previous;
    this.#problem.textContent = "";
  }

  /** @param {Event} event */
  #onSubmit(event) {
    event.preventDefault();
    const note = this.#note.value.trim();
    const problem = this.#missing(note);
    if (problem) {
      this.#problem.textContent = problem;
      return;
    }
    this.#answer = { to: this.#to, why: /** @type {Why} */ (this.#why.value), note };
    this.#dialog.close();
  }

  /** @param {string} note @returns {string} what is missing, "" for nothing */
  #missing(note) {
    if (Array.from(note).length > LONGEST) return words.noteLong;
    return this.#accepting.hidden || this.#accept.checked ? "" : strings.tickFirst;
  }
}

/** @param {string} value @param {string} label @param {string} about
 * @param {{checked: boolean, disabled: boolean}} state */
function choice(value, label, about, state) {
  const id = `report-to-${value}`;
  const described = about ? `${id}-about` : null;
  return h(
    "div",
    { class: "choice" },
    h("input", {
      id,
      type: "radio",
      name: "report-to",
      value,
      "aria-describedby": described,
      ...state,
    }),
    h("label", { for: id }, label),
    about && h("p", { id: described, class: "field-hint" }, about),
  );
}

/** @param {string} id @param {string} label @param {HTMLElement} control @param {string} [hint] */
const field = (id, label, control, hint) =>
  h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "control" }, control),
    hint && h("p", { class: "field-hint" }, hint),
  );
