/** The page that creates rooms and direct rooms. */

import { createRoom } from "../conversation/room/create.js";
import { startDirect } from "../conversation/room/direct.js";
import { withConfirmedIdentities } from "../panels/confirm-identities.js";
import { startSidebar } from "../panels/sidebar.js";
import { byId } from "../ui/dom.js";
import { requireAccount, startChat } from "./bootstrap.js";

const { me } = await requireAccount();
const chat = startChat(me);

/**
 * A form that creates a room and opens it, or shows the error.
 * @param {string} id @param {(form: HTMLFormElement) => Promise<string | null>} make gives the
 *   room's id, null where something is still to be filled in
 */
function startForm(id, make) {
  const form = byId(id, HTMLFormElement);
  const button = byId(`${id}-submit`, HTMLButtonElement);
  const problem = byId(`${id}-error`);
  form.addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      const room = await make(form);
      if (room) return location.assign(`/rooms/${room}/`);
    } catch (/** @type {any} */ error) {
      problem.textContent = error.message;
      problem.hidden = false;
      problem.focus();
    }
    button.disabled = false;
  });
  button.disabled = false;
}

startForm("new-room", async (form) => {
  const name = byId("room-name", HTMLInputElement).value.trim();
  if (name === "") {
    byId("room-name").focus();
    return null;
  }
  const { history, join } = /** @type {any} */ (Object.fromEntries(new FormData(form)));
  const topic = byId("room-topic", HTMLInputElement).value.trim();
  return createRoom(me, { name, topic, policy: { history, join } });
});

startForm("new-direct", () =>
  withConfirmedIdentities(me, () => startDirect(me, byId("direct-name", HTMLInputElement).value)),
);

startSidebar(me, chat);
await chat.loadRooms().catch(() => {}); // again once connected
chat.connect();
