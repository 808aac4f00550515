/** The page of the account's bots and their tokens. */

import { fetchAll } from "../conversation/pagination.js";
import { ask } from "../ui/dialog.js";
import { byId } from "../ui/dom.js";
import { botLine } from "../ui/people/bot-line.js";
import { accountStrings as strings } from "../ui/strings/account.js";
import { makeApi, requirePerson } from "./site.js";

/** @typedef {import("../net/types.js").Bot} Bot */
/** @typedef {{token: string}} MadeToken */

await requirePerson();
const api = makeApi();
const form = /** @type {HTMLFormElement} */ (byId("bot-form"));
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));

/** Draws the bots anew. */
async function draw() {
  const { bots } = await fetchAll(api, "me/bots", "bots");
  byId("bots").replaceChildren(
    ...bots.map((bot) => botLine(bot, { onToken: makeToken, onRevoke: revoke, onDelete: remove })),
  );
  byId("bots-none").hidden = bots.length > 0;
}

/** The scopes and days that are chosen in the form. */
function chosen() {
  const scopes = ["send", "rooms"].filter((scope) => field(`bot-${scope}`).checked);
  return { scopes: ["read", ...scopes], days: Number(field("bot-days").value) };
}

/** Makes a token as the form says, and shows it this once. @param {{uid: string}} bot */
async function makeToken({ uid }) {
  await attempt(async () => {
    const made = /** @type {MadeToken} */ (await api.post(`me/bots/${uid}/tokens`, chosen()));
    byId("bot-token-text").textContent = made.token;
    byId("bot-token-copied").textContent = "";
    byId("bot-token").hidden = false;
    byId("bot-token").focus();
  });
}

/** @param {Bot} bot @param {string} token */
async function revoke(bot, token) {
  if (!(await ask({ ...strings.bots.askRevoke, danger: true }))) return;
  await attempt(() => api.delete(`me/bots/${bot.uid}/tokens/${token}`));
}

/** @param {Bot} bot */
async function remove(bot) {
  if (!(await ask({ ...strings.bots.askDelete(bot.name), danger: true }))) return;
  await attempt(() => api.delete(`me/bots/${bot.uid}`));
}

/** Does something, says what went wrong, and draws what is there now.
 * @param {() => Promise<unknown>} work */
async function attempt(work) {
  byId("bots-error").hidden = true;
  try {
    await work().finally(draw);
  } catch (error) {
    byId("bots-error").textContent = error.message;
    byId("bots-error").hidden = false;
    byId("bots-error").focus();
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (byId("bot-make"));
  button.disabled = true;
  try {
    await attempt(async () => {
      const name = field("bot-name").value.trim();
      const bot = /** @type {Bot} */ (await api.post("me/bots", { name }));
      field("bot-name").value = "";
      await makeToken(bot);
    });
  } finally {
    button.disabled = false;
  }
});
byId("bot-token-copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(byId("bot-token-text").textContent ?? "");
  byId("bot-token-copied").textContent = strings.bots.copied;
});
await attempt(async () => {});
