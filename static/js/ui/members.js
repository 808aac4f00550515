/** The members of a room: who they are, what they may do, who is here. */

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { strings } from "./strings.js";

const ORDER = ["owner", "moderator", "member"];

/**
 * @param {object} about
 * @param {Map<string, {kid: string, name: string, role: "owner" | "moderator" | "member"}>} about.members
 * @param {string[]} about.online uids
 * @param {string} about.me uid
 * @param {() => void} about.onLeave
 * @returns {Node[]}
 */
export function memberPanel({ members, online, me, onLeave }) {
  const here = new Set(online);
  const people = [...members].sort(
    ([, a], [, b]) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role) || a.name.localeCompare(b.name),
  );
  const alone = members.size === 1;
  const owns = members.get(me)?.role === "owner";
  return [
    h(
      "ul",
      { class: "people" },
      ...people.map(([uid, { kid, name, role }]) =>
        h(
          "li",
          {},
          h(
            "span",
            { class: "avatar-box" },
            avatar(kid),
            here.has(uid) &&
              h("span", { class: "here", role: "img", "aria-label": strings.online }),
          ),
          h("span", { class: "person" }, uid === me ? `${name} (${strings.you})` : name),
          h("span", { class: "role" }, strings.roles[role]),
        ),
      ),
    ),
    h(
      "section",
      {},
      owns && !alone && h("p", {}, strings.ownerStays),
      h(
        "button",
        {
          class: "button danger small",
          type: "button",
          disabled: owns && !alone,
          onclick: onLeave,
        },
        strings.leave,
      ),
    ),
  ];
}
