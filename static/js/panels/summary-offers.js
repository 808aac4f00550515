/** The strip above the conversation that offers a summary, or says that one is ready. */

import { announce, byId, h } from "../ui/dom.js";
import { summaryStrings as strings } from "../ui/strings/summary.js";

/** @typedef {import("../conversation/summaries/offer-policy.js").OfferPolicy} Offering */

const JITTER = 6000; // ms; of several browsers that may summarise automatically the first one does
const DEBOUNCE = 1500; // ms after a message before counting what is unread

export class SummaryOffers {
  #place = byId("summary-offer");
  #offering;
  #onOpen;
  #onDue;
  #isOffering = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** The seq of the newest message. */
  newest = 0;

  /**
   * @param {Offering} offering
   * @param {{onOpen: (toAsk: boolean) => void, onDue: () => Promise<unknown>}} callbacks `toAsk`: for a
   *   new one; `onDue`: make one, because that was allowed
   */
  constructor(offering, { onOpen, onDue }) {
    this.#offering = offering;
    this.#onOpen = onOpen;
    this.#onDue = onDue;
  }

  async load() {
    await this.#offering.load();
    await this.#check();
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** @param {number} newest seq */
  setNewest(newest) {
    if (newest <= this.newest) return;
    this.newest = newest;
    this.#schedule(DEBOUNCE, () => this.#check());
  }

  /** Somebody has requested a summary: there may be nothing left to offer. */
  onRoomChanged() {
    if (this.#isOffering && this.newest <= this.#offering.since) this.hide();
  }

  /** @param {number} wait ms @param {() => Promise<unknown>} work */
  #schedule(wait, work) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => work().catch(() => {}), wait); // with the next message
  }

  async #check() {
    const many = await this.#offering.due(this.newest);
    if (many === 0) return;
    if (!this.#offering.allowed) this.#offer(many);
    else this.#schedule(Math.random() * JITTER, () => this.#summariseIfDue());
  }

  async #summariseIfDue() {
    const due = await this.#offering.due(this.newest);
    if (due > 0 && this.#offering.allowed) await this.#onDue();
  }

  /** @param {boolean} on */
  async allow(on) {
    await this.#offering.allow(on);
    announce(on ? strings.summary.allowed : strings.summary.disallowed);
    if (on) await this.#check();
  }

  /** @param {number} many messages */
  #offer(many) {
    const words = strings.summary;
    this.#show(
      words.offer(many),
      button(words.look, "button small", () => this.#open()),
      button(words.notNow, "button quiet small", () => {
        this.hide();
        this.#offering.pass(this.newest);
      }),
    );
    this.#isOffering = true;
  }

  /** A summary is ready while the page is hidden. */
  showReady() {
    const words = strings.summary;
    this.#show(
      words.ready,
      button(words.show, "button small", () => this.#open()),
      button(strings.close, "button quiet small", () => this.hide()),
    );
  }

  #open() {
    const toAsk = this.#isOffering;
    this.hide();
    this.#onOpen(toAsk);
  }

  hide() {
    this.#isOffering = false;
    this.#place.hidden = true;
    this.#place.replaceChildren();
  }

  /** @param {string} text @param {...Node} buttons */
  #show(text, ...buttons) {
    this.#isOffering = false;
    this.#place.hidden = false;
    this.#place.replaceChildren(h("p", {}, text), h("div", { class: "row" }, ...buttons));
  }
}

/** @param {string} label @param {string} kind @param {() => void} onclick */
const button = (label, kind, onclick) =>
  h("button", { class: kind, type: "button", onclick }, label);
