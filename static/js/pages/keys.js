/** The page that makes keys or restores them from a recovery kit. */

import { compareKeys, republishKeys } from "../conversation/account/account-keys.js";
import { checkKeys, KeyCheckError } from "../conversation/account/key-check.js";
import { resetAccountKeys } from "../conversation/account/reset.js";
import {
  KitError,
  kitFromServer,
  kitName,
  makeAccountKeys,
  restoreAccountKeys,
} from "../conversation/account/setup.js";
import { ApiError } from "../net/api.js";
import { askToPersist, isPersisted, storeAndReadBack } from "../store/persistence-check.js";
import { Store } from "../store/store.js";
import { byId } from "../ui/dom.js";
import { download } from "../ui/files/download.js";
import { accountStrings } from "../ui/strings/account.js";
import { full } from "../ui/time.js";
import { DEMO_KIT, NEW_ACCOUNT } from "./first-keys.js";
import { generateKeysInWorker, KeyWorkerError } from "./key-worker.js";
import { namedNext, safeNext } from "./next-address.js";
import { makeApi, requirePerson } from "./site.js";
import { offerConfirming, showFitting } from "./without-password.js";

const person = await requirePerson();
const section = byId("keys");
const api = makeApi();

/** Errors of the form, which says them. */
const REFUSED = new Set(["bad_password", "not_confirmed"]);

/** @param {string} state */
const show = (state) => {
  section.dataset.state = state;
};

const onward = () => location.replace(safeNext(namedNext()));

/** @type {string | null} the kid that the server names now */
let kid = person.kid;

async function begin() {
  if (!window.isSecureContext) return show("insecure");
  await checkKeys(storeAndReadBack);
  const store = await Store.open(person.uid);
  const found = await compareKeys(person, store, api);
  kid = found.kid;
  const demo = takeDemoKit();
  if (found.kit) return offerKit(store, { file: found.kit, name: kitName(person.name) });
  if (demo && found.state !== "ready") return restore(store, async () => demo);
  await steps[found.state](store);
}

/** The demo account's kit, in development alone; "" for none. It opens one page, once. */
function takeDemoKit() {
  const kit = sessionStorage.getItem(DEMO_KIT) ?? "";
  sessionStorage.removeItem(DEMO_KIT);
  return kit;
}

/** The next step for each state of this browser's keys.
 * @type {Record<import("../conversation/account/account-keys.js").KeyState,
 *   (store: Store) => Promise<void> | void>} */
const steps = {
  ready: onward,
  none: (store) => (isNewAccount() ? make(store) : offerRestore(store)),
  unfinished: (store) => make(store),
  elsewhere: offerRestore,
  replaced: offerReplaced,
  unpublished: (store) => offerRepublish(store),
  behind: (store) => offerRepublish(store, { reset: true }),
  other: () => show("other"),
};

const isNewAccount = () => sessionStorage.getItem(NEW_ACCOUNT) === person.name;

/** @param {Store} store */
async function make(store) {
  show("making");
  try {
    const kit = await makeAccountKeys({ ...parts(store), person: person });
    sessionStorage.removeItem(NEW_ACCOUNT);
    if (kit) offerKit(store, kit);
    else onward(); // another tab has made them
  } catch (error) {
    fail(error);
  }
}

/** Dependencies of making keys. @param {Store} store */
const parts = (store) => ({
  store,
  api,
  generate: generateKeysInWorker,
  onProgress: (/** @type {number} */ done) => {
    byId("making-progress", HTMLProgressElement).value = done;
  },
});

/** @param {Store} store @param {{file: string, name: string}} kit */
function offerKit(store, kit) {
  byId("kit-name").textContent = kit.name;
  offerPersistence();
  byId("kit-again").addEventListener("click", () => download(kit.file, kit.name));
  byId("kit-later").addEventListener("click", onward);
  byId("kit-saved").addEventListener("click", async () => {
    await store.accounts.confirmKit();
    onward();
  });
  show("kit");
  download(kit.file, kit.name);
  byId("kit-saved").focus();
}

/** A browser may ask the user and never settle, so nothing awaits its answer. */
function offerPersistence() {
  const hint = byId("persist-hint");
  isPersisted().then((already) => {
    hint.hidden = already;
  });
  byId("persist-ask").addEventListener("click", () => {
    askToPersist().then((granted) => {
      byId("persist-about").textContent = granted
        ? "This browser keeps your keys."
        : "This browser did not promise it. With the kit you lose nothing.";
      byId("persist-ask").hidden = granted;
    });
  });
}

