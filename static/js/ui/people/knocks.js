/** Requests to join a room. */

import { ask, attempt, troublePlace } from "../dialog.js";
import { h } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";
import { full } from "../time.js";
import { avatar } from "./avatar.js";

/** @typedef {{uid: string, name: string, kid: string, kind: "join" | "reset", ts: number}} Knock */

/** @param {Knock[]} knocks @param {(uid: string, accept: boolean) => Promise<unknown>} onKnock */
export function knockList(knocks, onKnock) {
  const trouble = troublePlace();
  return h(
    "section",
    { class: "knocks" },
    h("h3", {}, strings.member.asking),
    trouble,
    h("ul", {}, ...knocks.map((knock) => line(knock, onKnock, trouble))),
  );
}

/** @param {Knock} knock @param {(uid: string, accept: boolean) => Promise<unknown>} onKnock
 * @param {HTMLElement} trouble */
function line({ uid, name, kind, ts }, onKnock, trouble) {
  const { member } = strings;
  const again = kind === "reset";
  /** @param {boolean} yes */
  const button = (yes) =>
    h(
      "button",
      {
        class: yes ? "button small" : "button quiet small",
        type: "button",
        "aria-label": yes ? member.acceptName(name) : member.refuseName(name),
        "data-key": `${uid}:${yes}`,
      },
      yes ? member.accept : member.refuse,
    );
  const [accept, refuse] = [button(true), button(false)];
  accept.addEventListener("click", async () => {
    if (again && !(await ask(sure(name)))) return;
    await attempt(accept, () => onKnock(uid, true), trouble);
  });
  refuse.addEventListener("click", () => attempt(refuse, () => onKnock(uid, false), trouble));
  return h(
    "li",
    { class: again ? "knock again" : "knock" },
    avatar(uid),
    h(
      "div",
      { class: "knock-text" },
      h("p", {}, again ? member.knockReset(name) : member.knockJoin(name)),
      again && h("p", { class: "knock-warning" }, member.compareFirst),
      h("time", { datetime: new Date(ts).toISOString() }, full(ts)),
    ),
    h("div", { class: "row" }, accept, refuse),
  );
}

/** @param {string} name */
const sure = (name) => ({
  title: strings.member.resetTitle(name),
  text: strings.member.resetText(name),
  confirm: strings.member.resetYes,
  danger: true,
});
