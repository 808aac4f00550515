/** The list of members: names, presence, join requests, actions. */

import { ask, attempt, troublePlace } from "../dialog.js";
import { h } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";
import { actionsFor, couldLead, memberLine } from "../timeline/member-line.js";
import { formerMembersList } from "./former-members.js";
import { knockList } from "./knocks.js";

/** @typedef {import("../timeline/member-line.js").Action} Action */
/** @typedef {import("../timeline/member-line.js").Member} Member */
/** @typedef {import("../timeline/member-line.js").Role} Role */

const ORDER = ["owner", "moderator", "member"];
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
  const list = h(
    "ul",
    { class: "people" },
    ...people.map((one) => memberLine(one, about, trouble)),
  );
  return [
    ...(knocks.length > 0 ? [knockList(knocks, onKnock)] : []),
    h(
      "section",
      {},
      !about.direct &&
        here > 0 &&
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

/** The words for the ends of a room that is no conversation of two. */
const GROUP = {
  leave: strings.leave,
  leaveTitle: strings.leaveTitle,
  leaveAsk: strings.leaveAsk,
  close: strings.closeRoom,
  closeTitle: strings.closeTitle,
  closeAsk: strings.closeAsk,
  closeCheck: strings.closeCheck,
};

/** @param {Parameters<typeof memberPanel>[0]} about */
function leaving({ members, me, direct, heir = "", onLeave, onClose }) {
  const trouble = troublePlace();
  const owns = me.role === "owner";
  const handsOver = owns && members.length > 1 && !direct;
  /** @param {string} text @param {import("../dialog.js").Question} question
   * @param {(answer: string | true) => Promise<unknown>} act */
  const exit = (text, question, act) => {
    const button = h("button", { class: "button danger small", type: "button" }, text);
    button.addEventListener("click", async () => {
      const answer = await ask({ ...question, danger: true });
      if (answer) await attempt(button, () => act(answer), trouble);
    });
    return button;
  };
  const words = direct ? strings.direct : GROUP;
  const leave = { title: words.leaveTitle, text: words.leaveAsk, confirm: words.leave };
  const close = {
    title: words.closeTitle,
    text: words.closeAsk,
    confirm: words.close,
    field: { type: /** @type {const} */ ("check"), label: words.closeCheck },
  };
  const heirs = sorted(members).filter((one) => !one.mine && couldLead(one));
  const isStuck = handsOver && heirs.length === 0;
  return h(
    "section",
    {},
    onLeave && isStuck && h("p", { class: "quiet-text" }, noHeir(members, onClose !== undefined)),
    h(
      "div",
      { class: "row" },
      onLeave &&
        !isStuck &&
        (handsOver
          ? exit(words.leave, handOver(heirs, heir), (answer) => onLeave(String(answer)))
          : exit(words.leave, leave, () => onLeave())),
      owns && onClose && exit(words.close, close, onClose),
    ),
    trouble,
  );
}

/** Says that an owner cannot leave, because nobody could take over yet, and why.
 * @param {Member[]} members @param {boolean} mayClose */
function noHeir(members, mayClose) {
  const { nobody, unanswered, ended, orClose } = strings.handOver;
  const others = members.filter(({ mine }) => !mine);
  const waiting = others.filter((one) => one.unanswered && !one.ended).map(({ name }) => name);
  return [nobody, waiting.length > 0 ? unanswered(waiting) : ended, mayClose && orClose]
    .filter(Boolean)
    .join(" ");
}

/** The question of an owner who leaves. @param {Member[]} others who could take over
 * @param {string} heir uid
 * @returns {import("../dialog.js").Question} */
function handOver(others, heir) {
  const words = strings.handOver;
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
