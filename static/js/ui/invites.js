/** Making links into a room, copying and revoking them. */

import { announce, h, icon } from "./dom.js";
import { strings } from "./strings.js";
import { full } from "./time.js";

/**
 * @param {object} about
 * @param {{iid: string, exp: number, max: number, uses: number, state: string}[]} about.invites
 * @param {(terms: {hours: number, max: number}) => Promise<string>} about.onCreate gives the link
 * @param {(iid: string) => Promise<void>} about.onRevoke
 * @returns {Node[]}
 */
export function invitePanel({ invites, onCreate, onRevoke }) {
  const result = h("div", { "aria-live": "polite" });
  return [
    h("section", {}, h("p", {}, strings.inviteIntro), form(result, onCreate), result),
    h("section", {}, h("h3", {}, strings.openLinks), openLinks(invites, onRevoke)),
  ];
}

/** @param {HTMLElement} result @param {(terms: any) => Promise<string>} onCreate */
function form(result, onCreate) {
  const hours = select("invite-hours", strings.validFor, strings.hours, "24");
  const people = {
    1: strings.people(1),
    5: strings.people(5),
    25: strings.people(25),
    1000: strings.people(1000),
  };
  const uses = select("invite-uses", strings.uses, people, "1");
  const button = h("button", { class: "button wide", type: "submit" }, strings.makeLink);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    button.disabled = true;
    button.textContent = strings.making;
    try {
      const terms = { hours: Number(hours.control.value), max: Number(uses.control.value) };
      result.replaceChildren(linkBox(await onCreate(terms)));
    } catch (/** @type {any} */ error) {
      result.replaceChildren(h("p", { class: "notice danger", role: "alert" }, error.message));
    }
    button.disabled = false;
    button.textContent = strings.makeLink;
  };
  return h("form", { class: "stack", onsubmit: submit }, hours.field, uses.field, button);
}

/** @param {string} id @param {string} label @param {Record<string, string>} options
 * @param {string} chosen */
function select(id, label, options, chosen) {
  const control = h(
    "select",
    { id },
    ...Object.entries(options).map(([value, text]) =>
      h("option", { value, selected: value === chosen }, text),
    ),
  );
  const field = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "control" }, control),
  );
  return { field, control };
}

/** @param {string} url */
function linkBox(url) {
  const shown = h("input", {
    readonly: true,
    value: url,
    "aria-label": strings.invitationLink,
    id: "invite-link",
  });
  const copy = h("button", { class: "button wide", type: "button" }, icon("copy"), strings.copy);
  copy.addEventListener("click", async () => {
    shown.select();
    await navigator.clipboard.writeText(url).catch(() => document.execCommand("copy"));
    copy.lastChild.textContent = strings.copied;
    announce(strings.copied);
  });
  shown.addEventListener("focus", () => shown.select());
  return h("div", { class: "link-box" }, shown, copy, h("p", {}, strings.linkOnce));
}

/** Only the line goes: a link that is shown just once may stand above. @param {HTMLElement} line */
function takeOut(line) {
  const list = line.parentElement;
  line.remove();
  if (list?.childElementCount === 0) {
    list.replaceWith(h("p", { class: "quiet-text" }, strings.noLinks));
  }
}

/** @param {any[]} invites @param {(iid: string) => Promise<void>} onRevoke */
function openLinks(invites, onRevoke) {
  const open = invites.filter(({ state }) => state === "open");
  if (open.length === 0) return h("p", { class: "quiet-text" }, strings.noLinks);
  return h(
    "ul",
    { class: "invites" },
    ...open.map(({ iid, exp, max, uses }) => {
      const button = h("button", { class: "button danger small", type: "button" }, strings.revoke);
      button.addEventListener("click", async () => {
        button.disabled = true;
        await onRevoke(iid).then(
          () => takeOut(button.closest("li")),
          () => {
            button.disabled = false;
          },
        );
      });
      return h(
        "li",
        {},
        h(
          "span",
          {},
          strings.used(uses, max),
          h("br"),
          h("span", { class: "quiet-text" }, strings.until(full(exp))),
        ),
        button,
      );
    }),
  );
}
