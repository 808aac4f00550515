/**
 * A search: field, operators, progress, hits. Unchanged hits keep their elements, and so the focus.
 * Arrow keys move from the field through the hits and back; Enter opens a hit.
 */

import { insertText } from "../composer/text-input.js";
import { h, icon, isComposing } from "../dom.js";
import { searchStrings as strings } from "../strings/search.js";
import { completed, createChoices } from "./completion.js";
import { createProgress, helpFor, orderSwitch } from "./controls.js";
import { hitElement } from "./hit.js";

/** @typedef {"newest" | "relevance"} Order */
/** @typedef {import("./hit.js").Hit} Hit */
/**
 * @typedef {object} Found
 * @property {"idle" | "busy" | "rest" | "stopped"} state
 * @property {string[]} notes what is wrong with the query
 * @property {Hit[]} hits
 * @property {string[]} suggestions what may have been meant
 * @property {boolean} done
 * @property {{searched: number, total: number, all: number}} progress messages; `all` rooms
 * @property {{room: string, message: string}[]} failures
 *
 * @typedef {object} SearchCallbacks
 * @property {(text: string, order: Order) => void} onQuery it was changed
 * @property {() => void} onNow what was typed is to be looked for at once
 * @property {(hit: Hit) => void} onGo
 * @property {() => void} onMore also after a stop
 * @property {() => void} onStop
 * @property {(text: string) => void} onSuggestion
 */

let count = 0; // of views on this page: their controls need distinct ids

export class SearchView {
  #callbacks;
  #field;
  #order;
  #choices;
  #status;
  #notes = h("div", { class: "search-notes" });
  #progress;
  #list;
  #meant = h("p", { class: "search-meant", hidden: true });
  #after = h("div", { class: "search-after" });
  #help;
  #intro = h("p", { class: "quiet-text search-intro" }, strings.search.intro);
  /** @type {Map<string, {signature: string, element: HTMLElement}>} by key */
  #drawn = new Map();
  node;

