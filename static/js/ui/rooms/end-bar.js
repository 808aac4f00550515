/** The bar in the composer's place: what happened, what is kept, what to do, and the unsent words. */

import { ask, attempt, troublePlace } from "../dialog.js";
import { announce, h, icon } from "../dom.js";
import { brief, PREVIEW } from "../limits.js";
import { lateStrings as strings } from "../strings/late.js";

/**
 * @typedef {{label: string, href?: string, quiet?: boolean, run?: () => unknown}} EndAction a link
 *   or a button
 * @typedef {object} EndContent
 * @property {string} kind of the end, for style and tests
 * @property {string} what happened
 * @property {string} next what is kept and what to do
 * @property {string} unsent a sentence about unsent messages, "" for none
 * @property {string} draft what was being written
 * @property {EndAction[]} actions
 */

/** @param {EndContent} content @returns {Node[]} */
export function endNodes({ what, next, unsent, draft, actions }) {
  const trouble = troublePlace();
  const texts = [
    h("p", { class: "end-what" }, h("b", {}, what)),
    h("p", { class: "end-next" }, next),
    unsent && h("p", { class: "end-unsent" }, unsent),
    draft &&
      h("p", { class: "end-draft" }, strings.ends.writing, " ", h("q", {}, brief(draft, PREVIEW))),
  ];
  const buttons = actions.map((action) => control(action, trouble));
  if (draft) buttons.push(copying(draft));
  const row = buttons.length > 0 && [h("div", { class: "row" }, ...buttons), trouble];
  return [...texts, ...(row || [])].filter((node) => typeof node === "object");
}

/** @param {EndAction} action @param {HTMLElement} trouble */
function control({ label, href, quiet = false, run }, trouble) {
  const look = quiet ? "button quiet small" : "button small";
  if (href) return h("a", { class: look, href }, label);
  const button = h("button", { class: look, type: "button" }, label);
  button.addEventListener("click", () => attempt(button, () => run?.(), trouble));
  return button;
}

/** @param {string} draft */
function copying(draft) {
  const { copy, copied } = strings.ends;
  const text = document.createTextNode(copy);
  const button = h(
    "button",
    { class: "button quiet small", type: "button" },
    icon("copy", "small"),
    text,
  );
  button.addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(draft).then(
      () => true,
      () => false,
    );
    if (!done)
      return ask({ title: copy, text: draft.split("\n"), confirm: strings.close, cancel: "" });
    text.data = copied;
    announce(copied);
  });
  return button;
}
