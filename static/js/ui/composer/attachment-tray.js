/** The files of the next message: chosen, dropped or pasted, shown above the field. */

import { h, icon } from "../dom.js";
import { nameElement } from "../files/attachments.js";
import { briefName } from "../files/file-names.js";
import { lateStrings as strings } from "../strings/late.js";
import { noteOnlyHere } from "../unfinished.js";

const MOST = 10; // files of one message, thumbnails included
const THUMB = 96; // pixels, twice as many as in attachments.css

/** @typedef {{file: File, row: HTMLElement, meter: HTMLProgressElement}} Entry
 * @typedef {{progress: (done: number) => void, signal: AbortSignal, thumbs: boolean}} SendOptions
 *   `thumbs`: whether the message has room for a thumbnail of this file
 * @typedef {{files: File[], problem: string}} UnsentFiles `problem`: why they were not sent */
/**
 * @template Sent
 * @typedef {(file: File, options: SendOptions) => Promise<Sent>} SendFile
 */

export class AttachmentTray {
  #field;
  /** @type {Entry[]} */
  #entries = [];
  #list = h("ul", { class: "tray-list", "aria-label": strings.files.tray });
  #problem = h("p", { class: "field-error", role: "alert" });
  #offer = h("button", { class: "link-button", type: "button", hidden: true });
  #tray = h("div", { class: "tray", hidden: true }, this.#list, this.#problem, this.#offer);
  #chooser = h("input", { type: "file", multiple: true, hidden: true });

  /**
   * @param {HTMLElement} before the tray is placed above it
   * @param {HTMLElement} field takes the focus once files were added
   */
  constructor(before, field) {
    this.#field = field;
    before.before(this.#tray, this.#chooser);
    this.#chooser.addEventListener("change", () => {
      this.add(this.#chooser.files ?? []);
      this.#chooser.value = "";
    });
  }

  /** Files that are neither sent nor being sent, and why they were not. @returns {UnsentFiles} */
  get unsent() {
    const sending = this.#tray.classList.contains("sending");
    const files = sending ? [] : this.#entries.map(({ file }) => file);
    return { files, problem: files.length > 0 ? (this.#problem.textContent ?? "") : "" };
  }

  /** Puts back the files of an earlier visit. @param {UnsentFiles} unsent */
  put({ files, problem }) {
    if (files.length === 0) return;
    this.#problem.textContent = problem;
    this.#entries.push(...files.map((file) => this.#entry(file)));
    this.#draw();
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  /** Takes files that are pasted. Cells of a spreadsheet come as text and as a picture of it, which is
   * offered. @param {File[]} files @param {boolean} beside whether a text comes with them */
  paste(files, beside) {
    this.#offerFiles(beside ? files : []);
    if (files.length > 0 && !beside) this.add(files);
  }

  /** Opens the browser's file dialog. */
  choose = () => this.#chooser.click();

  /** Offers files beside a text that was pasted; none takes the offer away. @param {File[]} files */
  #offerFiles(files) {
    this.#offer.hidden = files.length === 0;
    this.#offer.textContent = files.length > 0 ? strings.files.offer(files.length) : "";
    this.#offer.onclick = () => {
      this.#offerFiles([]);
      this.add(files);
    };
    this.#draw();
  }

  #draw() {
    const silent = this.#problem.textContent === "" && this.#offer.hidden;
    this.#tray.hidden = this.isEmpty && silent;
    this.#list.replaceChildren(...this.#entries.map(({ row }) => row));
  }

  /** Adds files, as many as a message takes. @param {Iterable<File>} files
   * @returns {boolean} whether all of them were added */
  add(files) {
    const all = [...files];
    const some = all.slice(0, MOST - this.#entries.length);
    const left = all.slice(some.length).map(({ name }) => briefName(name));
    this.#problem.textContent = left.length > 0 ? strings.files.most(MOST, left) : "";
    this.#entries.push(...some.map((file) => this.#entry(file)));
    this.#draw();
    this.#field.focus();
    return left.length === 0;
  }

  /** @param {File} file @returns {Entry} */
  #entry(file) {
    const meter = h("progress", {
      max: "1",
      value: "0",
      hidden: true,
      "aria-label": briefName(file.name),
    });
    const label = strings.files.drop(briefName(file.name));
    const remove = h(
      "button",
      { class: "icon-button", type: "button", "aria-label": label },
      icon("close", "small"),
    );
    const picture = h(
      "span",
      { class: "tray-picture" },
      icon(file.type.startsWith("image/") ? "image" : "file", "small"),
    );
    drawThumbnail(file, picture);
    noteOnlyHere(file, true);
    const row = h(
      "li",
      {},
      picture,
      nameElement(file.name),
      h("span", { class: "quiet-text" }, strings.files.size(file.size)),
      meter,
      remove,
    );
    const entry = { file, meter, row };
    remove.addEventListener("click", () => this.#remove(entry));
    return entry;
  }

  /** @param {Entry} entry */
  #remove(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    noteOnlyHere(entry.file, false);
    this.#problem.textContent = "";
    this.#draw();
    this.#field.focus();
  }

  /**
   * Sends all files, one after another. If one fails, all stay in the tray and the reason is shown.
   * @template Sent
   * @param {SendFile<Sent>} send
   * @returns {Promise<Sent[] | null>} null if it failed
   */
  async sendAll(send) {
    const stop = new AbortController();
    const cancel = h("button", { class: "link-button", type: "button" }, strings.cancel);
    cancel.addEventListener("click", () => stop.abort(new Error(strings.files.stopped)));
    this.#problem.textContent = "";
    this.#offerFiles([]);
    this.#list.after(cancel);
    this.#tray.classList.add("sending");
    try {
      const sent = [];
      const spare = MOST - this.#entries.length;
      for (const [at, entry] of this.#entries.entries())
        sent.push(await sendEntry(entry, send, stop.signal, at < spare));
      for (const { file } of this.#entries) noteOnlyHere(file, false);
      this.#entries = [];
      return sent;
    } catch (error) {
      this.#problem.textContent = `${strings.files.notSent} ${error.message}`;
      return null;
    } finally {
      this.#tray.classList.remove("sending");
      cancel.remove();
      for (const { meter } of this.#entries) meter.hidden = true;
      this.#draw();
    }
  }
}

/**
 * @template Sent
 * @param {Entry} entry
 * @param {SendFile<Sent>} send @param {AbortSignal} signal @param {boolean} thumbs
 */
function sendEntry({ file, meter }, send, signal, thumbs) {
  meter.hidden = false;
  const progress = (/** @type {number} */ done) => {
    meter.value = done;
  };
  return send(file, { progress, signal, thumbs });
}

/** Without a thumbnail the icon stays. @param {File} file @param {HTMLElement} place */
async function drawThumbnail(file, place) {
  const { thumbnail } = await import("../files/picture.js").catch(() => ({
    thumbnail: async () => null,
  }));
  const small = await thumbnail(file, THUMB);
  if (small) place.replaceChildren(small);
}
