/** The page of an invitation link: preview and joining. */

import { loadAccount } from "../conversation/account/account.js";
import {
  joinByInvitation,
  knockState,
  previewInvitation,
} from "../conversation/room/invitations.js";
import { parseLink } from "../crypto/invite.js";
import { ApiError } from "../net/api.js";
import { Store } from "../store/store.js";
import { byId, h } from "../ui/dom.js";
import { PREVIEW } from "../ui/limits.js";
import { safeName } from "../ui/names.js";
import { rulesInSight } from "../ui/rules-in-sight.js";
import { full } from "../ui/time.js";
import { clearInvitationLink, savedInvitationLink, saveInvitationLink } from "./invitation-link.js";
import { fetchSite, makeApi } from "./site.js";

const ASK_AGAIN = 4000; // ms

// Removes the secret from the address bar first and keeps it in this tab.
const fragment = location.hash || savedInvitationLink();
history.replaceState(null, "", location.pathname);
if (fragment) saveInvitationLink(fragment);

const { me: person } = await fetchSite();
const api = makeApi();
const section = byId("invite");

/** @param {string} state */
const show = (state) => {
  section.dataset.state = state;
};

const ENDED = new Set(["invite_expired", "invite_used", "invite_revoked", "invite_unknown"]);

/** @param {string} text */
function ended(text) {
  clearInvitationLink();
  byId("invite-ended").textContent = text;
  show("ended");
}

/** @param {unknown} error */
function failed(error) {
  if (error instanceof ApiError && ENDED.has(error.code)) return ended(error.message);
  byId("invite-failed").textContent =
    error instanceof ApiError
      ? error.message
      : "What the server sent does not fit this link. Ask for a new one, outside this chat.";
  show("failed");
}

async function begin() {
  show("loading");
  let secret;
  try {
    secret = parseLink(fragment);
  } catch {
    return ended("The link is not complete. Copy the whole link, to its last character.");
  }
  const preview = await previewInvitation(api, secret);
  const { card, inviter, exp, members, state } = preview;
  byId("invite-by").textContent = inviter;
  byId("invite-name").textContent = safeName(card.name) || "an unnamed room";
  byId("invite-topic").textContent = safeName(card.topic, PREVIEW);
  const count = members === 1 ? "1 member" : `${members} members`;
  byId("invite-members").textContent = state ? count : "somebody there lets you in";
  byId("invite-until").textContent = `open until ${full(exp)}`;
  if (state) showRules(state.policy);
  const button = byId("invite-join");
  if (person && state?.members.has(person.uid)) button.textContent = "Open the room";
  else if (!person) button.textContent = "Continue to join";
  else if (!state) button.textContent = "Ask to join";
  button.onclick = () => join(secret, preview.room).catch(refused);
  show("ready");
  button.focus();
}

/** Shows what happens to words in the room, by its signed rules.
 * @param {import("../crypto/events.js").Policy} policy */
function showRules(policy) {
  const lines = rulesInSight(policy, { all: true }).map((text) => h("li", {}, text));
  byId("invite-rules").replaceChildren(...lines);
  byId("invite-rules").hidden = false;
}

/** @param {Uint8Array} secret @param {string} room */
async function join(secret, room) {
  if (!person)
    return location.assign(`/accounts/signup/?next=${encodeURIComponent("/keys/?next=/i")}`);
  const me = await loadAccount(person, await Store.open(person.uid), api);
  if (!me) return location.assign("/keys/?next=/i");
  show("joining");
  const progress = byId("invite-progress", HTMLProgressElement);
  const { waiting } = await joinByInvitation(me, secret, (done) => {
    progress.value = done;
  });
  if (waiting) return wait(me, secret, room);
  clearInvitationLink();
  location.replace(`/rooms/${room}/`);
}

/** Polls until a member has decided. If the page is closed, the room appears in the list anyway.
 * @param {import("../conversation/account/account.js").Account} me @param {Uint8Array} secret
 * @param {string} room */
async function wait(me, secret, room) {
  show("waiting");
  for (;;) {
    const state = await knockState(me, secret).catch(() => "waiting"); // the network may be away
    if (state === "member") {
      clearInvitationLink();
      return location.replace(`/rooms/${room}/`);
    }
    if (state !== "waiting") return ended("Nobody there let you in. Ask who sent you the link.");
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
  }
}

/** Joining failed; the link may still be valid. @param {Error} error */
function refused(error) {
  if (error instanceof ApiError && ENDED.has(error.code)) return ended(error.message);
  byId("invite-error").textContent =
    error instanceof ApiError ? error.message : String(error.message);
  byId("invite-error").hidden = false;
  show("ready");
}

addEventListener("hashchange", () => location.reload()); // another link, pasted into this tab
byId("invite-retry").addEventListener("click", () => begin().catch(failed));
begin().catch(failed);
