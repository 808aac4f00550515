/** Notices of rooms in which nothing can be sent, with what to do about it. */

import { acceptServerVersion, exportEvidence } from "../conversation/room/evidence.js";
import { fetchRestoreNotices } from "../conversation/room/restore-notices.js";
import { attempt, troublePlace } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { download } from "../ui/files/download.js";
import { reload } from "../ui/go.js";
import { safeName } from "../ui/people/names.js";
import { frozenNotice } from "../ui/rooms/frozen-notice.js";
import { lateStrings as strings } from "../ui/strings/late.js";
import { acceptNamesakes, refuseNamesakes } from "./confirm-identities.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("./notices.js").NoticeContext} NoticeContext */

/** @type {Promise<import("../conversation/room/restore-notices.js").RestoreNotice[]> | undefined} */
let notices; // asked for once, when the first room stops

/** A room whose server has cheated. @param {NoticeContext} context */
export function stopped({ me, session }) {
  notices ??= fetchRestoreNotices(me.api).catch(() => []);
  const said = notices;
  return frozenNotice({
    restored: said.then(([newest]) => newest),
    why: strings.lie(session.evidence?.what ?? ""),
    room: safeName(session.profile.name) || strings.unnamed,
    direct: session.state?.kind === "direct",
    onExport: async () => {
      const signed = (await said).map((one) => one.signed);
      download(exportEvidence(me, session, signed), `sotto-evidence-${session.id}.json`);
    },
    onAccept: async () => {
      await acceptServerVersion(me, session.id);
      reload();
    },
  });
}

/** A room with members whom nothing may be sent to. @param {NoticeContext} context */
export function strangers({ me, chat, session, showSafety }) {
  const { unapproved } = session;
  const newer = unapproved.filter(({ why }) => why === "newer");
  const compare = unapproved.filter(({ why }) => why === "newer" || why === "older");
  const names = [
    ...new Set(unapproved.flatMap(({ why, name }) => (why === "namesake" ? [name] : []))),
  ];
  const { doubt } = strings;
  const told = unapproved.flatMap(({ why, name }) =>
    why === "older" || why === "renamed" ? [doubt[why](name)] : [],
  );
  const texts = [
    newer.length > 0 && strings.newKey(newer.map(({ name }) => name).join(", ")),
    ...told,
    ...names.map((name) => doubt.namesake(name)),
  ];
  const buttons = compare.map(({ uid, name }) =>
    h(
      "button",
      { class: "button small", type: "button", onclick: () => showSafety(uid) },
      strings.safety.title(name),
    ),
  );
  const trouble = troublePlace();
  const choices = names.flatMap((name) => namesakeButtons(me, chat, name, trouble));
  return h(
    "div",
    { class: "notice danger" },
    ...texts.map((text) => text && h("p", {}, text)),
    h("div", { class: "row" }, ...buttons, ...choices),
    trouble,
  );
}

/** Returns the choices about a second person of a name.
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat @param {string} name
 * @param {HTMLElement} trouble */
function namesakeButtons(me, chat, name, trouble) {
  const { doubt } = strings;
  /** @param {string} text @param {string} kind @param {() => Promise<unknown>} action */
  const button = (text, kind, action) => {
    const made = h("button", { class: `button small ${kind}`, type: "button" }, text);
    made.addEventListener("click", () =>
      attempt(made, () => action().then(() => chat.recheckTrust()), trouble),
    );
    return made;
  };
  return [
    button(doubt.accept(name), "", () => acceptNamesakes(me, name)),
    button(doubt.refuse, "quiet", () => refuseNamesakes(me, name)),
  ];
}
