/** A line of the list of members: who it is, what is known about them, and a menu of actions. */

import { ask, attempt } from "../dialog.js";
import { h, icon } from "../dom.js";
import { avatar } from "../people/avatar.js";
import { lateStrings as strings } from "../strings/late.js";

/** @typedef {"owner" | "moderator" | "member"} Role */
/** @typedef {{uid: string, name: string, kid: string, role: Role, online: boolean, mine: boolean,
 *   verified: boolean, changed: boolean, namesake?: boolean, blocked: boolean,
 *   ended?: "deleted" | "disabled" | "", unanswered?: boolean, successor?: boolean,
 *   bot?: boolean}} Member */
/** @typedef {"verify" | "message" | "moderator" | "member" | "owner" | "successor" |
 *   "unsuccessor" | "block" | "unblock" | "remove" | "ban"} Action */
/**
 * @typedef {object} MemberActions
 * @property {{role: Role}} me
 * @property {boolean} [direct] a room of two
 * @property {(uid: string, action: Action, onProgress: (done: number) => void) => unknown} [onAct]
 *   what had to be asked first has been; without it nobody has a menu
 */

const DANGEROUS = new Set(["remove", "ban", "block"]);

/**
 * The actions on another member, in the order of the menu.
 * @param {{role: Role}} me
 * @param {Pick<Member, "mine" | "role" | "blocked" | "successor" | "ended" | "unanswered">} other
 * @param {boolean} [direct]
 * @returns {Action[]}
 */
export function actionsFor(me, other, direct = false) {
  const { mine, role, blocked, successor } = other;
  if (mine) return [];
  /** @type {Action[]} */
  const actions = ["verify"];
  if (!direct) actions.push("message");
  if (me.role === "owner" && !direct) {
    if (role === "moderator") actions.push("member");
    else if (couldLead(other)) actions.push("moderator");
    if (couldLead(other)) actions.push("owner");
    if (successor) actions.push("unsuccessor");
    else if (couldLead(other)) actions.push("successor");
  }
  actions.push(blocked ? "unblock" : "block");
  const over = me.role === "owner" || (me.role === "moderator" && role === "member");
  if (over && !direct) actions.push("remove", "ban");
  return actions;
}

/** Tells whether a member could act as a leader. @param {Pick<Member, "ended" | "unanswered">} one */
export const couldLead = ({ ended, unanswered }) => !ended && !unanswered;

/** @param {Member} member @param {MemberActions} about
 * @param {HTMLElement} trouble */
export function memberLine(member, about, trouble) {
  const actions = about.onAct ? actionsFor(about.me, member, about.direct) : [];
  const { uid, name, role, online, mine } = member;
  const face = [
    h(
      "span",
      { class: "avatar-box" },
      avatar(uid),
      online && h("span", { class: "here", role: "img", "aria-label": strings.online }),
    ),
    h(
      "span",
      { class: "person" },
      h("span", { class: "person-name" }, mine ? `${name} (${strings.you})` : name),
      h("span", { class: "marks" }, ...marks(member)),
    ),
    !about.direct && strings.roles[role] && h("span", { class: "role" }, strings.roles[role]),
  ];
  if (actions.length === 0) return h("li", { class: "person-line" }, ...face);
  return h("li", {}, menu(member, face, actions, about, trouble));
}

/** @param {Member} one @returns {Node[]} */
function marks(one) {
  const { verified, changed, namesake = false, blocked, ended, successor = false } = one;
  const { member } = strings;
  return [
    one.bot && h("span", { class: "mark bot", title: strings.botText }, strings.bot),
    one.unanswered && mark("clock", member.unanswered, member.unansweredText, "unanswered"),
    ended && mark("warning", member.ended[ended], member.endedText[ended], "ended"),
    changed && mark("warning", member.changed, member.changedText, "changed"),
    verified && !changed && mark("verified", member.verified, member.verifiedText, "verified"),
    namesake && mark("warning", member.namesake, member.namesakeText, "changed"),
    successor && mark("role", member.successor, member.successorText, "successor"),
    blocked && mark("block", member.blocked, "", "blocked"),
  ].filter((node) => typeof node === "object");
}

/** @param {string} picture @param {string} text @param {string} title @param {string} kind */
const mark = (picture, text, title, kind) =>
  h("span", { class: `mark ${kind}`, title: title || null }, icon(picture, "small"), text);

/** The whole line opens it. Its content is created on first view, because a room may have a
 * thousand members.
 * @param {Member} member @param {(Node | string | false)[]} face @param {Action[]} actions
 * @param {MemberActions} about @param {HTMLElement} trouble */
function menu(member, face, actions, about, trouble) {
  const list = h("ul", { class: "menu", "aria-label": strings.member.actions(member.name) });
  const summary = h(
    "summary",
    { class: "person-line", "data-key": `${member.uid}:open` },
    ...face,
    icon("more", "person-more"),
    h("span", { class: "visually-hidden" }, strings.member.actions(member.name)),
  );
  const details = h("details", { name: "member", "data-key": member.uid }, summary, list);
  const fill = () => {
    if (list.childElementCount > 0) return;
    list.append(...actions.map((action) => item(member, action, about, trouble)));
  };
  summary.addEventListener("click", fill); // at once: the next key may be Tab
  details.addEventListener("toggle", () => details.open && fill());
  details.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.preventDefault(); // or the panel closes
    details.open = false;
    summary.focus();
  });
  return details;
}

/** @param {Member} member @param {Action} action
 * @param {MemberActions} about @param {HTMLElement} trouble */
function item({ uid, name }, action, { onAct }, trouble) {
  const button = h(
    "button",
    {
      class: DANGEROUS.has(action) ? "menu-item danger" : "menu-item",
      type: "button",
      "data-key": `${uid}:${action}`,
    },
    strings.member.names[action],
  );
  button.addEventListener("click", async () => {
    const question =
      /** @type {Record<string, (name: string) => import("../dialog.js").Question>} */ (
        strings.member.ask
      )[action]?.(name);
    const danger = DANGEROUS.has(action);
    if (question && !(await ask({ ...question, danger }))) return;
    await attempt(button, (progress) => onAct?.(uid, action, progress), trouble);
  });
  return h("li", {}, button);
}
