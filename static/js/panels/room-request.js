/** The answers to a room that somebody asked the person into. */

import { leaveRoom } from "../conversation/room/members.js";
import { peerOf } from "../conversation/room/names.js";
import { attempt, troublePlace } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { go } from "../ui/go.js";
import { safeName } from "../ui/people/names.js";
import { lateStrings as strings } from "../ui/strings/late.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/room/room-session.js").RoomSession} RoomSession */

/** Leaves a room and its view. The room stays in the list, as one that was left.
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat
 * @param {RoomSession} session @param {string} [heir] uid of the next owner */
export async function goAway(me, chat, session, heir) {
  const { ended } = session.state;
  await leaveRoom(me, session, heir);
  if (ended) await chat.forgetRoom(session.id);
  else await chat.loadRooms().catch(() => {}); // at the latest when it is connected again
  go("/rooms/", { replace: true });
}

/** Declines a request: nothing of the room is kept.
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat
 * @param {RoomSession} session */
async function decline(me, chat, session) {
  await leaveRoom(me, session);
  await chat.forgetRoom(session.id);
  go("/rooms/", { replace: true });
}

/**
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 * @returns {(Node | string)[]}
 */
export function requestNodes(me, chat, session) {
  const peer = peerOf(session, me.uid);
  const trouble = troublePlace();
  /** @param {string} text @param {string} kind @param {() => Promise<unknown>} action */
  const button = (text, kind, action) => {
    const made = h("button", { class: `button ${kind}`, type: "button" }, text);
    made.addEventListener("click", () => attempt(made, action, trouble));
    return made;
  };
  const accept = () => chat.accept(session.id);
  /** @param {string} uid */
  const block = async (uid) => {
    await chat.block(uid, true);
    await decline(me, chat, session);
  };
  const text = peer
    ? strings.request(peer.name)
    : strings.addedText(safeName(session.profile.name) || strings.unnamed);
  return [
    h("p", {}, text, " ", strings.requestText),
    h(
      "div",
      { class: "row" },
      button(strings.list.accept, "", accept),
      button(strings.list.decline, "quiet", () => decline(me, chat, session)),
      peer && button(strings.list.block, "danger", () => block(peer.uid)),
    ),
    trouble,
  ];
}
