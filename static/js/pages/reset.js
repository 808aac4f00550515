/** The page of a password reset link, whose secret is in the fragment. */

import { linkSecret } from "../crypto/link-secret.js";
import { ApiError } from "../net/api.js";
import { byId } from "../ui/dom.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { lateStrings as strings } from "../ui/strings/late.js";
import { startForm } from "./forms.js";
import { fetchSite, makeApi } from "./site.js";

// Removes the secret from the address bar first and stores it nowhere.
const secret = linkSecret(location.hash);
const hadFragment = location.hash !== "";
history.replaceState(null, "", location.pathname);

const ENDED = new Set(["reset_unknown", "reset_used", "reset_expired"]);
const api = makeApi();
const section = byId("reset");
startPasswordReveals();
const { mail } = await fetchSite();

/** @param {string} state @param {string} [focused] id of what takes the focus */
function show(state, focused) {
  section.dataset.state = state;
  if (focused) byId(focused).focus();
}

/** @param {string} text */
function ended(text) {
  byId("reset-ended").textContent = text;
  show("ended", "reset-ended-title");
}

async function begin() {
  show("loading");
  if (!hadFragment && mail) return show("ask");
  if (!secret) return ended(hadFragment ? strings.resetIncomplete : strings.resetAskSomebody);
  try {
    const { name } = await api.post("auth/reset/look", { secret });
    byId("reset-name").textContent = name;
    byId("reset-user", HTMLInputElement).value = name;
    show("ready", "reset-password");
  } catch (error) {
    if (ENDED.has(error.code)) return ended(error.message);
    byId("reset-failed").textContent = textOf(error);
    show("failed", "reset-retry");
  }
}

/** @param {unknown} error */
const textOf = (error) => (error instanceof ApiError ? error.message : strings.failedKept);

byId("reset-form").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const button = byId("reset-go", HTMLButtonElement);
  button.disabled = true;
  byId("reset-error").hidden = true;
  try {
    await api.post("auth/reset", { secret, new: byId("reset-password", HTMLInputElement).value });
    show("done", "reset-done");
  } catch (error) {
    if (ENDED.has(error.code)) return ended(error.message);
    byId("reset-error").textContent = textOf(error);
    byId("reset-error").hidden = false;
    byId("reset-password").focus();
  } finally {
    button.disabled = false;
  }
});
startForm("ask", async ({ name }) => {
  await api.post("auth/reset/ask", { name });
  show("asked", "asked-title");
});
byId("reset-retry").addEventListener("click", begin);
addEventListener("hashchange", () => location.reload()); // another link, pasted into this tab
await begin();
