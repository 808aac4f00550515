/** A room's protections: verified members, the age of the key, what the server sees. */

import { h, icon } from "../dom.js";
import { roomStrings as strings } from "../strings/room.js";
import { day } from "../time.js";

/**
 * @param {object} about
 * @param {number} about.verified whose numbers were compared
 * @param {number} about.members all of them, the reader included
 * @param {number} about.lastRotation ms
 * @param {boolean} [about.direct] a conversation of two
 * @param {number} [about.links] open links that carry the conversation
 * @param {() => void} about.onHealth
 * @param {() => void} about.onLog
 * @param {() => void} about.onPolicy
 * @param {() => unknown} [about.onReports] where this member may read the reports
 * @param {() => void} [about.onName] where the name can be changed
 * @param {() => void} [about.onStored] of the newest message
 * @returns {Node[]}
 */
export function roomSecurityPanel(about) {
  const { verified, members, lastRotation, links = 0 } = about;
  const words = strings.this;
  const others = members - 1;
  const known = verified >= others;
  return [
    h(
      "section",
      {},
      h(
        "ul",
        { class: "truths" },
        truth("lock", words.locked, words.lockedText),
        truth(
          "verified",
          verifiedText(verified, others),
          known ? "" : words.verifyText,
          known ? "" : "open",
        ),
        truth("key", words.renewed(day(lastRotation)), words.renewedText),
        truth("server", words.sees, words.seesText),
        links > 0 && truth("link", words.openLinks(links), words.links, "open"),
      ),
    ),
    h("section", {}, ways(about)),
  ];
}

/** @param {number} verified @param {number} others */
export function verifiedText(verified, others) {
  const words = strings.this;
  if (others === 0) return words.verifiedAlone;
  if (verified === others) return words.verifiedAll;
  return verified === 0 ? words.verifiedNone : words.verifiedSome(verified, others);
}

/** @param {string} picture @param {string} title @param {string} text @param {string} [kind] */
const truth = (picture, title, text, kind = "") =>
  h(
    "li",
    { class: `truth ${kind}`.trim() },
    icon(picture),
    h("div", {}, h("h3", {}, title), text && h("p", {}, text)),
  );

/** @param {Parameters<typeof roomSecurityPanel>[0]} about */
function ways({ direct, onHealth, onLog, onPolicy, onReports, onName, onStored }) {
  /** @param {string} picture @param {string} name @param {() => unknown} go */
  const way = (picture, name, go) =>
    h(
      "li",
      {},
      h(
        "button",
        { class: "way", type: "button", onclick: go },
        icon(picture),
        h("span", {}, name),
        icon("next", "small"),
      ),
    );
  return h(
    "ul",
    { class: "ways" },
    way("key", strings.health.title, onHealth),
    way("history", strings.log.title, onLog),
    way("rules", direct ? strings.direct.rules : strings.policy.title, onPolicy),
    onReports && way("warning", strings.reports, onReports),
    onName && way("bubble", strings.nameTitle, onName),
    onStored && way("server", strings.stored.title, onStored),
  );
}
