/** Setting up this browser: keys are made, or brought from a recovery kit. */

import { checkKeys, KeyCheckError } from "../conversation/key-check.js";
import { resetAccountKeys } from "../conversation/reset.js";
import {
  KitError,
  kitFromServer,
  makeAccountKeys,
  restoreAccountKeys,
} from "../conversation/setup.js";
import { Api, ApiError } from "../net/api.js";
import { askToPersist, isPersisted, storeAndReadBack } from "../store/persistence-check.js";
import { Store } from "../store/store.js";
import { byId, download, generateInWorker, pageData, safeNext } from "./parts.js";

const page = pageData();
const section = byId("keys");
const api = new Api({ csrf: page.csrf });

/** @param {string} state */
const show = (state) => {
  section.dataset.state = state;
};

const onward = () => location.replace(safeNext(page.next));

async function begin() {
  if (!window.isSecureContext) return show("insecure");
  await checkKeys(storeAndReadBack);
  const store = await Store.open(page.uid);
  const account = await store.account();
  if (account && account.kid === page.kid) return onward();
  const demo = document.getElementById("demo-kit"); // in development, of the demo account alone
  if (demo) return restore(store, async () => JSON.parse(demo.textContent ?? ""));
  if (page.kid) return offerRestore(store);
  await make(store);
}

/** @param {Store} store */
async function make(store) {
  show("making");
  const progress = byId("making-progress");
  try {
    const kit = await makeAccountKeys({
      person: page,
      store,
      api,
      generate: generateInWorker,
      onProgress: (done) => {
        progress.value = done;
      },
    });
    offerKit(store, kit);
  } catch (error) {
    fail(error);
  }
}

/** @param {Store} store @param {{file: string, name: string}} kit */
function offerKit(store, kit) {
  byId("kit-name").textContent = kit.name;
  offerPersistence();
  byId("kit-again").addEventListener("click", () => download(kit.file, kit.name));
  byId("kit-later").addEventListener("click", onward);
  byId("kit-saved").addEventListener("click", async () => {
    await store.confirmKit();
    onward();
  });
  show("kit");
  download(kit.file, kit.name);
  byId("kit-saved").focus();
}

/** A browser may ask the person and wait for ever, so nothing here waits for its answer. */
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

/** @param {Store} store */
function offerRestore(store) {
  show("restore");
  const field = byId("restore-file");
  field.addEventListener("change", async () => {
    const [file] = field.files;
    field.value = "";
    if (file) await restore(store, () => file.text());
  });
  const code = byId("restore-code");
  byId("code-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    restore(store, () => kitFromServer(api, code.value));
  });
  api.get("kit").then(
    () => {
      byId("code-form").hidden = false;
    },
    () => {}, // none is kept there, or nobody answers: the file remains
  );
  byId("lost-kit").addEventListener("click", () => {
    show("reset");
    byId("reset-password").focus();
  });
  byId("reset-back").addEventListener("click", () => show("restore"));
  byId("reset-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    reset(store, byId("reset-password").value);
  });
}

const person = () => ({
  uid: page.uid,
  name: page.name,
  kid: /** @type {string} */ (page.kid),
});

/** @param {Store} store @param {() => Promise<string>} kit */
async function restore(store, kit) {
  show("restoring");
  try {
    await restoreAccountKeys({ file: await kit(), person: person(), store, api });
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
  const progress = byId("making-progress");
  try {
    const kit = await resetAccountKeys({
      person: person(),
      password,
      store,
      api,
      generate: generateInWorker,
      onProgress: (done) => {
        progress.value = done;
      },
    });
    offerKit(store, kit);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "bad_password")) return fail(error);
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
  const known = error instanceof ApiError;
  byId("keys-error").textContent = known
    ? error.message
    : "This browser could not make or keep the keys. Nothing was sent. Try again, or another browser.";
  show("failed");
  byId("keys-retry").focus();
}

byId("keys-retry").addEventListener("click", () => location.reload());
begin().catch(fail);