  /**
   * @param {{label: string, operators: [string, string][], people?: (typed: string) => string[],
   *   above?: Node, below?: Node}} about `people` are names that what is typed may mean;
   *   `above` is placed between the field and the hits, `below` at the end
   * @param {SearchCallbacks} callbacks
   */
  constructor({ label, operators, people = () => [], above, below }, callbacks) {
    count += 1;
    const id = `search-${count}`;
    this.#callbacks = callbacks;
    this.#field = searchField(id, label);
    this.#choices = createChoices(people, (value) => this.#complete(value));
    this.#order = orderSwitch(id, () => this.#query());
    this.#status = h("p", { class: "search-status", id: `${id}-status`, role: "status" });
    this.#progress = createProgress(callbacks);
    const hits = strings.search.hits;
    this.#list = h("ol", { class: "search-hits", id: `${id}-hits`, "aria-label": hits });
    this.#help = helpFor(operators, (operator) => this.#addOperator(operator));
    const control = h("div", { class: "control search-control" }, icon("search"), this.#field);
    const form = h(
      "form",
      { class: "search-form", role: "search", onsubmit: (event) => this.#onSubmit(event) },
      control,
      this.#choices.node,
      this.#order.node,
    );
    const parts = [
      this.#status,
      this.#notes,
      this.#meant,
      this.#progress.node,
      this.#list,
      this.#after,
    ];
    const end = [this.#intro, this.#help, below];
    this.node = h("div", { class: "search" }, form, above, ...parts, ...end);
    this.#field.addEventListener("input", () => this.#query());
    this.node.addEventListener("keydown", (event) => walk(event, this.#field, this.#list));
  }

  focus() {
    this.#field.focus();
    this.#field.select();
  }

  get text() {
    return this.#field.value;
  }

  /** @param {string} text */
  set text(text) {
    this.#type(text);
  }

  /** Writes into the field so that it can be undone. @param {string} text */
  #type(text) {
    insertText(this.#field, text, 0, this.#field.value.length);
  }

  /** Focuses the first hit. */
  focusFirst() {
    focusIn(this.#list.firstElementChild);
  }

  /** Sets the text that is shown before a search. @param {string} text */
  introduce(text) {
    this.#intro.textContent = text;
  }

  /** @param {Found} found */
  update(found) {
    const idle = found.state === "idle";
    if (idle !== (this.node.dataset.state === "idle")) this.#help.open = idle;
    this.node.dataset.state = found.state;
    this.#notes.replaceChildren(...found.notes.map((text) => h("p", { class: "notice" }, text)));
    this.#drawHits(found.hits);
    this.#progress.update(found);
    const text = statusOf(found);
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.#suggest(found.suggestions);
    this.#after.replaceChildren(...afterHits(found, this.#callbacks));
  }

  /** @param {string[]} texts */
  #suggest(texts) {
    this.#meant.hidden = texts.length === 0;
    const choices = texts.map((text) => {
      const onclick = () => this.#callbacks.onSuggestion(text);
      return h("button", { class: "link-button", type: "button", dir: "auto", onclick }, text);
    });
    this.#meant.replaceChildren(strings.search.meant, ...choices.flatMap((one) => [" ", one]));
  }

  #query() {
    this.#choices.update(this.#field.value);
    this.#callbacks.onQuery(this.#field.value, this.#order.value());
  }

  /** @param {string} value of the operator at the end */
  #complete(value) {
    this.#type(completed(this.#field.value, value));
  }

  /** @param {Event} event */
  #onSubmit(event) {
    event.preventDefault();
    this.#callbacks.onNow();
  }

  /** @param {string} operator */
  #addOperator(operator) {
    this.#type(`${this.#field.value.trim()} ${operator}`.trim());
  }

  /** @param {Hit[]} hits */
  #drawHits(hits) {
    const list = this.#list;
    this.#drawn = new Map(hits.map((hit) => [hit.key, this.#keepOrMake(hit)]));
    /** @type {Element[]} */
    const wanted = [...this.#drawn.values()].map(({ element }) => element);
    for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
    for (const [at, element] of wanted.entries()) {
      if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
    }
  }

  /** @param {Hit} hit */
  #keepOrMake(hit) {
    const signature = JSON.stringify(hit);
    const before = this.#drawn.get(hit.key);
    if (before?.signature === signature) return before;
    const element = hitElement(hit, this.#callbacks.onGo);
    if (before?.element.contains(document.activeElement)) queueMicrotask(() => focusIn(element));
    return { signature, element };
  }
}

/** @param {string} id @param {string} label */
const searchField = (id, label) =>
  h("input", {
    type: "search",
    id,
    class: "search-field",
    "data-key": id,
    "aria-label": label,
    placeholder: label,
    "aria-controls": `${id}-hits`,
    "aria-describedby": `${id}-status`,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    enterkeyhint: "search",
    maxlength: 200,
    dir: "auto",
  });

/** @param {Element | null | undefined} element */
const focusIn = (element) => /** @type {HTMLElement} */ (element?.querySelector("a"))?.focus();

/** The status that is announced once a search pauses, rather than at every step.
 * @param {Found} found */
function statusOf({ state, hits, progress, notes, failures }) {
  const { searched, total, all } = progress;
  if (state === "rest" && (total > 0 || notes.length + failures.length === 0))
    return strings.search.searched(hits.length, searched, total, all);
  return state === "stopped" ? strings.search.stopped(hits.length, searched, total, all) : "";
}

/** @param {Found} found @param {SearchCallbacks} callbacks @returns {Node[]} */
function afterHits({ state, hits, done, failures, notes }, { onMore }) {
  const failed = failures.map(({ room, message }) =>
    h("p", { class: "notice danger", role: "alert" }, `${strings.search.failed(room)} ${message}`),
  );
  const again = failures.length > 0 && state !== "busy" && button(strings.tryAgain, onMore);
  const further = state === "rest" && !done && button(strings.search.more, onMore);
  const goOn = state === "stopped" && button(strings.search.goOn, onMore);
  const empty = state === "rest" && hits.length + failures.length + notes.length === 0 && done;
  return [
    ...failed,
    again,
    further,
    goOn,
    empty && h("p", { class: "search-none" }, strings.search.noneText),
  ].filter((node) => node !== false);
}

/** @param {string} text @param {() => void} onclick */
const button = (text, onclick) =>
  h("button", { class: "button quiet wide", type: "button", onclick }, text);

/** @param {KeyboardEvent} event @param {HTMLInputElement} field @param {HTMLElement} list */
function walk(event, field, list) {
  const links = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("a.hit")]);
  const at = links.indexOf(/** @type {HTMLElement} */ (event.target));
  if (at < 0 && event.target !== field) return;
  const to = /** @type {Record<string, HTMLElement | undefined>} */ ({
    ArrowDown: links[at + 1],
    ArrowUp: at === 0 ? field : links[at - 1],
    Home: at < 0 ? undefined : links[0],
    End: at < 0 ? undefined : links.at(-1),
  })[event.key];
  if (!to || isComposing(event) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  to.focus();
}
