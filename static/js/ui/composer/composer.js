/** The field for messages: grows, sends on Enter, keeps its draft, replies and edits. */

import { isComposing } from "../dom.js";
import { loadPart } from "../load-part.js";
import { isInvisible } from "../people/names.js";
import { strings } from "../strings.js";

export const LONGEST = 20_000; // characters of a message

/** @typedef {import("../types.js").Draft} Draft */
/** @typedef {import("../types.js").Mode} Mode */
/** @typedef {import("../types.js").Outcome} Outcome */
/** @typedef {import("../types.js").ComposerCallbacks} Callbacks */

export class Composer {
  #form;
  #field;
  #callbacks;
  #submit;
  #buttons;
  #placeholder;
  #touch = matchMedia("(pointer: coarse)");
  /** @type {import("./notes.js").ComposerNotes | null} loaded with the first of them */
  #notes = null;
  /** @type {[text: string, file: boolean]} why the text cannot be sent, and whether it may be as a file */
  #problem = ["", false];
  /** @type {import("./typing-notifier.js").TypingNotifier | null} loaded with the help */
  #typing = null;
  /** @type {Promise<import("./help.js").ComposerHelp> | null} */
  #help = null;
  #closed = false;
  /** @type {Mode | null} */
  #mode = null;
  #sending = false;
  #leaving;
  #beforeEdit = ""; // the text that an edit replaced
  #editKept = ""; // an edit that was interrupted

