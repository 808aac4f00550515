/** The form of a room's name and topic. */

import { attempt, troublePlace } from "../dialog.js";
import { h } from "../dom.js";
import { isInvisible } from "../people/names.js";
import { lateStrings as strings } from "../strings/late.js";

/**
 * @param {{name: string, topic: string, onSave: (about: {name: string, topic: string}) =>
 *   Promise<unknown>}} about
 * @returns {Node[]}
 */
export function roomNamePanel({ name, topic, onSave }) {
  const trouble = troublePlace();
  const [nameField, nameInput] = field("room-name", strings.roomName, name, 80);
  const [topicField, topicInput] = field("room-about", strings.roomTopic, topic, 200);
  const save = h("button", { class: "button wide", type: "submit" }, strings.save);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const about = { name: nameInput.value.trim(), topic: topicInput.value.trim() };
    if (isInvisible(about.name)) return nameInput.focus();
    attempt(save, () => onSave(about), trouble, { done: strings.saved });
  };
  const form = h(
    "form",
    { class: "stack", onsubmit: submit },
    nameField,
    topicField,
    save,
    trouble,
  );
  return [h("section", {}, form)];
}

/** @param {string} id @param {string} label @param {string} value @param {number} most
 * @returns {[HTMLElement, HTMLInputElement]} */
function field(id, label, value, most) {
  // This page never writes a longer one; a hostile member may, to slow others down.
  const start = value.slice(0, most);
  const input = h("input", { id, value: start, maxlength: most, autocomplete: "off", dir: "auto" });
  const node = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "control" }, input),
  );
  return [node, input];
}
