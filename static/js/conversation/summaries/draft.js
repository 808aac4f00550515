/** A request for a summary before it is sent: what is chosen, what is collected, what would be sent. */

import { FEWEST } from "./compose-request.js";
import { pickLines, written } from "./pick-lines.js";
import { SummarySelection } from "./selection.js";

/** @typedef {import("./collect-messages.js").CollectedMessages} CollectedMessages */
/** @typedef {import("./compose-request.js").SummaryPreview} SummaryPreview */

export class SummaryDraft {
  selection;
  #summaries;
  #lang;
  /** @type {CollectedMessages | null} */
  #collected = null;
  /** @type {WeakMap<object, Map<string, SummaryPreview | null>>} by what was collected, by how it is sent */
  #previews = new WeakMap();
  /** @type {WeakMap<object, string>} by what was collected */
  #picked = new WeakMap();
  /** The reason why the messages could not be collected, "" for none. */
  problem = "";
  /** @type {AbortController | null} */
  #collecting = null;

  /** @param {import("./summaries.js").Summaries} summaries
   * @param {number} unreadAfter seq that was read when the room was opened
   * @param {string} lang of the summary */
  constructor(summaries, unreadAfter, lang) {
    this.#summaries = summaries;
    this.#lang = lang;
    this.selection = new SummarySelection(unreadAfter);
  }

  get #models() {
    return this.#summaries.worker?.models ?? [];
  }

  /** The chosen model of the worker. */
  get model() {
    return this.selection.model(this.#models);
  }

  /** The last shared summary that can be read ends here. @returns {number} seq, 0 for none */
  get #lastSummarised() {
    return this.#summaries.shared.find(({ why }) => why === "")?.to ?? 0;
  }

  get #wanted() {
    return this.selection.wanted(this.#lastSummarised);
  }

  /** Tells whether nothing is collected, under way or failed. */
  get isEmpty() {
    return !this.#collected && !this.problem && !this.#collecting;
  }

  /** Drops what was collected. */
  drop() {
    this.#collected = null;
  }

  /** Ends what is being collected. */
  stop() {
    this.#collecting?.abort();
    this.#collecting = null;
  }

  /** Reads the messages of the chosen range. @param {() => void} onChanged told when it begins and ends,
   * unless it is stopped */
  async collect(onChanged) {
    const collecting = new AbortController();
    this.#collecting = collecting;
    this.#collected = null;
    this.problem = "";
    onChanged();
    try {
      const collected = await this.#summaries.gather(this.#wanted, collecting.signal);
      if (collecting.signal.aborted) return;
      this.#collected = collected;
    } catch (error) {
      if (collecting.signal.aborted) return;
      this.problem = error.message;
    }
    this.#collecting = null;
    onChanged();
  }

  /** Returns what would be sent. Computed once per choice: it may contain thousands of messages.
   * @returns {SummaryPreview | null} */
  preview(anew = this.selection.anew) {
    const collected = this.#collected;
    if (!collected) return null;
    const how = { ...this.selection.how(this.#models, this.#lang), anew };
    const name = JSON.stringify(how);
    const known = this.#previews.get(collected) ?? new Map();
    this.#previews.set(collected, known);
    if (!known.has(name)) known.set(name, this.#summaries.preview(collected, this.#wanted, how));
    return known.get(name);
  }

  /** The messages that are collected. */
  get collected() {
    return this.#collected;
  }

  /** Returns what this device picks of the messages, "" for nothing. Computed once. */
  get picked() {
    const collected = this.#collected;
    if (!collected || collected.said.length < FEWEST) return "";
    const known = this.#picked.get(collected) ?? written(pickLines(collected.said));
    this.#picked.set(collected, known);
    return known;
  }

  /** Returns the reason why there is no preview.
   * @returns {"failed" | "gathering" | "none" | "few"} */
  missingReason() {
    if (this.problem) return "failed";
    if (!this.#collected) return "gathering";
    const after = this.#wanted.after ?? 0;
    const seen = this.#summaries.shared.some(({ why, to }) => why === "" && to >= after);
    return after > 0 && seen && this.#collected.said.length === 0 ? "none" : "few";
  }

  /** Returns what a summary of everything since the last one would send. Leaves what is collected.
   * @returns {Promise<SummaryPreview | null>} */
  async previewSinceLast() {
    const wanted = { after: this.#lastSummarised };
    const collected = await this.#summaries.gather(wanted);
    const how = { model: this.model, lang: this.#lang, masked: false, anew: false };
    return this.#summaries.preview(collected, wanted, how);
  }
}
