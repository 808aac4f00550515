/** Changes the text of a field as if it were typed, so that the browser can undo it. */

/** @typedef {HTMLTextAreaElement | HTMLInputElement} Field */

/**
 * Replaces a part of a field's text; the cursor stands behind it.
 * @param {Field} field @param {string} text @param {number} [begin] the selection by default
 * @param {number} [end]
 */
export function insertText(field, text, begin, end) {
  field.focus();
  const [from, to] = [begin ?? field.selectionStart ?? 0, end ?? field.selectionEnd ?? 0];
  field.setSelectionRange(from, to);
  if (document.activeElement === field && typed(text, from === to)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Types into the field that has the focus; one that cannot take it, as in a closed dialog, would
 * have the text land elsewhere. @param {string} text @param {boolean} empty no text is selected */
function typed(text, empty) {
  if (text === "") return empty || document.execCommand("delete");
  return document.execCommand("insertText", false, text);
}

/**
 * Puts marks around the selection, or takes them away where they stand there.
 * @param {Field} field @param {string} before @param {string} [after]
 */
export function wrapSelection(field, before, after = before) {
  const [begin, end] = [field.selectionStart ?? 0, field.selectionEnd ?? 0];
  const { value } = field;
  const inside = value.slice(begin, end);
  const outer = value.slice(begin - before.length, begin) === before;
  if (outer && value.slice(end, end + after.length) === after) {
    insertText(field, inside, begin - before.length, end + after.length);
    field.setSelectionRange(begin - before.length, end - before.length);
    return;
  }
  insertText(field, before + inside + after, begin, end);
  field.setSelectionRange(begin + before.length, end + before.length);
}

/**
 * Puts a mark at the beginning of each selected line.
 * @param {Field} field @param {(line: number) => string} mark by the number of the line, from 0
 */
export function markLines(field, mark) {
  const [first, last] = [field.selectionStart ?? 0, field.selectionEnd ?? 0];
  const begin = field.value.lastIndexOf("\n", first - 1) + 1;
  const next = field.value.indexOf("\n", last);
  const end = next < 0 ? field.value.length : next;
  const lines = field.value.slice(begin, end).split("\n");
  insertText(field, lines.map((line, at) => mark(at) + line).join("\n"), begin, end);
}
