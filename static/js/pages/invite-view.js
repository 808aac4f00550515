/** An invitation: its preview, and joining. A view of the shell, and a page for those who have no account
 * in this browser yet. */

import {
  askedRooms,
  askedState,
  forgetAsked,
  rememberAsked,
} from "../conversation/room/asked-rooms.js";
import { awaitDecision } from "../conversation/room/await-decision.js";
import { joinByInvitation, previewInvitation } from "../conversation/room/invitations.js";
import { deriveInvite } from "../crypto/invite.js";
import { parseLink } from "../crypto/link-secret.js";
import { ApiError } from "../net/api.js";
import { byId, h } from "../ui/dom.js";
import { go } from "../ui/go.js";
import { entry } from "../ui/history.js";
import { PREVIEW } from "../ui/limits.js";
import { safeName } from "../ui/people/names.js";
import { rulesInSight } from "../ui/rooms/rules-in-sight.js";
import { full } from "../ui/time.js";
import { clearInvitationLink, savedInvitationLink, saveInvitationLink } from "./invitation-link.js";
import { makeApi } from "./site.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {{me: Account, iid: string, room: string}} Request to join, made in this browser */
/**
 * @typedef {object} Visitor
 * @property {{uid: string} | null} person who is signed in
 * @property {() => Promise<Account | null>} findAccount their keys in this browser, if they are there
 * @property {(room: string, onNews: () => void) => void} listen has `onNews` called when the server says
 *   something about the room, or about a request to join it
 * @property {AbortSignal} signal aborted when the invitation is left
 */

const ENDED = new Set(["invite_expired", "invite_used", "invite_revoked", "invite_unknown"]);
const NOT_COMPLETE = "The link is not complete. Copy the whole link, to its last character.";
const NOT_LET_IN = "Nobody there let you in. Ask who sent you the link.";
const RULES_LATER = "You see its rules once somebody has let you in.";
const DOES_NOT_FIT =
  "What the server sent does not fit this link. Ask for a new one, outside this chat.";

/** @param {import("./types.js").Visit} visit @returns {import("./router.js").View} */
export function open({ me, chat, beginWithoutRoom, signal }) {
  beginWithoutRoom();
  /** @param {string} room @param {() => void} onNews */
  const listen = (room, onNews) => {
    const heard = (/** @type {Event} */ event) =>
      /** @type {CustomEvent<{room: string}>} */ (event).detail.room === room && onNews();
    chat.addEventListener("knock", heard, { signal });
    chat.addEventListener("rooms", () => chat.serverRoom(room) && onNews(), { signal });
    chat.addEventListener("status", () => chat.status === "open" && onNews(), { signal });
  };
  const shown = new Invitation({ person: me, findAccount: async () => me, listen, signal });
  shown.start();
  return { place: () => null, again: () => shown.start() };
}

/** Takes the secret out of the address bar, and keeps it in this tab.
 * @returns {string} the fragment of the link; "" for none */
export function takeLink() {
  const fragment = location.hash || savedInvitationLink();
  history.replaceState(entry(), "", location.pathname);
  if (fragment) saveInvitationLink(fragment);
  return fragment;
}

export class Invitation {
  #visitor;
  #api = makeApi();
  #section = byId("invite");
  #turn = 0; // counts previews: another link may come while one is fetched

  /** @param {Visitor} visitor */
  constructor(visitor) {
    this.#visitor = visitor;
    const { signal } = visitor;
    this.#at("invite-retry").addEventListener("click", () => this.start());
    // Another link, pasted into this tab.
    addEventListener("hashchange", () => location.hash && this.start(), { signal });
  }

  /** Shows the preview. Never rejects. @param {string} [fragment] of the link */
  async start(fragment = takeLink()) {
    try {
      await this.#preview(fragment);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @template {HTMLElement} [T=HTMLElement] @param {string} id @param {new () => T} [type]
   * @returns {T} an element of the invitation, also after it was left */
  #at(id, type = /** @type {new () => T} */ (HTMLElement)) {
    const found = this.#section.querySelector(`#${id}`);
    if (!(found instanceof type)) throw new Error(`the invitation has no #${id}`);
    return found;
  }

  /** @param {string} state */
  #show(state) {
    this.#section.dataset.state = state;
  }

