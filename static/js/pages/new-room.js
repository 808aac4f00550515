/** The page that creates rooms and direct rooms. */

import { createRoom } from "../conversation/room/create.js";
import { startDirect } from "../conversation/room/direct.js";
import { withConfirmedIdentities } from "../panels/confirm-identities.js";
import { startSidebar } from "../panels/sidebar.js";
import { byId } from "../ui/dom.js";
import { loadAhead } from "../ui/load-part.js";
import { isInvisible } from "../ui/names.js";
import { keepShellOf, requireAccount, startChat } from "./bootstrap.js";
import { startForm } from "./forms.js";

const me = await requireAccount();
const chat = startChat(me);

startForm("new-room", async (fields) => {
  const name = byId("room-name", HTMLInputElement).value.trim();
  if (isInvisible(name)) return byId("room-name").focus();
  const { history, join } = /** @type {any} */ (fields);
  const topic = byId("room-topic", HTMLInputElement).value.trim();
  return open(await createRoom(me, { name, topic, policy: { history, join } }));
});

startForm("new-direct", async () => {
  const name = byId("direct-name", HTMLInputElement).value;
  return open(await withConfirmedIdentities(me, () => startDirect(me, name)));
});

/** @param {string | null} room its id; null where something is still to be decided
 * @returns {boolean} whether this page is left */
function open(room) {
  if (room) location.assign(`/rooms/${room}/`);
  return room !== null;
}

startSidebar(me, chat);
await chat.loadRooms().catch(() => {}); // again once connected
chat.connect();
loadAhead([() => keepShellOf(chat)]);
