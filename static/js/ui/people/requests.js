/** Requests to talk, above the list of rooms, and own requests to join, below it. */

import { attempt, troublePlace } from "../dialog.js";
import { h, icon } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";
import { avatar } from "./avatar.js";
import { safeName } from "./names.js";

/** @typedef {import("../../conversation/chat.js").RoomListItem} RoomListItem */
/** @typedef {"accept" | "decline" | "block"} Reply */
/** @typedef {(room: string, reply: Reply) => Promise<unknown>} Answer */

/** @param {RoomListItem[]} rooms those not accepted yet @param {string} current room's id
 * @param {Answer} [onAnswer] */
export function requests(rooms, current, onAnswer) {
  return h(
    "section",
    { class: "requests", "aria-label": strings.list.requests },
    ...rooms.map((room) => request(room, room.id === current, onAnswer)),
  );
}

/** @param {RoomListItem} room @param {boolean} current @param {Answer} [onAnswer] */
function request({ id, name, peer, askedBy }, current, onAnswer) {
  const words = strings.list;
  const asker = peer ?? askedBy;
  const who = safeName(asker?.name || name);
  const text = peer
    ? words.wants(who)
    : words.added(safeName(asker?.name ?? ""), safeName(name) || words.aRoom);
  const trouble = troublePlace();
  /** @param {Reply} reply @param {string} kind */
  const button = (reply, kind) => {
    const made = replyButton(id, who, reply, kind);
    made.addEventListener("click", () => attempt(made, () => onAnswer?.(id, reply), trouble));
    return made;
  };
  return h(
    "div",
    { class: "request" },
    h(
      "a",
      {
        class: "request-text",
        href: `/rooms/${id}/`,
        "data-room": id,
        "aria-current": current && "page",
      },
      avatar(peer?.uid ?? id, "small"),
      h("span", {}, text),
    ),
    onAnswer &&
      h(
        "div",
        { class: "row" },
        button("accept", ""),
        button("decline", "quiet"),
        asker && button("block", "quiet"),
      ),
    trouble,
  );
}

/** @param {string} id of the room @param {string} who @param {Reply} reply @param {string} kind */
function replyButton(id, who, reply, kind) {
  const words = strings.list;
  return h(
    "button",
    {
      class: `button small ${kind}`,
      type: "button",
      "aria-label": words.to(words[reply], who),
      "data-room": `${id}:${reply}`,
    },
    words[reply],
  );
}

/** Rooms that the person has asked to join.
 * @param {import("../../conversation/room/asked-rooms.js").AskedRoom[]} asked
 * @param {(iid: string) => unknown} [onForget] */
export function askedList(asked, onForget) {
  const words = strings.list;
  return h(
    "ul",
    { class: "asked", "aria-label": words.askedTitle },
    ...asked.map(({ iid, name, by, refused }) => {
      const room = safeName(name) || words.roomOf(safeName(by));
      const forget = h(
        "button",
        {
          class: "icon-button",
          type: "button",
          "aria-label": words.forgetAsked(room),
          title: words.forgetAsked(room),
          "data-room": `asked:${iid}`,
        },
        icon("close", "small"),
      );
      forget.addEventListener("click", () => onForget?.(iid));
      return h(
        "li",
        { class: refused ? "asked-room refused" : "asked-room" },
        icon(refused ? "block" : "clock"),
        h(
          "span",
          {},
          h("span", { class: "asked-name", dir: "auto" }, room),
          h("span", { class: "quiet-text" }, refused ? words.notLetIn : words.asksToJoin),
        ),
        forget,
      );
    }),
  );
}
