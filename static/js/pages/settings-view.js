/** The settings: keys, recovery kit, blocked people, forgetting the device, deleting. */

import { Blocks } from "../conversation/account/blocks.js";
import { deleteAccount, StillOwnerError } from "../conversation/account/reset.js";
import { KitError, keepSealedKit } from "../conversation/account/setup.js";
import { ApiError } from "../net/api.js";
import { Store } from "../store/store.js";
import { byId, h } from "../ui/dom.js";
import { lateStrings as strings } from "../ui/strings/late.js";
import { accountChannel } from "./bootstrap.js";
import { startForm } from "./forms.js";
import { logOut } from "./leave.js";
import { makeApi } from "./site.js";
import { startSingleSignOn } from "./sso-setting.js";
import { offerConfirming, showFitting } from "./without-password.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/**
 * @typedef {object} Parts
 * @property {import("./site.js").Person} person who is signed in
 * @property {Account | null} me null if this browser has no keys
 * @property {Store} store
 * @property {Blocks} blocks
 * @property {AbortSignal} signal aborted when the settings are left
 * @property {() => void} stop ends what writes to this browser's storage
 */

/** The settings as a view of the shell.
 * @param {import("./types.js").Visit} visit @returns {import("./router.js").View} */
export function open({ me, chat, beginWithoutRoom, signal, arrived }) {
  beginWithoutRoom();
  const stop = () => chat.close();
  new Settings({ person: me, me, store: me.store, blocks: chat.blocks, signal, stop }).start();
  const title = byId("settings-title");
  if (arrived) title.focus();
  return { place: () => null, again: () => title.focus() };
}

/** The settings in a browser without keys, which shows no room.
 * @param {import("./site.js").Person} person */
export async function openAlone(person) {
  const store = await Store.open(person.uid);
  const blocks = new Blocks({ api: makeApi() });
  const { signal } = new AbortController();
  new Settings({ person, me: null, store, blocks, signal, stop: () => {} }).start();
}

/** Its elements are those of the page when it is made: it changes no other view's. */
class Settings {
  #parts;
  #api = makeApi();
  #main = byId("main");
  #confirmAgain = () => {}; // for people without a password

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  start() {
    const { person, me, blocks, signal } = this.#parts;
    this.#at("user-name").textContent = person.name;
    this.#at("fingerprint").textContent = person.kid ?? "–";
    this.#at("device-state").textContent = me ? strings.keysHere : strings.noKeysHere;
    startForm("log-out", logOut, {}, signal);
    const facts = this.#api.get("me/sso");
    startSingleSignOn(facts, signal).catch(() => {}); // the setting shows once it is fetched
    this.#startKit().catch(() => {}); // without storage there is nothing to confirm
    this.#startSealedKit();
    const draw = () => this.#drawBlocked();
    blocks.addEventListener("changed", draw, { signal });
    draw();
    blocks.load().catch(() => {}); // the list shows once it is fetched
    this.#startForgetting();
    this.#startDeleting();
    facts.then((found) => this.#fitToPassword(found)).catch(() => {}); // the server says it, too
  }

  /** @template {HTMLElement} [T=HTMLElement] @param {string} id @param {new () => T} [type]
   * @returns {T} an element of the settings, also after they were left */
  #at(id, type = /** @type {new () => T} */ (HTMLElement)) {
    const found = this.#main.querySelector(`#${id}`);
    if (!(found instanceof type)) throw new Error(`the settings have no #${id}`);
    return found;
  }

  /** @param {import("./without-password.js").Facts} facts */
  #fitToPassword(facts) {
    const { signal } = this.#parts;
    if (signal.aborted) return;
    showFitting(facts, this.#main);
    if (!facts.password)
      this.#confirmAgain = offerConfirming("delete-confirm", this.#at("delete-go"), facts, signal);
  }

