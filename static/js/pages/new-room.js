/** Making a room. */

import { createRoom } from "../conversation/create.js";
import { byId, requireMe, startChat } from "./parts.js";
import { startSidebar } from "./sidebar.js";

const { me } = await requireMe();
const chat = startChat(me);
const form = byId("new-room");
const problem = byId("new-room-error");

form.addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const name = byId("room-name").value.trim();
  if (name === "") return byId("room-name").focus();
  button.disabled = true;
  problem.hidden = true;
  try {
    const { history, join } = /** @type {any} */ (Object.fromEntries(new FormData(form)));
    const room = await createRoom(me, {
      name,
      topic: byId("room-topic").value.trim(),
      policy: { history, join },
    });
    location.assign(`/rooms/${room}/`);
  } catch (/** @type {any} */ error) {
    problem.textContent = error.message;
    problem.hidden = false;
    problem.focus();
    button.disabled = false;
  }
});

byId("new-room-submit").disabled = false;
startSidebar(me, chat);
await chat.loadRooms().catch(() => {}); // again once connected
chat.connect();
