/** The list of former members, where leaders ban and unban. */

import { ask, attempt, troublePlace } from "../dialog.js";
import { h, icon } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";

/** @typedef {{uid: string, name: string, banned: boolean, deleted: boolean}} Former `deleted`: the
 *   account, by the server's word */

/**
 * @param {Former[]} former
 * @param {(uid: string, on: boolean) => Promise<unknown>} onBan
 */
export function formerMembersList(former, onBan) {
  const trouble = troublePlace();
  const banned = former.filter((one) => one.banned);
  return h(
    "details",
    { class: "former", "data-key": "former" },
    h("summary", {}, strings.former.title(former.length, banned.length)),
    trouble,
    h("ul", { class: "people" }, ...former.map((one) => line(one, onBan, trouble))),
  );
}

/** @param {Former} former @param {(uid: string, on: boolean) => Promise<unknown>} onBan
 * @param {HTMLElement} trouble */
function line({ uid, name, banned, deleted }, onBan, trouble) {
  const words = strings.former;
  const button = h(
    "button",
    {
      class: banned ? "button quiet small" : "button danger small",
      type: "button",
      "aria-label": banned ? words.liftName(name) : words.banName(name),
      "data-key": `${uid}:former`,
    },
    banned ? words.lift : words.ban,
  );
  button.addEventListener("click", async () => {
    if (!banned && !(await ask({ ...words.ask(name), danger: true }))) return;
    await attempt(button, () => onBan(uid, !banned), trouble);
  });
  return h(
    "li",
    { class: "person-line" },
    h("span", { class: "person" }, h("span", { class: "person-name" }, name)),
    deleted &&
      h(
        "span",
        { class: "mark ended", title: strings.member.endedText.deleted },
        icon("warning", "small"),
        strings.member.ended.deleted,
      ),
    banned && h("span", { class: "role" }, words.banned),
    (banned || !deleted) && button, // nobody returns with a deleted account
  );
}
