/** The list of rooms as a view of the shell, with no room open. */

import { announce, byId } from "../ui/dom.js";
import { isNarrow } from "../ui/narrow.js";

/** @param {import("./types.js").Visit} visit @returns {import("./router.js").View} */
export function open({ beginWithoutRoom, arrived }) {
  beginWithoutRoom();
  const focus = () => byId(isNarrow() ? "room-filter" : "blank-title").focus();
  if (arrived) {
    focus();
    announce(byId("blank-title").textContent ?? "");
  }
  return { place: () => null, again: focus };
}
