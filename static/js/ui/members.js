/** The list of members: names, presence, join requests, actions. */

import { avatar } from "./avatar.js";
import { ask, attempt, troublePlace } from "./dialog.js";
import { h, icon } from "./dom.js";
import { formerMembersList } from "./former-members.js";
import { knockList } from "./knocks.js";
import { strings } from "./strings.js";

/** @typedef {"owner" | "moderator" | "member"} Role */
/** @typedef {{uid: string, name: string, kid: string, role: Role, online: boolean, mine: boolean,
 *   verified: boolean, changed: boolean, namesake?: boolean, blocked: boolean,
 *   ended?: "deleted" | "disabled" | "", unanswered?: boolean, successor?: boolean}} Member */
/** @typedef {"verify" | "message" | "moderator" | "member" | "owner" | "successor" |
 *   "unsuccessor" | "block" | "unblock" | "remove" | "ban"} Action */

const ORDER = ["owner", "moderator", "member"];
const DANGEROUS = new Set(["remove", "ban", "block"]);
const FEW = 12; // up to here everybody is visible without searching

/**
 * @param {object} about
 * @param {Member[]} about.members
 * @param {import("./knocks.js").Knock[]} [about.knocks] who asks to be let in
 * @param {import("./former-members.js").Former[]} [about.former] who was here before
 * @param {(uid: string, on: boolean) => Promise<unknown>} [about.onBan] whether somebody may come back
 * @param {{uid: string, role: Role}} about.me
 * @param {boolean} [about.direct] a room of two
 * @param {(uid: string, action: Action, onProgress: (done: number) => void) => unknown}
 *   [about.onAct] what had to be asked first has been; without it nobody has a menu
 * @param {(uid: string, accept: boolean) => Promise<unknown>} [about.onKnock]
 * @param {(heir?: string) => Promise<unknown>} [about.onLeave] without it one is out already;
 *   `heir` is the uid of who takes over from an owner
 * @param {string} [about.heir] uid of the member who would take over
 * @param {(name: string) => Promise<unknown>} [about.onAdd] somebody by their user name
 * @param {() => Promise<unknown>} [about.onClose] the room's end, for its owner
 * @returns {Node[]}
 */
export function memberPanel(about) {
  const { members, knocks = [], onKnock = async () => {}, former = [], onBan } = about;
  const people = sorted(members);
  const here = members.filter(({ online }) => online).length;
  const trouble = troublePlace();
  const list = h("ul", { class: "people" }, ...people.map((one) => line(one, about, trouble)));
  return [
    ...(knocks.length > 0 ? [knockList(knocks, onKnock)] : []),
    h(
      "section",
      {},
      h("p", { class: "quiet-text" }, strings.member.here(here, members.length)),
      ...endedNotice(about, trouble),
      people.length > FEW && finder(people, list),
      trouble,
      list,
      about.onAdd && adding(about.onAdd),
      onBan && former.length > 0 && formerMembersList(former, onBan),
    ),
    leaving(about),
  ];
}

/** Owner, moderators, members; each by name. @param {Member[]} members */
export const sorted = (members) =>
  [...members].sort(
    (a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role) || a.name.localeCompare(b.name),
  );

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
    actions.push(role === "moderator" ? "member" : "moderator");
    if (couldOwn(other)) actions.push("owner");
    if (successor) actions.push("unsuccessor");
    else if (couldOwn(other)) actions.push("successor");
  }
  actions.push(blocked ? "unblock" : "block");
  const over = me.role === "owner" || (me.role === "moderator" && role === "member");
  if (over && !direct) actions.push("remove", "ban");
  return actions;
}

/** Tells whether a member could act as the owner. @param {Pick<Member, "ended" | "unanswered">} one */
const couldOwn = ({ ended, unanswered }) => !ended && !unanswered;

/** @param {Member} member @param {Parameters<typeof memberPanel>[0]} about
 * @param {HTMLElement} trouble */
function line(member, about, trouble) {
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
    strings.roles[role] && h("span", { class: "role" }, strings.roles[role]),
  ];
  if (actions.length === 0) return h("li", { class: "person-line" }, ...face);
  return h("li", {}, menu(member, face, actions, about, trouble));
}

/** @param {Member} one @returns {Node[]} */
function marks(one) {
  const { verified, changed, namesake = false, blocked, ended, successor = false } = one;
  const { member } = strings;
  return [
    one.unanswered && mark("clock", member.unanswered, member.unansweredText, "unanswered"),
    ended && mark("warning", member.ended[ended], member.endedText[ended], "ended"),
    changed && mark("warning", member.changed, member.changedText, "changed"),
    verified && !changed && mark("verified", member.verified, member.verifiedText, "verified"),
    namesake && mark("warning", member.namesake, member.namesakeText, "changed"),
    successor && mark("role", member.successor, member.successorText, "successor"),
    blocked && mark("block", member.blocked, "", "blocked"),
  ].filter((node) => typeof node === "object");
}

/** Offers leaders to remove members whose accounts were deleted: every new key
 * would go to them, too. @param {Parameters<typeof memberPanel>[0]} about
 * @param {HTMLElement} trouble @returns {Node[]} */
