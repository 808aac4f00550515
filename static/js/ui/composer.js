/** The field for messages: grows, sends on Enter, keeps its draft, replies and edits. */

import { h, icon } from "./dom.js";
import { brief, PREVIEW } from "./limits.js";
import { loadPart } from "./load-part.js";
import { MentionCompletion } from "./mentions.js";
import { strings } from "./strings.js";
import { TypingNotifier } from "./typing-notifier.js";

const DRAFT_DEBOUNCE = 400; // ms

/**
 * @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem
 * @typedef {{kind: "answer" | "edit", line: TimelineItem}} Mode what the field is for besides new
 *   messages
 * @typedef {object} Callbacks
 * @property {(text: string, mode: Mode | null) => Promise<boolean>} onSend resolves to true if the
 *   message was queued; otherwise the text returns to the field
 * @property {() => boolean} hasAttachments whether there is something to send besides words
 * @property {(on: boolean) => void} onTyping
 * @property {(text: string) => void} onDraft
 * @property {() => void} onEditLast
 * @property {() => import("./mentions.js").Mentionable[]} people who can be mentioned
 */

export class Composer {
  #form;
  #field;
  #callbacks;
  #submit;
  #buttons;
  #placeholder;
  #touch = matchMedia("(pointer: coarse)");
  #bar = h("div", { class: "composer-mode", hidden: true });
  #typing;
  #completion;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #drafting;
  /** @type {Mode | null} */
  #mode = null;
  #sending = false;
  #beforeEdit = ""; // the text that an edit replaced
  #editKept = ""; // an edit that was interrupted

  /** @param {HTMLFormElement} form @param {HTMLTextAreaElement} field @param {Callbacks} callbacks */
  constructor(form, field, callbacks) {
    this.#form = form;
    this.#field = field;
    this.#callbacks = callbacks;
    this.#placeholder = field.placeholder;
    this.#submit = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
    this.#buttons = /** @type {HTMLButtonElement[]} */ ([
      ...form.querySelectorAll("[type=button]"),
    ]);
    this.#typing = new TypingNotifier(callbacks.onTyping);
    form.before(this.#bar);
    this.#completion = new MentionCompletion(field, form, callbacks.people);
    /** @type {HTMLElement | null} */
    const emoji = form.querySelector("#composer-emoji");
    emoji?.addEventListener("click", async () => {
      const picker = await loadPart(() => import("./emoji.js"));
      picker?.openEmoji(emoji, (text) => this.#insert(text));
    });
    field.addEventListener("input", this.#onInput);
    field.addEventListener("keydown", this.#onKey);
    form.addEventListener("submit", this.#onSubmit);
  }

  /** Writes a draft into an empty field. @param {string} text */
  fill(text) {
    if (this.#field.value === "") this.#write(text);
  }

  /** Disables the field. @param {string} reason shown in it; "" enables the field */
  block(reason) {
    const blocked = reason !== "";
    for (const control of [this.#field, this.#submit, ...this.#buttons]) control.disabled = blocked;
    this.#field.placeholder = reason || this.#placeholder;
    if (!blocked) this.#editKept = "";
    else if (this.#mode) this.#interrupt();
    if (blocked) this.#saveDraft();
  }

  /** Saves at once what would be saved in a moment: the page may be left. */
  #saveDraft() {
    if (this.#drafting === undefined) return;
    clearTimeout(this.#drafting);
    this.#drafting = undefined;
    this.#callbacks.onDraft(this.#field.value);
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

  focus() {
    this.#field.focus();
  }

  /** Starts a reply or an edit; null ends it. @param {Mode | null} next */
  setMode(next) {
    if (this.#mode?.kind === "edit") this.#write(this.#beforeEdit);
    if (next?.kind === "edit") {
      this.#beforeEdit = this.#field.value;
      this.#write(next.line.text);
    }
    this.#mode = next;
    this.#bar.hidden = next === null;
    this.#bar.replaceChildren(...(next ? modeParts(next, () => this.#leaveMode()) : []));
    const { save, send } = strings.composer;
    this.#submit.setAttribute("aria-label", next?.kind === "edit" ? save : send);
    if (next) this.focus();
  }

  #leaveMode() {
    this.setMode(null);
    this.focus();
  }

  close() {
    this.#saveDraft();
    this.#typing.set(false);
    this.#completion.close();
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
  }

  /** @param {string} text */
  #insert(text) {
    const field = this.#field;
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
  }

  #onInput = () => {
    this.#grow();
    this.#typing.set(this.#field.value !== "");
    clearTimeout(this.#drafting);
    this.#drafting = undefined;
    if (this.#mode?.kind === "edit") return;
    this.#drafting = setTimeout(() => this.#saveDraft(), DRAFT_DEBOUNCE);
  };

  /** @param {SubmitEvent} event */
  #onSubmit = async (event) => {
    event.preventDefault();
    const { hasAttachments, onDraft } = this.#callbacks;
    const text = this.#field.value.trim();
    const empty = text === "" && !hasAttachments();
    if (empty || this.#field.disabled || this.#sending) return;
    const mode = this.#mode;
    const isEdit = mode?.kind === "edit";
    this.#typing.set(false);
    clearTimeout(this.#drafting);
    this.#drafting = undefined;
    if (!isEdit) {
      this.#write("");
      onDraft("");
    }
    this.setMode(null);
    this.focus();
    if ((await this.#send(text, mode)) || isEdit) return;
    if (this.#field.value === "") this.#write(text);
    this.setMode(mode);
  };

  /** @param {string} text @param {Mode | null} mode */
  async #send(text, mode) {
    this.#sending = this.#callbacks.hasAttachments(); // only files make it wait
    try {
      return await this.#callbacks.onSend(text, mode);
    } finally {
      this.#sending = false;
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (event.isComposing || event.defaultPrevented) return;
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

/** The bar above the field. @param {Mode} mode @param {() => void} onStop @returns {Node[]} */
function modeParts({ kind, line }, onStop) {
  const words = strings.composer;
  const title = kind === "edit" ? words.editing : words.answering(line.author.name);
  return [
    icon(kind === "edit" ? "edit" : "reply", "small"),
    h("b", {}, title),
    h("span", { class: "composer-mode-text" }, brief(line.text, PREVIEW)),
    h(
      "button",
      {
        class: "icon-button",
        type: "button",
        "aria-label": words.stop,
        title: words.stop,
        onclick: onStop,
      },
      icon("close", "small"),
    ),
  ];
}