  /** @param {string} id of a notice @param {unknown} error null for none */
  #complain(id, error) {
    const known = error instanceof ApiError || error instanceof KitError;
    const text = known ? error.message : strings.failedKept;
    this.#at(id).textContent = error ? text : "";
    this.#at(id).hidden = !error;
  }

  // --- the recovery kit --------------------------------------------------------------------------

  async #startKit() {
    const { me, store } = this.#parts;
    const setting = this.#at("kit-setting");
    this.#at("kit-confirm").addEventListener("click", async () => {
      await store.accounts.confirmKit();
      setting.hidden = true;
      byId("kit-badge").hidden = true;
    });
    const account = await store.accounts.current();
    setting.hidden = !me || (account?.kitSaved ?? false);
  }

  #startSealedKit() {
    this.#api.get("me").then(
      ({ kit }) => this.#drawSealedKit(kit),
      (error) => this.#complain("sealed-kit-error", error),
    );
    const field = this.#at("sealed-kit-file", HTMLInputElement);
    field.addEventListener("change", async () => {
      const [file] = field.files ?? [];
      field.value = "";
      if (file) await this.#changeSealedKit(file);
    });
    this.#at("sealed-kit-delete").addEventListener("click", () => this.#changeSealedKit(null));
  }

  /** @param {File | null} file to keep a copy of; null removes the copy */
  async #changeSealedKit(file) {
    try {
      if (file) await keepSealedKit(this.#api, await file.text());
      else await this.#api.delete("kit");
      this.#complain("sealed-kit-error", null);
      this.#drawSealedKit(file !== null);
    } catch (error) {
      this.#complain("sealed-kit-error", error);
    }
  }

  /** @param {boolean} kept */
  #drawSealedKit(kept) {
    this.#at("sealed-kit-state").textContent = kept ? strings.kitKept : strings.kitNotKept;
    this.#at("sealed-kit-put").hidden = kept;
    this.#at("sealed-kit-delete").hidden = !kept;
  }

  // --- blocked people ----------------------------------------------------------------------------

  #drawBlocked() {
    const { blocks } = this.#parts;
    const unblock = (/** @type {string} */ uid) =>
      h(
        "button",
        { class: "button quiet small", type: "button", onclick: () => blocks.set(uid, false) },
        strings.unblock,
      );
    const lines = blocks.people.map(({ uid, name }) =>
      h("li", {}, h("span", {}, name), unblock(uid)),
    );
    this.#at("blocked").hidden = lines.length === 0;
    this.#at("blocked-list").replaceChildren(...lines);
  }

  // --- forgetting this device --------------------------------------------------------------------

  #startForgetting() {
    const { person, store, signal, stop } = this.#parts;
    const dialog = this.#at("forget-dialog", HTMLDialogElement);
    const opener = this.#at("forget", HTMLButtonElement);
    opener.addEventListener("click", () => dialog.showModal());
    opener.disabled = false; // a click before would do nothing
    this.#at("forget-cancel").addEventListener("click", () => dialog.close());
    const forget = async () => {
      accountChannel(person.uid).postMessage("forget"); // other tabs write nothing more
      stop();
      await store.eraseAccount();
      store.close();
      return logOut();
    };
    startForm("forget-form", forget, {}, signal);
  }

  // --- deleting the account ----------------------------------------------------------------------

  #startDeleting() {
    const { me } = this.#parts;
    const dialog = this.#at("delete-dialog", HTMLDialogElement);
    const opener = this.#at("delete-account", HTMLButtonElement);
    opener.disabled = !me; // the rooms are left by signed events, which need the keys
    opener.title = me ? "" : strings.noKeysHere;
    opener.addEventListener("click", () => dialog.showModal());
    this.#at("delete-cancel").addEventListener("click", () => dialog.close());
    this.#at("delete-form").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      if (me) this.#delete(me);
    });
  }

  /** @param {Account} me */
  async #delete(me) {
    const progress = this.#at("delete-progress", HTMLProgressElement);
    const button = this.#at("delete-go", HTMLButtonElement);
    progress.hidden = false;
    button.disabled = true;
    this.#drawOwned([]);
    try {
      const password = this.#at("delete-password", HTMLInputElement).value;
      await deleteAccount(me, password, (done) => {
        progress.value = done;
      });
      accountChannel(me.uid).postMessage("forget");
      this.#parts.stop();
      location.replace("/#deleted");
    } catch (error) {
      if (error instanceof StillOwnerError) this.#drawOwned(error.rooms);
      if (error instanceof ApiError && error.code === "not_confirmed") this.#confirmAgain();
      this.#complain("delete-error", error instanceof StillOwnerError ? null : error);
      progress.hidden = true;
      button.disabled = false;
    }
  }

  /** Rooms to hand over or close first, each with its link. @param {{id: string, name: string}[]} rooms */
  #drawOwned(rooms) {
    const place = this.#at("delete-owned");
    place.hidden = rooms.length === 0;
    this.#at("delete-owned-rooms").replaceChildren(
      ...rooms.map(({ id, name }) =>
        h("li", {}, h("a", { href: `/rooms/${id}/` }, name || strings.unnamed)),
      ),
    );
    if (rooms.length > 0) place.focus();
  }
}
