/** Names of rooms in search results. */

import { called } from "../ui/people/names.js";
import { lateStrings as strings } from "../ui/strings/late.js";

/**
 * Returns what the room list calls a room.
 * @param {import("../conversation/chat.js").Chat} chat @param {string} id
 */
export function nameOf(chat, id) {
  const listed = chat.rooms.find((room) => room.id === id);
  return (listed && called(listed)) || strings.unnamed;
}
