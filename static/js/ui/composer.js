/** The field for messages: grows, sends on Enter, keeps its draft, answers and corrects. */

import { h, icon } from "./dom.js";
import { openEmoji } from "./emoji.js";
import { brief, PREVIEW } from "./limits.js";
import { completeMentions } from "./mentions.js";
import { strings } from "./strings.js";

const TYPING_EVERY = 3000;
const STOPS_AFTER = 5000;
const DRAFT_AFTER = 400;

/**
 * @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem
 * @typedef {{kind: "answer" | "edit", line: TimelineItem}} Mode what the field is for besides new messages
 * @typedef {object} Callbacks
 * @property {(text: string, mode: Mode | null) => Promise<boolean>} onSend whether it is on its
 *   way; otherwise it stands in the field again
 * @property {() => boolean} holdsMore whether there is something to send besides words
 * @property {(on: boolean) => void} onTyping
 * @property {(text: string) => void} onDraft
 * @property {() => void} onLast correct one's own last message
 * @property {() => string[]} names whom one can mention
 */

/** @param {HTMLFormElement} form @param {HTMLTextAreaElement} field @param {Callbacks} callbacks */
export function createComposer(form, field, callbacks) {
  const { onSend, onTyping, onDraft, onLast, names, holdsMore } = callbacks;
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
  const others = /** @type {HTMLButtonElement[]} */ ([...form.querySelectorAll("[type=button]")]);
  const touch = matchMedia("(pointer: coarse)");
  const typing = createTyping(onTyping);
  const bar = h("div", { class: "composer-mode", hidden: true });
  form.before(bar);
  const completion = completeMentions(field, form, names);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let drafting;
  /** @type {Mode | null} */
  let mode = null;
  let sending = false;
  let kept = ""; // what was being written before a correction
  const placeholder = field.placeholder;

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight}px`;
  }

  /** @param {string} text */
  function write(text) {
    field.value = text;
    grow();
  }

  function onInput() {
    grow();
    typing.noted(field.value !== "");
    clearTimeout(drafting);
    if (mode?.kind !== "edit") drafting = setTimeout(() => onDraft(field.value), DRAFT_AFTER);
  }

  /** @param {SubmitEvent} event */
  async function onSubmit(event) {
    event.preventDefault();
    const text = field.value.trim();
    if ((text === "" && !holdsMore()) || field.disabled || sending) return;
    const was = mode;
    typing.noted(false);
    clearTimeout(drafting);
    if (was?.kind !== "edit") {
      write("");
      onDraft("");
    }
    setMode(null);
    field.focus();
    sending = holdsMore(); // words alone never wait for one another
    const sent = await onSend(text, was).finally(() => {
      sending = false;
    });
    if (sent || was?.kind === "edit") return;
    if (field.value === "") write(text);
    setMode(was);
  }

  /** @param {Mode | null} next */
  function setMode(next) {
    if (mode?.kind === "edit") write(kept);
    if (next?.kind === "edit") {
      kept = field.value;
      write(next.line.text);
    }
    mode = next;
    bar.hidden = next === null;
    bar.replaceChildren(...(next ? modeParts(next, () => leave()) : []));
    button.setAttribute(
      "aria-label",
      next?.kind === "edit" ? strings.composer.save : strings.composer.send,
    );
    if (next) field.focus();
  }

  function leave() {
    setMode(null);
    field.focus();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape" && mode) {
      event.preventDefault(); // or the panel closes
      leave();
    } else if (event.key === "ArrowUp" && field.value === "" && !mode) {
      event.preventDefault();
      onLast();
    } else if (event.key === "Enter" && !event.shiftKey && !touch.matches) {
      event.preventDefault();
      form.requestSubmit();
    }
  }

  /** @param {string} text */
  function insert(text) {
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
  }

  const smile = form.querySelector("#composer-emoji");
  smile?.addEventListener("click", () => openEmoji(/** @type {HTMLElement} */ (smile), insert));
  field.addEventListener("input", onInput);
  field.addEventListener("keydown", onKey);
  form.addEventListener("submit", onSubmit);
  return {
    /** @param {string} text */
    fill(text) {
      if (field.value === "") write(text);
    },
    /** @param {string} reason why nothing can be written; "" if it can */
    block(reason) {
      for (const control of [field, button, ...others]) control.disabled = reason !== "";
      field.placeholder = reason || placeholder;
      if (reason) setMode(null);
    },
    focus: () => field.focus(),
    /** Answer or correct a message. @param {Mode} next */
    begin: setMode,
    close() {
      typing.noted(false);
      completion.close();
      field.removeEventListener("input", onInput);
      field.removeEventListener("keydown", onKey);
      form.removeEventListener("submit", onSubmit);
    },
  };
}

/** What stands above the field. @param {Mode} mode @param {() => void} onStop @returns {Node[]} */
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

/** Tells others that somebody writes: at most every few seconds, and once when it ends.
 * @param {(on: boolean) => void} onTyping */
function createTyping(onTyping) {
  let at = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let stopping;
  /** @param {boolean} on */
  const noted = (on) => {
    clearTimeout(stopping);
    if (!on) {
      if (at) onTyping(false);
      at = 0;
      return;
    }
    stopping = setTimeout(() => noted(false), STOPS_AFTER);
    if (Date.now() - at > TYPING_EVERY) {
      at = Date.now();
      onTyping(true);
    }
  };
  return { noted };
}
