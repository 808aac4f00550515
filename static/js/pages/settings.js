/** The settings page: keys, recovery kit, blocked people, forgetting the device, deleting. */

import { loadAccount } from "../conversation/account/account.js";
import { Blocks } from "../conversation/account/blocks.js";
import { deleteAccount, StillOwnerError } from "../conversation/account/reset.js";
import { KitError, keepSealedKit } from "../conversation/account/setup.js";
import { ApiError } from "../net/api.js";
import { Store } from "../store/store.js";
import { byId, h } from "../ui/dom.js";
import { lateStrings as strings } from "../ui/strings-late.js";
import { accountChannel } from "./bootstrap.js";
import { startForm } from "./forms.js";
import { logOut, makeApi, requirePerson } from "./site.js";
import { startSingleSignOn } from "./sso-setting.js";

const person = await requirePerson();
const api = makeApi();
byId("user-name").textContent = person.name;
byId("fingerprint").textContent = person.kid ?? "–";
startForm("log-out", logOut);
startSingleSignOn().catch(() => {}); // the setting shows once it is fetched
const store = await Store.open(person.uid);
const account = await store.accounts.current();
const me = await loadAccount(person, store, api);

byId("device-state").textContent = me ? strings.keysHere : strings.noKeysHere;
byId("kit-setting").hidden = !me || (account?.kitSaved ?? false);
byId("kit-confirm").addEventListener("click", async () => {
  await store.accounts.confirmKit();
  byId("kit-setting").hidden = true;
});

/** @param {string} id of a notice @param {unknown} error null for none */
function complain(id, error) {
  const known = error instanceof ApiError || error instanceof KitError;
  const text = known ? error.message : strings.failedKept;
  byId(id).textContent = error ? text : "";
  byId(id).hidden = !error;
}

// --- the sealed copy of the kit ----------------------------------------------------------------

/** @param {boolean} kept */
function drawKit(kept) {
  byId("sealed-kit-state").textContent = kept ? strings.kitKept : strings.kitNotKept;
  byId("sealed-kit-put").hidden = kept;
  byId("sealed-kit-delete").hidden = !kept;
}

api.get("me").then(
  ({ kit }) => drawKit(kit),
  (error) => complain("sealed-kit-error", error),
);
const kitFile = byId("sealed-kit-file", HTMLInputElement);
kitFile.addEventListener("change", async () => {
  const [file] = kitFile.files ?? [];
  kitFile.value = "";
  if (!file) return;
  try {
    await keepSealedKit(api, await file.text());
    complain("sealed-kit-error", null);
    drawKit(true);
  } catch (error) {
    complain("sealed-kit-error", error);
  }
});
byId("sealed-kit-delete").addEventListener("click", async () => {
  await api.delete("kit").then(
    () => drawKit(false),
    (error) => complain("sealed-kit-error", error),
  );
});

// --- blocked people ----------------------------------------------------------------------------

const blocks = new Blocks({ api });
blocks.addEventListener("changed", () => {
  byId("blocked").hidden = blocks.people.length === 0;
  byId("blocked-list").replaceChildren(
    ...blocks.people.map(({ uid, name }) =>
      h(
        "li",
        {},
        h("span", {}, name),
        h(
          "button",
          { class: "button quiet small", type: "button", onclick: () => blocks.set(uid, false) },
          strings.unblock,
        ),
      ),
    ),
  );
});
blocks.load().catch(() => {}); // the list shows once it is fetched

// --- forgetting this device --------------------------------------------------------------------

const forgetting = byId("forget-dialog", HTMLDialogElement);
byId("forget").addEventListener("click", () => forgetting.showModal());
byId("forget-cancel").addEventListener("click", () => forgetting.close());
startForm("forget-form", async () => {
  accountChannel(person.uid).postMessage("forget"); // other tabs write nothing more
  await store.eraseAccount();
  store.close();
  return logOut();
});

// --- deleting the account ----------------------------------------------------------------------

const deleting = byId("delete-dialog", HTMLDialogElement);
const open = byId("delete-account", HTMLButtonElement);
open.disabled = !me; // the rooms are left by signed events, which need the keys
open.title = me ? "" : strings.noKeysHere;
open.addEventListener("click", () => deleting.showModal());
byId("delete-cancel").addEventListener("click", () => deleting.close());
byId("delete-form").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  if (!me) return;
  const progress = byId("delete-progress", HTMLProgressElement);
  const button = byId("delete-go", HTMLButtonElement);
  progress.hidden = false;
  button.disabled = true;
  drawOwned([]);
  try {
    await deleteAccount(me, byId("delete-password", HTMLInputElement).value, (done) => {
      progress.value = done;
    });
    accountChannel(person.uid).postMessage("forget");
    location.replace("/#deleted");
  } catch (error) {
    if (error instanceof StillOwnerError) drawOwned(error.rooms);
    complain("delete-error", error instanceof StillOwnerError ? null : error);
    progress.hidden = true;
    button.disabled = false;
  }
});

/** Rooms to hand over or close first, each with its link. @param {{id: string, name: string}[]} rooms */
function drawOwned(rooms) {
  byId("delete-owned").hidden = rooms.length === 0;
  byId("delete-owned-rooms").replaceChildren(
    ...rooms.map(({ id, name }) =>
      h("li", {}, h("a", { href: `/rooms/${id}/` }, name || strings.unnamed)),
    ),
  );
  if (rooms.length > 0) byId("delete-owned").focus();
}
