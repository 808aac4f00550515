/** One second factor of the account, as a line of a list. */

import { h } from "./dom.js";
import { accountStrings as strings } from "./strings/account.js";
import { ago, dayAndYear } from "./time.js";

/**
 * Returns the line.
 * @param {import("../net/types.js").SecondFactorRow} row
 * @param {string} name
 * @param {{onRename?: () => void, onRemove: () => void}} events
 * @param {number} [now] ms
 */
export function factorLine({ id, made, used }, name, { onRename, onRemove }, now = Date.now()) {
  const { added, lastUsed, unused, rename, remove } = strings.factors;
  const title = h("h3", { id: `factor-${id}` }, name);
  const about = `${added(dayAndYear(made))} · ${used ? lastUsed(ago(used, now)) : unused}`;
  return h(
    "li",
    { class: "session" },
    h("div", {}, title, h("p", {}, about)),
    h(
      "div",
      { class: "session-actions" },
      onRename && button(`rename-${id}`, id, rename, onRename),
      button(`remove-${id}`, id, remove, onRemove),
    ),
  );
}

/** @param {string} own @param {number} id @param {string} text @param {() => void} onclick */
const button = (own, id, text, onclick) =>
  h(
    "button",
    {
      class: "button quiet small",
      type: "button",
      id: own,
      "aria-labelledby": `${own} factor-${id}`,
      onclick,
    },
    text,
  );
