/** The page of the places where the account is signed in. */

import { fetchAll } from "../conversation/pagination.js";
import { ask } from "../ui/dialog.js";
import { byId } from "../ui/dom.js";
import { sessionLine } from "../ui/rooms/session-line.js";
import { accountStrings as strings } from "../ui/strings/account.js";
import { makeApi, requirePerson } from "./site.js";

await requirePerson();
const api = makeApi();

/** Draws the places anew, this browser first. */
async function draw() {
  const { sessions } = await fetchAll(api, "me/sessions", "sessions");
  const [here, others] = [true, false].map((wanted) =>
    sessions.filter(({ current }) => current === wanted),
  );
  byId("sessions").replaceChildren(
    ...[...here, ...others].map((one) => sessionLine(one, () => change(`me/sessions/${one.id}`))),
  );
  byId("sessions-advice").hidden = others.length === 0;
  byId("sessions-end").hidden = others.length === 0;
  byId("sessions-none").hidden = others.length > 0;
}

/** Ends what is at an address of the API, and shows what is left. @param {string} path */
async function change(path) {
  await attempt(() => api.delete(path).finally(draw));
}

/** @param {() => Promise<unknown>} work */
async function attempt(work) {
  byId("sessions-error").hidden = true;
  try {
    await work();
  } catch (error) {
    byId("sessions-error").textContent = error.message;
    byId("sessions-error").hidden = false;
    byId("sessions-error").focus();
  }
}

byId("sessions-end").addEventListener("click", async () => {
  const { title, text, confirm, cancel } = strings.sessions.endOthers;
  if (await ask({ title, text, confirm, cancel, danger: true })) await change("me/sessions");
});
await attempt(draw);
