/** Pages that take the password, for people who have none: single sign-on confirms in its place. */

import { byId } from "../ui/dom.js";
import { startForm } from "./forms.js";
import { postForm } from "./site.js";

/** @typedef {{password: boolean, confirmed: boolean}} Facts of `me/sso` */

/** Shows of a page what fits a person with, or without, a password.
 * @param {Pick<Facts, "password">} facts @param {ParentNode} page */
export function showFitting({ password }, page) {
  for (const place of page.querySelectorAll("[data-without-password]"))
    place.toggleAttribute("hidden", password);
  if (password) return;
  for (const place of page.querySelectorAll("[data-with-password]")) {
    place.toggleAttribute("hidden", true);
    for (const input of place.querySelectorAll("input")) input.required = false;
  }
}

/** True if a person has to confirm before the server takes something without a password.
 * @param {Facts} facts */
export const hasToConfirm = ({ password, confirmed }) => !password && !confirmed;

/**
 * Lets a person without a password confirm at the provider, which leads back to this page. Until
 * then the form is shown in the place of a button.
 * @param {string} id of the form @param {HTMLElement} button what it stands for
 * @param {Facts} facts @param {AbortSignal} [signal] aborted when the page is left
 * @returns {() => void} shows the form: what was confirmed is over
 */
export function offerConfirming(id, button, facts, signal) {
  const show = (/** @type {boolean} */ asks) => {
    byId(id).hidden = !asks;
    button.hidden = asks;
  };
  const confirm = async () => {
    const back = location.pathname + location.search;
    const { next } = await postForm("accounts/sso/", { purpose: "confirm", next: back });
    location.assign(next); // at the provider that the operator has named
    return true;
  };
  startForm(id, confirm, {}, signal);
  show(hasToConfirm(facts));
  return () => show(true);
}
