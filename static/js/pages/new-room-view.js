/** The forms that create rooms and direct rooms, as a view of the shell. */

import { createRoom } from "../conversation/room/create.js";
import { startDirect } from "../conversation/room/direct.js";
import { withConfirmedIdentities } from "../panels/confirm-identities.js";
import { byId } from "../ui/dom.js";
import { go } from "../ui/go.js";
import { isInvisible } from "../ui/people/names.js";
import { startForm } from "./forms.js";

/** @param {import("./types.js").Visit} visit @returns {import("./router.js").View} */
export function open({ me, beginWithoutRoom, signal, arrived }) {
  beginWithoutRoom();
  const name = byId("room-name", HTMLInputElement);

  /** @param {string | null} room its id; null where something is still to be decided
   * @returns {boolean} whether this view is left */
  function leaveFor(room) {
    if (room && !signal.aborted) go(`/rooms/${room}/`);
    return room !== null;
  }

  const makeRoom = async (/** @type {Record<string, string>} */ fields) => {
    if (isInvisible(name.value.trim())) return name.focus();
    const { history, join, ai } = /** @type {import("../crypto/events.js").Policy} */ (
      /** @type {unknown} */ (fields)
    );
    const topic = byId("room-topic", HTMLInputElement).value.trim();
    const about = { name: name.value.trim(), topic, policy: { history, join, ai } };
    return leaveFor(await createRoom(me, about));
  };
  const makeDirect = async () => {
    const other = byId("direct-name", HTMLInputElement).value;
    return leaveFor(await withConfirmedIdentities(me, () => startDirect(me, other)));
  };
  startForm("new-room", makeRoom, {}, signal);
  startForm("new-direct", makeDirect, {}, signal);
  if (arrived) name.focus();
  return { place: () => null, again: () => name.focus() };
}
