/** The user's choice of messages to summarise and how they are sent. Pure. */

import { FEWEST } from "./compose-request.js";

/** @typedef {import("./collect-messages.js").SummaryRange} SummaryRange */
/** @typedef {{range?: string, model?: string, masked?: boolean, anew?: boolean,
 *   here?: boolean}} Change `here`: whether this device picks the lines, and nothing is sent */

const LAST = 100; // messages

export class SummarySelection {
  /** @type {{seq: number, ts: number} | null} the message that the person started from */
  start = null;
  /** @type {string} "" until one is chosen */
  range = "";
  #model = "";
  masked = false;
  anew = false;
  here = false;
  #unreadAfter;

  /** @param {number} unreadAfter seq that was read when the room was opened */
  constructor(unreadAfter) {
    this.#unreadAfter = unreadAfter;
  }

  /** Starts again, from a message or from none. @param {{seq: number, ts: number} | null} start */
  reset(start) {
    this.start = start;
    this.range = start ? "from" : "";
  }

  /** @param {Change} change */
  change({ model, ...rest }) {
    if (model !== undefined) this.#model = model;
    Object.assign(this, rest);
  }

  /** Chooses the usual range, unless one is chosen: unread messages only where they are enough for a
   * summary. @param {number} newest seq */
  chooseUsual(newest) {
    const unread = newest - this.#unreadAfter;
    this.range ||= unread >= FEWEST && this.#unreadAfter > 0 ? "unread" : "since";
  }

  /** Returns the chosen model if the worker has it, else its first. @param {string[]} models */
  model(models) {
    return models.includes(this.#model) ? this.#model : (models[0] ?? "");
  }

  /** @param {string[]} models of the worker @param {string} lang */
  how(models, lang) {
    return { model: this.model(models), lang, masked: this.masked, anew: this.anew };
  }

  /**
   * Returns the messages of the chosen range.
   * @param {number} last seq of the last message that a shared summary is about, or 0
   * @returns {SummaryRange}
   */
  wanted(last) {
    /** @type {Record<string, SummaryRange>} */
    const all = {
      unread: { after: this.#unreadAfter },
      since: { after: last },
      today: { since: new Date().setHours(0, 0, 0, 0) },
      last: { most: LAST },
      from: { after: (this.start?.seq ?? 1) - 1 },
    };
    return all[this.range] ?? all.since;
  }
}
