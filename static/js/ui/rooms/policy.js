/** The form of a room's rules: each choice with its consequence. */

import { ask, attempt, troublePlace } from "../dialog.js";
import { announce, h } from "../dom.js";
import { roomStrings as strings } from "../strings/room.js";

/** @typedef {{join: "link" | "approve", history: "all" | "join", ai: "off" | "device" | "ask" | "auto",
 *   ain: number, search: "server" | "device", n: number, days: number, ttl: number}} Policy */

const RENEW_AFTER = [0, 100, 1000, 10_000, 100_000]; // messages; 0 is never
const RENEW_DAYS = [0, 7, 30, 90, 365];
const KEEP_DAYS = [0, 1, 7, 30, 90, 365, 3650];
const OFFER_AFTER = [20, 50, 100, 200, 500, 1000];
const CHOICES = {
  join: ["link", "approve"],
  history: ["all", "join"],
  search: ["server", "device"],
  ai: ["off", "device", "ask", "auto"],
};
const OF_NEWCOMERS = new Set(["join", "history"]);

/**
 * @param {object} about
 * @param {Policy} about.policy
 * @param {boolean} [about.direct] a conversation of two: nobody comes into it
 * @param {boolean} about.mayChange
 * @param {(policy: Policy) => Promise<unknown>} about.onSave
 * @returns {Node[]}
 */
export function policyPanel({ policy, direct = false, mayChange, onSave }) {
  const { intro, readOnly } = strings.policy;
  if (!mayChange) {
    return [
      h("p", { class: "quiet-text" }, `${intro} ${direct ? strings.direct.readOnly : readOnly}`),
      h("dl", { class: "rules" }, ...facts(policy, direct)),
    ];
  }
  return [h("p", { class: "quiet-text" }, intro), editor(policy, direct, onSave)];
}

/** The time that messages are kept, for comparing: 0 is forever. @param {number} ttl */
const span = (ttl) => (ttl === 0 ? Number.POSITIVE_INFINITY : ttl);

/** Tells whether a change deletes messages. @param {Policy} before @param {Policy} after */
export const deletes = (before, after) => span(after.ttl) < span(before.ttl);

/** The options of a select: the usual values, and the present one among them.
 * @param {number[]} usual @param {number} present */
export const offered = (usual, present) => [...new Set([...usual, present])].sort((a, b) => a - b);

/** @param {Policy} before @param {boolean} direct @param {(policy: Policy) => Promise<unknown>} onSave */
function editor(before, direct, onSave) {
  const { policy } = strings;
  let saved = before;
  const trouble = troublePlace();
  const state = h("p", { class: "quiet-text", role: "status" });
  const save = h("button", { class: "button wide", type: "submit", disabled: true }, policy.save);
  const ain = amount("ain", policy.ai.ain, OFFER_AFTER, before.ain, policy.ai.messages);
  const form = h(
    "form",
    { class: "policy" },
    !direct && group("join", before.join, policy.join.note),
    !direct && fixed(before),
    group("search", before.search, policy.search.note),
    group("ai", before.ai, "", ain),
    renewing(before),
    keeping(before),
    h("div", { class: "policy-save" }, trouble, save, state),
  );
  const draw = () => {
    const now = chosen(form, saved);
    const same = JSON.stringify(now) === JSON.stringify(saved);
    save.disabled = same;
    state.textContent = "";
    ain.hidden = now.ai !== "auto";
  };
  form.addEventListener("change", draw);
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const now = chosen(form, saved);
    if (deletes(saved, now) && !(await ask(deleting(now.ttl)))) return;
    if (!(await attempt(save, () => onSave(now), trouble, { label: policy.saving }))) return;
    saved = now;
    draw();
    state.textContent = policy.saved;
    announce(policy.saved);
  });
  draw();
  return form;
}

/** The policy that the form describes, in the order of its keys.
 * @param {HTMLFormElement} form @param {Policy} before @returns {Policy} */
function chosen(form, before) {
  const given = new FormData(form);
  const entries = Object.entries(before).map(([key, value]) => {
    const now = given.get(key) ?? value;
    return [key, typeof value === "number" ? Number(now) : now];
  });
  return Object.fromEntries(entries);
}