  /** The link stays in this tab: loaded again, the page says the same.
   * @param {string} text @param {() => unknown} [askAgain] */
  #end(text, askAgain) {
    this.#at("invite-ended").textContent = text;
    this.#at("invite-again").hidden = !askAgain;
    this.#at("invite-again").onclick = () => askAgain?.();
    this.#show("ended");
  }

  /** @param {unknown} error */
  #fail(error) {
    if (error instanceof ApiError && ENDED.has(error.code)) return this.#end(error.message);
    this.#at("invite-failed").textContent =
      error instanceof ApiError ? error.message : DOES_NOT_FIT;
    this.#show("failed");
  }

  /** @param {string} fragment */
  async #preview(fragment) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#show("loading");
    const secret = secretIn(fragment);
    if (!secret) return this.#end(NOT_COMPLETE);
    const request = await this.#requestBy(secret);
    if (request) return this.#wait(request);
    const preview = await previewInvitation(this.#api, secret);
    const { person, signal } = this.#visitor;
    if (signal.aborted || turn !== this.#turn) return;
    const { card, inviter, exp, members, state } = preview;
    this.#at("invite-by").textContent = inviter;
    this.#at("invite-name").textContent = safeName(card.name) || "an unnamed room";
    this.#at("invite-topic").textContent = safeName(card.topic, PREVIEW);
    const count = members === 1 ? "1 member" : `${members} members`;
    this.#at("invite-members").textContent = state ? count : "somebody there lets you in";
    this.#at("invite-until").textContent = `open until ${full(exp)}`;
    this.#showRules(state?.policy);
    const button = this.#at("invite-join");
    if (person && state?.members.has(person.uid)) button.textContent = "Open the room";
    else if (!person) button.textContent = "Continue to join";
    else if (!state) button.textContent = "Ask to join";
    const about = { name: card.name, by: inviter };
    button.onclick = () =>
      this.#join(secret, preview.room, about).catch((error) => this.#refuse(error));
    this.#show("ready");
    button.focus();
  }

  /** Shows what happens to words in the room, by its signed rules. Where somebody has to let people
   * in, the log that has them is read by members only.
   * @param {import("../crypto/events.js").Policy} [policy] */
  #showRules(policy) {
    const rules = policy ? rulesInSight(policy, { all: true }) : [RULES_LATER];
    this.#at("invite-rules").replaceChildren(...rules.map((text) => h("li", {}, text)));
    this.#at("invite-rules").hidden = false;
  }

  /** @param {Uint8Array} secret @param {string} room
   * @param {{name: string, by: string}} about the room's name and who invites */
  async #join(secret, room, about) {
    const { person, findAccount } = this.#visitor;
    if (!person)
      return location.assign(`/accounts/signup/?next=${encodeURIComponent("/keys/?next=/i")}`);
    const me = await findAccount();
    if (!me) return location.assign("/keys/?next=/i");
    this.#show("joining");
    const progress = this.#at("invite-progress", HTMLProgressElement);
    const { waiting } = await joinByInvitation(me, secret, (done) => {
      progress.value = done;
    });
    if (!waiting) return this.#enter(room);
    const { iid } = await deriveInvite(secret);
    await rememberAsked(me, { iid, room, ...about });
    await this.#wait({ me, iid, room });
  }

  /** The request by this link that this browser remembers. It goes on where the link has ended meanwhile.
   * @param {Uint8Array} secret @returns {Promise<Request | null>} */
  async #requestBy(secret) {
    const { person, findAccount } = this.#visitor;
    const me = person && (await findAccount());
    if (!me) return null;
    const { iid } = await deriveInvite(secret);
    const found = (await askedRooms(me)).find((one) => one.iid === iid);
    return found ? { me, iid, room: found.room ?? "" } : null;
  }

  /** Goes to the room, unless the person went somewhere else meanwhile. @param {string} room */
  #enter(room) {
    if (this.#visitor.signal.aborted) return;
    clearInvitationLink();
    go(`/rooms/${room}/`, { replace: true });
  }

  /** Waits until a member has decided. If the page is closed, the room appears in the list anyway.
   * @param {Request} request */
  async #wait({ me, iid, room }) {
    this.#show("waiting");
    const { listen, signal } = this.#visitor;
    const state = await awaitDecision(
      () => askedState(me, iid),
      (onNews) => listen(room, onNews),
      signal,
    );
    const again = async () => {
      await forgetAsked(me, iid);
      await this.start();
    };
    if (state === "refused") return this.#end(NOT_LET_IN, again); // the list says so, too
    if (state !== "member" || !room) return again(); // the link says what became of it
    await forgetAsked(me, iid);
    this.#enter(room);
  }

  /** Joining failed; the link may still be valid. @param {Error} error */
  #refuse(error) {
    if (error instanceof ApiError && ENDED.has(error.code)) return this.#end(error.message);
    this.#at("invite-error").textContent = error.message;
    this.#at("invite-error").hidden = false;
    this.#show("ready");
  }
}

/** @param {string} fragment @returns {Uint8Array | null} null if it is not complete */
function secretIn(fragment) {
  try {
    return parseLink(fragment);
  } catch {
    return null;
  }
}
