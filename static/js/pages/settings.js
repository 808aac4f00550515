/** This device: its keys, its recovery kit, forgetting it. */

import { Store } from "../store/store.js";
import { accountChannel, byId, pageData } from "./parts.js";

const page = pageData();
const store = await Store.open(page.uid);
const account = await store.account();
const here = account !== undefined && account.kid === page.kid;
const dialog = byId("forget-dialog");

byId("device-state").textContent = here
  ? "This browser has your keys."
  : "This browser has no keys.";
byId("kit-setting").hidden = !here || account.kitSaved;
byId("kit-confirm").addEventListener("click", async () => {
  await store.confirmKit();
  byId("kit-setting").hidden = true;
});

byId("forget").addEventListener("click", () => dialog.showModal());
byId("forget-cancel").addEventListener("click", () => dialog.close());
byId("forget-form").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  accountChannel(page.uid).postMessage("forget"); // other tabs write nothing more
  await store.forget();
  store.close();
  /** @type {HTMLFormElement} */ (event.target).submit();
});