/** The server lacks the identity of the keys here: publish the same one again.
 * @param {Store} store @param {{reset?: boolean}} [how] `reset` where that takes the password */
function offerRepublish(store, { reset: isReset = false } = {}) {
  show("republish");
  const field = byId("republish-password", HTMLInputElement);
  byId("republish-secret").hidden = !isReset;
  field.required = isReset;
  if (isReset) fitToPassword("republish");
  byId("republish-form").addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    byId("republish-error").hidden = true;
    try {
      const password = isReset ? field.value : undefined;
      await republishKeys({ person: person, password, store, api });
      onward();
    } catch (error) {
      byId("republish-error").textContent = error.message;
      byId("republish-error").hidden = false;
    }
  });
}

/** Another browser has reset the keys, by the person or by somebody with their password. @param {Store} store */
function offerReplaced(store) {
  byId("bring-keys").hidden = true;
  byId("keys-replaced").hidden = false;
  offerRestore(store);
  import("./kept-drafts.js")
    .then(({ showKeptDrafts }) => showKeptDrafts(store, byId("kept-drafts")))
    .catch(() => {}); // they stay in this browser
  api
    .get("me")
    .then(({ keys }) => keys && describePlace(keys))
    .catch(() => {}); // said all the same
}

/** Says when and from where the present keys were published.
 * @param {import("../net/types.js").PresentKeys} keys */
function describePlace({ made, agent, address }) {
  const where = byId("replaced-where");
  where.textContent = accountStrings.replaced({ when: full(made), agent, address });
  where.hidden = false;
}

/** @param {Store} store */
function offerRestore(store) {
  show("restore");
  byId("first-keys").hidden = kid !== null;
  byId("lost-kit").hidden = kid === null;
  byId("make-first").addEventListener("click", () => make(store));
  const field = byId("restore-file", HTMLInputElement);
  field.addEventListener("change", async () => {
    const [file] = field.files ?? [];
    field.value = "";
    if (file) await restore(store, () => file.text());
  });
  const code = byId("restore-code", HTMLInputElement);
  byId("code-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    restore(store, () => kitFromServer(api, code.value));
  });
  api.get("me").then(
    ({ kit }) => {
      byId("code-form").hidden = !kit;
    },
    () => {}, // nobody answers: the file remains
  );
  byId("lost-kit").addEventListener("click", () => {
    show("reset");
    byId("reset-password").focus();
    fitToPassword("reset");
  });
  byId("reset-back").addEventListener("click", () => show("restore"));
  byId("reset-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    reset(store, byId("reset-password", HTMLInputElement).value);
  });
}

/** Lets people without a password confirm in another way, before a form that would take it.
 * @param {string} name of the form */
async function fitToPassword(name) {
  const facts = await api.get("me/sso").catch(() => null); // the server says it, too
  if (!facts || facts.password) return;
  showFitting(facts, section);
  const button = byId(`${name}-form`).querySelector("button[type=submit]");
  if (button instanceof HTMLElement) offerConfirming(`${name}-confirm`, button, facts);
}

/** The person with the kid that the server names now. */
const current = () => ({ ...person, kid: /** @type {string} */ (kid) });

/** @param {Store} store @param {() => Promise<string>} kit */
async function restore(store, kit) {
  show("restoring");
  try {
    await restoreAccountKeys({ file: await kit(), person: current(), store, api });
    onward();
  } catch (error) {
    if (!(error instanceof KitError)) return fail(error);
    byId("restore-error").textContent = error.message;
    byId("restore-error").hidden = false;
    show("restore");
  }
}

/** @param {Store} store @param {string} password */
async function reset(store, password) {
  show("making");
  try {
    offerKit(store, await resetAccountKeys({ ...parts(store), person: current(), password }));
  } catch (error) {
    if (!(error instanceof ApiError && REFUSED.has(error.code))) return fail(error);
    byId("reset-error").textContent = error.message;
    byId("reset-error").hidden = false;
    show("reset");
  }
}

/** @param {unknown} error */
function fail(error) {
  if (error instanceof KeyCheckError) {
    byId("unable-step").textContent = error.message;
    return show("unable");
  }
  const known = error instanceof ApiError || error instanceof KeyWorkerError;
  byId("keys-error").textContent = known
    ? error.message
    : "Something went wrong on the way. Keys that this browser has were kept. Try again.";
  show("failed");
  byId("keys-retry").focus();
}

byId("keys-retry").addEventListener("click", () => location.reload());
begin().catch(fail);