/** @param {number} ttl */
const deleting = (ttl) => ({
  title: strings.policy.ttl.askTitle,
  text: strings.policy.ttl.ask(strings.policy.days(ttl)),
  confirm: strings.policy.ttl.yes,
  danger: true,
});

/** @param {keyof typeof CHOICES} key @returns {Record<string, any>} */
const words = (key) => strings.policy[key];

/** Radio buttons. @param {keyof typeof CHOICES} key @param {string} present
 * @param {string} note @param {...Node} more */
function group(key, present, note, ...more) {
  const options = CHOICES[key].map((value) => {
    const [name, consequence] = words(key)[value];
    const id = `policy-${key}-${value}`;
    return h(
      "div",
      { class: "choice" },
      h("input", {
        type: "radio",
        name: key,
        id,
        value,
        checked: value === present,
        "aria-describedby": `${id}-text`,
      }),
      h("label", { for: id }, name),
      h("p", { id: `${id}-text` }, consequence),
    );
  });
  return h(
    "div",
    { class: "rule", role: "radiogroup", "aria-labelledby": `policy-${key}` },
    h("h3", { id: `policy-${key}` }, words(key).title),
    ...options,
    note && h("p", { class: "field-hint" }, note),
    ...more,
  );
}

/** The rules that were fixed when the room was created. @param {Policy} policy */
function fixed({ history }) {
  const [name, consequence] = words("history")[history];
  return h(
    "div",
    { class: "rule" },
    h("h3", {}, strings.policy.history.title),
    h("p", { class: "rule-value" }, name),
    h("p", {}, consequence),
    h("p", { class: "field-hint" }, strings.policy.fixed),
  );
}

/** A number among a few. @param {"ain" | "n" | "days" | "ttl"} key @param {string} label
 * @param {number[]} usual @param {number} present @param {(value: number) => string} say */
function amount(key, label, usual, present, say) {
  const id = `policy-${key}`;
  const options = offered(usual, present).map((value) =>
    h("option", { value: String(value), selected: value === present }, say(value)),
  );
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "control" }, h("select", { id, name: key }, ...options)),
  );
}

/** @param {Policy} policy */
function renewing({ n, days }) {
  const { policy } = strings;
  return h(
    "div",
    { class: "rule" },
    h("h3", {}, policy.n.title),
    h("p", {}, policy.n.text),
    amount("n", policy.n.written, RENEW_AFTER, n, messages),
    amount("days", policy.n.days, RENEW_DAYS, days, renewDays),
  );
}

/** @param {Policy} policy */
function keeping({ ttl }) {
  const { policy } = strings;
  return h(
    "div",
    { class: "rule" },
    h("h3", {}, policy.ttl.title),
    h("p", {}, policy.ttl.text),
    amount("ttl", policy.ttl.when, KEEP_DAYS, ttl, keepDays),
  );
}

/** @param {number} n */
const messages = (n) => (n === 0 ? strings.policy.n.any : strings.policy.ai.messages(n));
/** @param {number} days */
const renewDays = (days) => (days === 0 ? strings.policy.n.any : strings.policy.days(days));
/** @param {number} ttl */
const keepDays = (ttl) =>
  ttl === 0 ? strings.policy.ttl.never : strings.policy.ttl.after(strings.policy.days(ttl));

/** The rules for those who cannot change them. @param {Policy} rules @param {boolean} direct @returns {Node[]} */
function facts(rules, direct) {
  const { policy } = strings;
  const all = /** @type {(keyof typeof CHOICES)[]} */ (Object.keys(CHOICES));
  const keys = direct ? all.filter((key) => !OF_NEWCOMERS.has(key)) : all;
  const chosenOnes = keys.map((key) => {
    const [name, consequence] = words(key)[rules[key]];
    return [words(key).title, name, consequence];
  });
  const renewed = policy.n.said(
    [rules.n > 0 && policy.ai.messages(rules.n), rules.days > 0 && policy.days(rules.days)].filter(
      (text) => text !== false,
    ),
  );
  const lines = [
    ...chosenOnes,
    [policy.n.title, renewed, policy.n.text],
    [policy.ttl.title, keepDays(rules.ttl), policy.ttl.text],
  ];
  return lines.map(([title, value, text]) =>
    h("div", {}, h("dt", {}, title), h("dd", {}, value), h("dd", { class: "quiet-text" }, text)),
  );
}
