/** Notices above a conversation that cannot continue, with what to do about them. */

import { peerOf } from "../conversation/room/direct.js";
import { acceptServerVersion, exportEvidence } from "../conversation/room/evidence.js";
import { leaveRoom } from "../conversation/room/members.js";
import { fetchRestoreNotices } from "../conversation/room/restore-notices.js";
import { attempt, troublePlace } from "../ui/dialog.js";
import { byId, h } from "../ui/dom.js";
import { download } from "../ui/download.js";
import { frozenNotice } from "../ui/frozen-notice.js";
import { brief } from "../ui/limits.js";
import { strings } from "../ui/strings.js";
import { acceptNamesakes, refuseNamesakes } from "./confirm-identities.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/room/room-session.js").RoomSession} RoomSession */

/** @param {...(Node | string)} nodes none to take it away */
export function showNotice(...nodes) {
  byId("room-notice").replaceChildren(...nodes);
  byId("room-notice").hidden = nodes.length === 0;
}

/** @param {string} text @param {...Node} more */
const plain = (text, ...more) => h("div", { class: "notice danger" }, h("p", {}, text), ...more);

/** @param {string} text "" for none */
export const showProblem = (text) => (text ? showNotice(plain(text)) : showNotice());

/**
 * Shows why nothing can be sent; returns whether there is a reason.
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 * @param {import("./members.js").MembersPanel} people
 */
export function showBlockReason(me, chat, session, people) {
  const { frozen, evidence, unapproved, state, awaitsReset } = session;
  // The server deletes the messages of a closed room, so only its log can still be false.
  if (state.ended && evidence?.what !== "log")
    showNotice(plain(strings.closedRoom, removal(me, session)));
  else if (frozen === "cheated") showNotice(stopped(me, session));
  else if (frozen) showProblem(strings.newerRoom);
  else if (unapproved.length > 0) showNotice(strangers(me, chat, session, people));
  else if (awaitsReset) showProblem(strings.awaitsReset);
  else if (state.open && !session.keys.get(state.e)) showProblem(strings.noKey);
  else showNotice();
  return !byId("room-notice").hidden;
}

/** @type {Promise<import("../conversation/room/restore-notices.js").RestoreNotice[]> | undefined} */
let notices; // asked for once, when the first room stops

/** @param {Account} me @param {RoomSession} session */
function stopped(me, session) {
  notices ??= fetchRestoreNotices(me.api).catch(() => []);
  const said = notices;
  return frozenNotice({
    restored: said.then(([newest]) => newest),
    why: strings.lie(session.evidence?.what ?? ""),
    room: brief(session.profile.name) || strings.unnamed,
    onExport: async () => {
      const signed = (await said).map((one) => one.signed);
      download(exportEvidence(me, session, signed), `sotto-evidence-${session.id}.json`);
    },
    onAccept: async () => {
      await acceptServerVersion(me, session.id);
      location.reload();
    },
  });
}

/** @param {Account} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 * @param {import("./members.js").MembersPanel} people */
function strangers(me, chat, session, people) {
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
      { class: "button small", type: "button", onclick: () => people.showSafety(uid) },
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

/** Buttons to decide about a second account with a known name.
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

/** @param {Account} me @param {RoomSession} session */
function removal(me, session) {
  const trouble = troublePlace();
  const button = h("button", { class: "button small", type: "button" }, strings.closedRemove);
  button.addEventListener("click", () => attempt(button, () => goAway(me, session), trouble));
  return h("div", { class: "row" }, button, trouble);
}

/** @param {Account} me @param {RoomSession} session */
async function goAway(me, session) {
  await leaveRoom(me, session);
  location.replace("/rooms/");
}

/**
 * A room that the user was invited to: the answer buttons replace the composer.
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 * @returns {boolean} whether an answer is waited for
 */
export function showRequest(me, chat, session) {
  const { accepted } = chat.serverRoom(session.id) ?? {};
  const peer = peerOf(session, me.uid);
  const place = byId("room-answer");
  place.hidden = accepted !== false;
  byId("composer").hidden = !place.hidden;
  if (place.hidden) return false;
  const trouble = troublePlace();
  /** @param {string} text @param {string} kind @param {() => Promise<unknown>} action */
  const button = (text, kind, action) => {
    const made = h("button", { class: `button ${kind}`, type: "button" }, text);
    made.addEventListener("click", () => attempt(made, action, trouble));
    return made;
  };
  const accept = () => chat.accept(session.id);
  const decline = () => goAway(me, session);
  /** @param {string} uid */
  const block = async (uid) => {
    await chat.block(uid, true);
    await goAway(me, session);
  };
  const text = peer
    ? strings.request(peer.name)
    : strings.addedText(brief(session.profile.name) || strings.unnamed);
  place.replaceChildren(
    h("p", {}, text, " ", strings.requestText),
    h(
      "div",
      { class: "row" },
      button(strings.list.accept, "", accept),
      button(strings.list.decline, "quiet", decline),
      peer && button(strings.list.block, "danger", () => block(peer.uid)),
    ),
    trouble,
  );
  return true;
}