  /** @param {HTMLFormElement} form @param {HTMLTextAreaElement} field @param {Callbacks} callbacks
   * @param {{text: string}[]} [leaving] texts that are being sent and not queued yet, also by the
   *   composers of earlier visits */
  constructor(form, field, callbacks, leaving = []) {
    this.#leaving = leaving;
    this.#form = form;
    this.#field = field;
    this.#callbacks = callbacks;
    this.#placeholder = field.placeholder;
    this.#submit = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
    this.#buttons = /** @type {HTMLButtonElement[]} */ ([
      ...form.querySelectorAll("[type=button]"),
    ]);
    /** @type {HTMLElement | null} */
    const emoji = form.querySelector("#composer-emoji");
    emoji?.addEventListener("click", () => this.#openEmoji(emoji));
    field.addEventListener("focus", this.#onFocus);
    if (document.activeElement === field) this.#onFocus();
    field.addEventListener("input", this.#onInput);
    field.addEventListener("keydown", this.#onKey);
    form.addEventListener("submit", this.#onSubmit);
  }

  /** All that is in the field, and what it is for. @returns {Draft} */
  get draft() {
    const texts = [...this.#leaving.map(({ text }) => text), this.#field.value];
    const text = texts.filter(Boolean).join("\n");
    if (!this.#mode) return { text };
    const { kind, line } = this.#mode;
    const { seq, id, mentions, author, ts } = line;
    const named = { seq, id, text: line.text, mentions, author: { name: author.name }, ts };
    const mode = { kind, line: named };
    return { text, mode, ...(kind === "edit" && { before: this.#beforeEdit }) };
  }

  /** Puts a draft into the field, in place of what is there. @param {Draft} draft */
  restore({ text, mode = null, before = "" }) {
    this.#beforeEdit = before;
    this.#showMode(mode);
    if (this.#field.value !== text) this.#write(text);
  }

  /** Puts a text into an empty field and the focus behind it, as if it had not been sent.
   * @param {string} text @param {Mode | null} mode */
  takeBack(text, mode) {
    this.restore({ text, mode });
    this.focus();
    this.#save();
  }

  /** Disables the field. @param {string} reason shown in it; "" enables the field */
  block(reason) {
    const blocked = reason !== "";
    for (const control of [this.#field, this.#submit, ...this.#buttons]) control.disabled = blocked;
    this.#field.placeholder = reason || this.#placeholder;
    if (!blocked) this.#editKept = "";
    else if (this.#mode) this.#interrupt();
  }

  /** The unsent words: a new message, and an edit that was interrupted. */
  get written() {
    const editing = this.#mode?.kind === "edit";
    const texts = editing
      ? [this.#beforeEdit, this.#field.value]
      : [this.#field.value, this.#editKept];
    return texts.filter(Boolean).join("\n\n");
  }

  #interrupt() {
    if (this.#mode?.kind === "edit") this.#editKept = this.#field.value;
    this.setMode(null);
  }

  /** Ends an answer or a correction whose message is gone meanwhile. What was written stays, and says why.
   * @param {(line: import("../types.js").ModeLine) => boolean} isGone */
  loseTarget(isGone) {
    if (!this.#mode || !isGone(this.#mode.line)) return;
    const { kind, line } = this.#mode;
    const written = this.#field.value;
    const edited = kind === "edit" && written === line.text ? "" : written; // its own words go with it
    const texts = kind === "edit" ? [this.#beforeEdit, edited] : [written];
    this.restore({ text: texts.filter(Boolean).join("\n\n") });
    this.#say(strings.composer.targetGone[kind]);
    this.#save();
  }

  focus() {
    this.#field.focus();
  }

  /** Shows or hides the buttons that set marks. */
  toggleFormatting = async () => {
    (await loadPart(() => this.#loadHelp()))?.toggleFormatting();
  };

  /** Without help one can write all the same; the next focus tries again. */
  #onFocus = () => {
    this.#loadHelp().catch(() => {});
  };

  #loadHelp() {
    this.#help ??= this.#startHelp().catch((error) => {
      this.#help = null;
      throw error;
    });
    return this.#help;
  }

  async #startHelp() {
    const { ComposerHelp, TypingNotifier } = await import("./help.js");
    if (!this.#closed) this.#typing = new TypingNotifier(this.#callbacks.onTyping);
    const help = new ComposerHelp(this.#field, this.#form, this.#callbacks.people);
    if (this.#closed) help.close();
    return help;
  }

  /** @param {HTMLElement} button */
  async #openEmoji(button) {
    const picker = await loadPart(() => import("./emoji.js"));
    const { insertText } = await import("./text-input.js");
    picker?.openEmoji(button, (text) => insertText(this.#field, text));
  }

  /** Starts a reply or an edit; null ends it. @param {Mode | null} next */
  setMode(next) {
    if (this.#mode === next) return;
    if (this.#mode?.kind === "edit") this.#write(this.#beforeEdit);
    if (next?.kind === "edit") {
      this.#beforeEdit = this.#field.value;
      this.#write(next.line.text);
    }
    this.#showMode(next);
    if (next) this.focus();
    this.#save();
  }

  /** @param {Mode | null} mode */
  #showMode(mode) {
    this.#mode = mode;
    if (this.#notes) this.#notes.showMode(mode, this.#leaveMode);
    else if (mode) loadPart(() => this.loadNotes());
    const { save, send } = strings.composer;
    this.#submit.setAttribute("aria-label", mode?.kind === "edit" ? save : send);
  }

  /** Loads and shows what stands above the field: what it is for, and why its text cannot be sent. */
  async loadNotes() {
    const { ComposerNotes } = await import("./notes.js");
    this.#notes ??= new ComposerNotes(this.#form, () => this.#sendAsFile());
    this.#notes.showMode(this.#mode, this.#leaveMode);
    this.#notes.say(...this.#problem);
  }

  /** Says why a text cannot be sent; "" takes that away.
   * @param {string} text @param {boolean} [file] whether it may be sent as a file */
  #say(text, file = false) {
    this.#problem = [text, file];
    if (this.#notes) this.#notes.say(text, file);
    else if (text) loadPart(() => this.loadNotes());
  }

  #leaveMode = () => {
    this.setMode(null);
    this.focus();
  };

  close() {
    this.#typing?.set(false);
    this.#closed = true;
    this.#help?.then((help) => help.close()).catch(() => {});
    this.#field.removeEventListener("focus", this.#onFocus);
    this.#field.removeEventListener("input", this.#onInput);
    this.#field.removeEventListener("keydown", this.#onKey);
    this.#form.removeEventListener("submit", this.#onSubmit);
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#field.style.blockSize = "auto";
    this.#field.style.blockSize = `${this.#field.scrollHeight}px`;
  }

  /** @param {string} text */
  #write(text) {
    this.#field.value = text;
    this.#grow();
    this.#checkLength();
  }

  #save() {
    if (!this.#field.disabled) this.#callbacks.onDraft(this.draft);
  }

  /** Says how far a text is too long. @returns {boolean} whether it can be sent */
  #checkLength() {
    const { length } = this.#field.value;
    const fits = length <= LONGEST;
    const text = fits ? "" : strings.composer.tooLong(length, LONGEST);
    this.#say(text, this.#mode?.kind !== "edit");
    return fits;
  }

  async #sendAsFile() {
    const part = await loadPart(() => import("./text-input.js"));
    if (!part) return;
    const text = this.#field.value;
    const file = new File([text], strings.composer.fileName, { type: "text/plain" });
    const taken = await this.#callbacks.onFile(file);
    if (!taken || !this.#field.value.startsWith(text)) return; // the text stays where it is
    part.insertText(this.#field, "", 0, text.length);
  }

  #onInput = () => {
    this.#grow();
    this.#checkLength();
    this.#typing?.set(this.#field.value !== "");
    this.#save();
  };

  /** @param {SubmitEvent} event */
  #onSubmit = async (event) => {
    event.preventDefault();
    const text = withoutBlankLines(this.#field.value);
    if (this.#field.disabled || this.#sending) return;
    if (isInvisible(text) && !this.#callbacks.hasAttachments()) {
      if (text !== "") this.#say(strings.composer.invisible);
      return;
    }
    if (!this.#checkLength()) return;
    const mode = this.#mode;
    this.#typing?.set(false);
    const leaving = { text };
    this.#leaving.push(leaving);
    this.#clearSent(mode);
    this.focus();
    const sent = await this.#send(text, mode);
    this.#leaving.splice(this.#leaving.indexOf(leaving), 1);
    this.#callbacks.onSettled({ text, mode, ...sent });
  };

  /** Gives a text back that was not queued, and keeps what is in the field now.
   * @param {Outcome} outcome */
  settle({ text, mode, queued, problem }) {
    if (!queued) this.#giveBack(text, mode);
    if (problem) this.#say(strings.composer.notQueued(problem));
    this.#save();
  }

  /** Leaves the field as it is after a message: the draft stays until that is queued.
   * @param {Mode | null} mode */
  #clearSent(mode) {
    this.#write(mode?.kind === "edit" ? this.#beforeEdit : "");
    this.#showMode(null);
  }

  /** A text that was not sent returns, before what was typed meanwhile.
   * @param {string} text @param {Mode | null} mode */
  #giveBack(text, mode) {
    const typed = this.#field.value;
    if (mode?.kind === "edit") this.#beforeEdit = typed;
    this.#write(mode?.kind === "edit" ? text : [text, typed].filter(Boolean).join("\n"));
    this.#showMode(mode);
  }

  /** @param {string} text @param {Mode | null} mode
   * @returns {Promise<{queued: boolean, problem: string}>} */
  async #send(text, mode) {
    this.#sending = this.#callbacks.hasAttachments(); // only files make it wait
    try {
      return { queued: await this.#callbacks.onSend(text, mode), problem: "" };
    } catch (error) {
      return { queued: false, problem: error.message };
    } finally {
      this.#sending = false;
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (isComposing(event) || event.defaultPrevented) return;
    if (event.key === "Escape" && this.#mode) {
      event.preventDefault(); // or the panel closes
      this.#leaveMode();
    } else if (event.key === "ArrowUp" && this.#field.value === "" && !this.#mode) {
      event.preventDefault();
      this.#callbacks.onEditLast();
    } else if (event.key === "Enter" && !event.shiftKey && !this.#touch.matches) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
  };
}

/** A text as it was typed but for blank lines at its ends. @param {string} text */
export function withoutBlankLines(text) {
  const lines = text.split("\n");
  let [begin, end] = [0, lines.length];
  while (begin < end && lines[begin].trim() === "") begin += 1;
  while (end > begin && lines[end - 1].trim() === "") end -= 1;
  return lines.slice(begin, end).join("\n");
}
