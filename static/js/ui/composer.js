/** The field for new messages: grows, sends on Enter, keeps its draft. */

const TYPING_EVERY = 3000;
const STOPS_AFTER = 5000;
const DRAFT_AFTER = 400;

/**
 * @param {HTMLFormElement} form @param {HTMLTextAreaElement} field
 * @param {object} callbacks
 * @param {(text: string) => void} callbacks.onSend
 * @param {(on: boolean) => void} callbacks.onTyping
 * @param {(text: string) => void} callbacks.onDraft
 */
export function createComposer(form, field, { onSend, onTyping, onDraft }) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const touch = matchMedia("(pointer: coarse)");
  let typedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let stopping;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let drafting;
  const placeholder = field.placeholder;

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight}px`;
  }

  function stopTyping() {
    clearTimeout(stopping);
    if (typedAt) onTyping(false);
    typedAt = 0;
  }

  function onInput() {
    grow();
    clearTimeout(drafting);
    drafting = setTimeout(() => onDraft(field.value), DRAFT_AFTER);
    if (field.value === "") return stopTyping();
    clearTimeout(stopping);
    stopping = setTimeout(stopTyping, STOPS_AFTER);
    if (Date.now() - typedAt > TYPING_EVERY) {
      typedAt = Date.now();
      onTyping(true);
    }
  }

  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    event.preventDefault();
    const text = field.value.trim();
    if (text === "" || field.disabled) return;
    field.value = "";
    clearTimeout(drafting);
    onDraft("");
    stopTyping();
    grow();
    onSend(text);
    field.focus();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch.matches) return;
    event.preventDefault();
    form.requestSubmit();
  }

  field.addEventListener("input", onInput);
  field.addEventListener("keydown", onKey);
  form.addEventListener("submit", onSubmit);
  return {
    /** @param {string} text */
    fill(text) {
      if (field.value === "") field.value = text;
      grow();
    },
    /** @param {string} reason why nothing can be written; "" if it can */
    block(reason) {
      field.disabled = reason !== "";
      button.disabled = reason !== "";
      field.placeholder = reason || placeholder;
    },
    focus: () => field.focus(),
    close() {
      stopTyping();
      field.removeEventListener("input", onInput);
      field.removeEventListener("keydown", onKey);
      form.removeEventListener("submit", onSubmit);
    },
  };
}
