/** One place where the account is signed in, as a line of a list. */

import { h } from "../dom.js";
import { accountStrings as strings } from "../strings/account.js";
import { ago, dayAndYear } from "../time.js";

const JUST_NOW = 10 * 60_000; // ms; the server notes uses every few minutes

/**
 * Returns the line.
 * @param {import("../../net/types.js").SignIn} place
 * @param {() => void} onEnd called when the person logs it out; this browser has no such button
 * @param {number} [now] ms
 */
export function sessionLine(place, onEnd, now = Date.now()) {
  const { id, agent, kind, address, made, current } = place;
  const title = h("h2", { id: `session-${id}` }, agent || strings.sessions[kind]);
  const about = h("p", {}, strings.sessions.since(dayAndYear(made)));
  if (address) about.append(" · ", h("span", { class: "session-address" }, address));
  const use = current
    ? h("p", { class: "session-here" }, strings.sessions.here)
    : h("p", {}, lastUse(place, now));
  return h("li", { class: "session" }, h("div", {}, title, use, about), !current && end(id, onEnd));
}

/** @param {import("../../net/types.js").SignIn} place @param {number} now */
function lastUse({ kind, agent, seen }, now) {
  const { program, usedNow, used } = strings.sessions;
  const text = now - seen < JUST_NOW ? usedNow : used(ago(seen, now));
  return kind === "program" && agent ? `${program} · ${text}` : text;
}

/** @param {string} id @param {() => void} onEnd */
const end = (id, onEnd) =>
  h(
    "button",
    {
      class: "button quiet small",
      type: "button",
      id: `end-${id}`,
      "aria-labelledby": `end-${id} session-${id}`,
      onclick: onEnd,
    },
    strings.sessions.logOut,
  );
