/** Parts of a message beside its text: quote, reactions, poll. */

import { h, icon } from "../dom.js";
import { brief, PREVIEW } from "../limits.js";
import { safeName } from "../people/names.js";
import { textStrings as strings } from "../strings/text.js";
import { preview } from "../text/late-text.js";

/** @typedef {import("../../conversation/messages/timeline-items.js").Choice} Choice */

const EMOJI = 32; // characters of a reaction
const LISTED = 50; // names that are read out
const OPTIONS = 8; // of a poll, at first
/** Polls that are shown whole as long as the page is open, by message. @type {Set<string>} */
const whole = new Set();

/** Text for screen readers beside the visible words. @param {string} text */
const hidden = (text) => h("span", { class: "visually-hidden" }, text);

/** @param {string[]} names */
const listed = (names) => names.slice(0, LISTED).join(", ") + (names.length > LISTED ? ", …" : "");

/** One line of the answered message; a click scrolls to it.
 * @param {import("../../conversation/messages/timeline-items.js").Quote} quote @param {(seq: number) => void} onJump
 */
export function quoteElement({ seq, name, text: whole, mentions, gone, blocked }, onJump) {
  const text = preview(whole, mentions);
  const { quoteGone, quoteBlocked } = strings;
  if (gone) {
    const why = blocked ? quoteBlocked : quoteGone;
    return h("p", { class: "quote" }, icon("reply", "small"), h("span", {}, why));
  }
  const words = name
    ? [hidden(strings.answeringTo), h("b", {}, name), h("span", { dir: "auto" }, text)]
    : [strings.quoteEarlier];
  return h(
    "button",
    {
      class: "quote",
      type: "button",
      "data-act": "quote",
      onclick: () => onJump(seq),
    },
    icon("reply", "small"),
    ...words,
  );
}

/** @param {Choice[]} reactions @param {boolean} open whether they can be changed
 * @param {(emoji: string) => void} onReact */
export function reactionRow(reactions, open, onReact) {
  const pill = (/** @type {Choice} */ { label, names, mine }) =>
    h(
      "button",
      {
        class: "reaction",
        type: "button",
        "data-act": `react:${label}`,
        "aria-pressed": String(mine),
        "aria-disabled": open ? null : "true",
        title: listed(names),
        onclick: () => open && onReact(label),
      },
      h("span", { class: "reaction-emoji" }, brief(label, EMOJI)),
      h("span", {}, String(names.length)),
      hidden(strings.reaction(listed(names), mine)),
    );
  return h("div", { class: "reactions" }, ...reactions.map(pill));
}

/**
 * @param {import("../../conversation/messages/timeline-items.js").Poll} poll
 * @param {boolean} open whether it can be voted on
 * @param {(picks: number[]) => void} onVote
 * @param {string} key of the message
 */
export function pollElement({ options, multi, voters }, open, onVote, key) {
  const most = Math.max(1, voters);
  const chosen = options.flatMap(({ mine }, at) => (mine ? [at] : []));
  /** @param {number} at */
  const toggled = (at) => {
    if (chosen.includes(at)) return chosen.filter((other) => other !== at);
    return multi ? [...chosen, at].sort((a, b) => a - b) : [at];
  };
  const option = (/** @type {Choice} */ { label, names, mine }, /** @type {number} */ at) =>
    h(
      "button",
      {
        class: "poll-option",
        type: "button",
        role: multi ? "checkbox" : "radio",
        "aria-checked": String(mine),
        "aria-disabled": open ? null : "true",
        "data-act": `vote:${at}`,
        title: listed(names),
        onclick: () => open && onVote(toggled(at)),
      },
      h("span", { class: "poll-mark" }, mine && icon("check", "small")),
      h("span", { class: "poll-label", dir: "auto" }, safeName(label, PREVIEW)),
      h("span", { class: "poll-count" }, strings.votes(names.length)),
      h("progress", { max: String(most), value: String(names.length), "aria-hidden": "true" }),
    );
  return h(
    "div",
    { class: "poll" },
    h(
      "div",
      {
        class: "poll-options",
        role: multi ? "group" : "radiogroup",
        "aria-label": strings.pollKind(multi),
      },
      ...firstOptions(key, options.map(option), (at) => options[at].mine),
    ),
    h("p", { class: "quiet-text" }, `${strings.pollKind(multi)} ${strings.voters(voters)}.`),
  );
}

/** The first options of a long poll, and a button for the others. Own choices are not hidden.
 * @param {string} key of the message @param {HTMLElement[]} all @param {(at: number) => boolean} isChosen
 * @returns {HTMLElement[]} */
function firstOptions(key, all, isChosen) {
  const hidden = all.filter((_, at) => at >= OPTIONS && !isChosen(at));
  if (hidden.length < 2 || whole.has(key)) return all;
  for (const option of hidden) option.hidden = true;
  const more = h(
    "button",
    { class: "link-button show-all", type: "button", "data-act": "poll-all" },
    strings.pollAll(all.length),
  );
  more.addEventListener("click", () => {
    whole.add(key);
    for (const option of hidden) option.hidden = false;
    hidden[0].focus();
    more.remove();
  });
  return [...all, more];
}