function endedNotice(about, trouble) {
  const gone = about.members.filter((member) => {
    const may = about.onAct && actionsFor(about.me, member, about.direct).includes("remove");
    return may && member.ended === "deleted";
  });
  if (gone.length === 0) return [];
  const buttons = gone.map((member) => removal(member, about, trouble));
  return [
    h(
      "div",
      { class: "notice" },
      h("p", {}, strings.member.endedOffer),
      h("div", { class: "row" }, ...buttons),
    ),
  ];
}

/** @param {Member} member @param {Parameters<typeof memberPanel>[0]} about
 * @param {HTMLElement} trouble */
function removal({ uid, name }, { onAct }, trouble) {
  const button = h(
    "button",
    { class: "button quiet small", type: "button", "data-key": `${uid}:ended` },
    strings.member.removeName(name),
  );
  button.addEventListener("click", async () => {
    if (!(await ask({ ...strings.member.ask.remove(name), danger: true }))) return;
    await attempt(button, (progress) => onAct?.(uid, "remove", progress), trouble);
  });
  return button;
}

/** @param {string} picture @param {string} text @param {string} title @param {string} kind */
const mark = (picture, text, title, kind) =>
  h("span", { class: `mark ${kind}`, title: title || null }, icon(picture, "small"), text);

/** The whole line opens it. Its content is created on first view, because a room may have a
 * thousand members.
 * @param {Member} member @param {(Node | string | false)[]} face @param {Action[]} actions
 * @param {Parameters<typeof memberPanel>[0]} about @param {HTMLElement} trouble */
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
 * @param {Parameters<typeof memberPanel>[0]} about @param {HTMLElement} trouble */
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
      /** @type {Record<string, (name: string) => import("./dialog.js").Question>} */ (
        strings.member.ask
      )[action]?.(name);
    const danger = DANGEROUS.has(action);
    if (question && !(await ask({ ...question, danger }))) return;
    await attempt(button, (progress) => onAct?.(uid, action, progress), trouble);
  });
  return h("li", {}, button);
}

/** @param {Member[]} people in the order of the list's lines @param {HTMLElement} list */
function finder(people, list) {
  const nobody = h("p", { class: "quiet-text", role: "status" });
  const field = h("input", {
    type: "search",
    class: "find",
    placeholder: strings.member.find,
    "aria-label": strings.member.find,
    autocomplete: "off",
    "data-key": "find-member",
  });
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let found = 0;
    for (const [at, { name }] of people.entries()) {
      const fits = name.toLowerCase().includes(wanted);
      /** @type {HTMLElement} */ (list.children[at]).hidden = !fits;
      found += fits ? 1 : 0;
    }
    nobody.textContent = found === 0 ? strings.member.nobody : "";
  });
  return h("div", { class: "finder" }, field, nobody);
}

/** A form that adds somebody by their user name. @param {(name: string) => Promise<unknown>} onAdd */
function adding(onAdd) {
  const words = strings.addMember;
  const trouble = troublePlace();
  const field = h("input", {
    type: "text",
    id: "add-member",
    maxlength: "33",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
    "data-key": "add-member",
  });
  const button = h(
    "button",
    { class: "button small", type: "submit", "data-key": "add" },
    words.add,
  );
  const form = h(
    "form",
    { class: "add-member" },
    h(
      "div",
      { class: "field" },
      h("label", { for: "add-member" }, words.label),
      h("div", { class: "control" }, field),
      h("p", { class: "field-hint" }, words.hint),
    ),
    h("div", { class: "row" }, button),
    trouble,
  );
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (name === "") return;
    const done = await attempt(button, () => onAdd(name), trouble, { done: words.done(name) });
    if (done) field.value = "";
  });
  return form;
}

/** @param {Parameters<typeof memberPanel>[0]} about */
function leaving({ members, me, direct, heir = "", onLeave, onClose }) {
  const trouble = troublePlace();
  const owns = me.role === "owner";
  const handsOver = owns && members.length > 1 && !direct;
  /** @param {string} text @param {import("./dialog.js").Question} question
   * @param {(answer: string | true) => Promise<unknown>} act */
  const exit = (text, question, act) => {
    const button = h("button", { class: "button danger small", type: "button" }, text);
    button.addEventListener("click", async () => {
      const answer = await ask({ ...question, danger: true });
      if (answer) await attempt(button, () => act(answer), trouble);
    });
    return button;
  };
  const leave = { title: strings.leaveTitle, text: strings.leaveAsk, confirm: strings.leave };
  const close = {
    title: strings.closeTitle,
    text: strings.closeAsk,
    confirm: strings.closeRoom,
    field: { type: /** @type {const} */ ("check"), label: strings.closeCheck },
  };
  return h(
    "section",
    {},
    h(
      "div",
      { class: "row" },
      onLeave &&
        (handsOver
          ? exit(strings.leave, handOver(members, heir), (answer) => onLeave(String(answer)))
          : exit(strings.leave, leave, () => onLeave())),
      owns && onClose && exit(strings.closeRoom, close, onClose),
    ),
    trouble,
  );
}

/** The question of an owner who leaves. @param {Member[]} members @param {string} heir uid
 * @returns {import("./dialog.js").Question} */
function handOver(members, heir) {
  const words = strings.handOver;
  const others = sorted(members).filter((one) => !one.mine && couldOwn(one));
  return {
    title: words.title,
    text: words.text,
    confirm: words.confirm,
    field: {
      type: "choice",
      label: words.label,
      value: heir,
      choices: others.map(({ uid, name }) => ({ value: uid, label: name })),
    },
  };
}
