/** The panel of invitation links: create, copy, revoke, and why own links ended. */

import { attempt, troublePlace } from "../dialog.js";
import { announce, h, icon } from "../dom.js";
import { roomStrings as strings } from "../strings/room.js";
import { full } from "../time.js";

const HOUR = 3600_000;
const DAY = 24;

/** @typedef {{iid: string, by?: string, exp: number, max: number, uses: number, state: string}}
 *   Invite `state` is open, used, expired, revoked or voided */
/** @typedef {{iid: string, why: string, who: string}} Voided an own link that ended because of
 *   somebody: `why` is leave, remove, reset or policy */
/** @typedef {{hours: number, max: number}} Terms */

/**
 * @param {object} about
 * @param {Invite[]} about.invites
 * @param {Voided[]} [about.voided]
 * @param {{join: "link" | "approve", history: "all" | "join"}} [about.policy]
 * @param {(terms: Terms) => Promise<string>} about.onCreate gives the link
 * @param {OpenLinks} about.links the list of the open ones; its maker keeps it up to date
 * @returns {Node[]}
 */
export function invitePanel({ invites, voided = [], policy, onCreate, links }) {
  const result = h("div", { class: "stack", "aria-live": "polite" });
  const ended = missed(invites, voided);
  return [
    h(
      "section",
      {},
      ended && endedNotice(ended, invites, result, onCreate),
      h("p", {}, intro(policy)),
      form(result, onCreate),
      result,
    ),
    h("section", {}, h("h3", {}, strings.openLinks), links.show(invites)),
  ];
}

/** @param {{join: string, history: string} | undefined} policy */
export function intro(policy) {
  if (policy?.join === "approve") return strings.link.introApprove;
  return policy?.history === "join" ? strings.link.introJoin : strings.inviteIntro;
}

/**
 * Returns the newest own link that was ended by an event, unless a newer link replaced it.
 * @param {Invite[]} invites @param {Voided[]} voided oldest first
 */
export function missed(invites, voided) {
  const last = voided[voided.length - 1];
  const mine = invites.find(({ iid }) => iid === last?.iid)?.by;
  return invites.some(({ state, by }) => state === "open" && by === mine) ? undefined : last;
}

/** The remaining terms of a link. @param {Invite | undefined} invite @param {number} [now]
 * @returns {Terms} */
export function remaining(invite, now = Date.now()) {
  if (!invite) return { hours: DAY, max: 1 };
  const hours = Math.max(1, Math.ceil((invite.exp - now) / HOUR));
  return { hours, max: Math.max(1, invite.max - invite.uses) };
}

/** @param {Voided} voided @param {Invite[]} invites @param {HTMLElement} result
 * @param {(terms: Terms) => Promise<string>} onCreate */
function endedNotice({ iid, why, who }, invites, result, onCreate) {
  const says = /** @type {Record<string, (who: string) => string>} */ (strings.link.ended);
  const trouble = troublePlace();
  const button = h("button", { class: "button small", type: "button" }, strings.link.again);
  const terms = remaining(invites.find((invite) => invite.iid === iid));
  button.addEventListener("click", async () => {
    const about = { label: strings.making };
    const make = async () => result.replaceChildren(linkBox(await onCreate(terms)));
    if (!(await attempt(button, make, trouble, about))) return;
    notice.remove();
    result.querySelector("button")?.focus();
  });
  const notice = h(
    "div",
    { class: "notice" },
    h("p", {}, (says[why] ?? strings.link.ended.policy)(who)),
    button,
    trouble,
  );
  return notice;
}

/** @param {HTMLElement} result @param {(terms: Terms) => Promise<string>} onCreate */
function form(result, onCreate) {
  const hours = select("invite-hours", strings.validFor, strings.hours, "24");
  const people = {
    1: strings.people(1),
    5: strings.people(5),
    25: strings.people(25),
    1000: strings.people(1000),
  };
  const uses = select("invite-uses", strings.uses, people, "1");
  const trouble = troublePlace(); // not `result`: it may contain a link that is shown only once
  const button = h("button", { class: "button wide", type: "submit" }, strings.makeLink);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const terms = { hours: Number(hours.control.value), max: Number(uses.control.value) };
    const make = async () => result.replaceChildren(linkBox(await onCreate(terms)));
    return attempt(button, make, trouble, { label: strings.making });
  };
  return h("form", { class: "stack", onsubmit: submit }, hours.field, uses.field, button, trouble);
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
  const label = document.createTextNode(strings.copy);
  const copy = h("button", { class: "button wide", type: "button" }, icon("copy"), label);
  copy.addEventListener("click", async () => {
    shown.select();
    await navigator.clipboard.writeText(url).catch(() => document.execCommand("copy"));
    label.data = strings.copied;
    announce(strings.copied);
  });
  shown.addEventListener("focus", () => shown.select());
  return h("div", { class: "link-box" }, shown, copy, h("p", {}, strings.linkOnce));
}

/** The list of open links. It changes by itself, because the panel may show a link just once above. */
export class OpenLinks {
  #onRevoke;
  #place = h("div", {});

  /** @param {(iid: string) => Promise<void>} onRevoke */
  constructor(onRevoke) {
    this.#onRevoke = onRevoke;
  }

  /**
   * Shows the links that are open now. A line that has the focus keeps it.
   * @param {Invite[]} invites
   * @returns {HTMLElement} the list
   */
  show(invites) {
    const focused = this.#place.contains(document.activeElement);
    const open = invites.filter(({ state }) => state === "open");
    const lines = open.map((invite) => openLink(invite, this.#onRevoke));
    this.#place.replaceChildren(
      open.length > 0
        ? h("ul", { class: "invites" }, ...lines)
        : h("p", { class: "quiet-text" }, strings.noLinks),
    );
    if (focused) this.#place.querySelector("button")?.focus();
    return this.#place;
  }
}

/** @param {Invite} invite @param {(iid: string) => Promise<void>} onRevoke */
function openLink({ iid, exp, max, uses }, onRevoke) {
  const used = strings.used(uses, max);
  const trouble = troublePlace();
  const button = h(
    "button",
    { class: "button danger small", type: "button", "aria-label": strings.link.revokeName(used) },
    strings.revoke,
  );
  button.addEventListener("click", async () => {
    const line = button.closest("li");
    if (!(await attempt(button, () => onRevoke(iid), trouble))) return;
    if (line?.parentElement?.childElementCount === 1)
      line.parentElement.replaceWith(h("p", { class: "quiet-text" }, strings.noLinks));
    else line?.remove();
  });
  const about = h(
    "span",
    {},
    used,
    h("br"),
    h("span", { class: "quiet-text" }, strings.until(full(exp))),
  );
  return h("li", {}, about, button, trouble);
}
