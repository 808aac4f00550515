/** Registers the service worker, and offers a new build of the site once it is ready. */

import { offerUpdate } from "../ui/update-notice.js";
import { SERVICE_WORKER, trustedScript } from "./trusted-scripts.js";

const DEVELOPMENT = "/static/dev/"; // there a file changes without a new build
const NOT_BEFORE = 10_000; // ms between two questions for a new build

/** @type {ServiceWorkerRegistration | undefined} */
let registration;
let askedAt = 0;
let reloading = false;

/**
 * Starts keeping the shell. Called when the page is shown and idle: it fetches all of the site's
 * files once for each build.
 * @param {import("../conversation/chat.js").Chat} chat connects again when the server was restarted,
 *   perhaps with a new build
 */
export async function keepShell(chat) {
  const { serviceWorker } = navigator;
  if (!serviceWorker || import.meta.url.includes(DEVELOPMENT)) return;
  let controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) reload();
    controlled = true; // by the first one, which has what this page has
  });
  chat.addEventListener("status", () => {
    if (chat.status === "open") checkForUpdate();
  });
  const options = /** @type {const} */ ({ scope: "/", updateViaCache: "none" });
  askedAt = Date.now();
  registration = await serviceWorker.register(trustedScript(SERVICE_WORKER), options);
  if (registration.waiting) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const fresh = registration?.installing;
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed" && serviceWorker.controller) offer(fresh);
    });
  });
}

/** Asks the server whether there is a new build. */
async function checkForUpdate() {
  if (!registration || Date.now() - askedAt < NOT_BEFORE) return;
  askedAt = Date.now();
  await registration.update().catch(() => {}); // without a network there is none
}

/** @param {ServiceWorker} worker that waits with the new build */
const offer = (worker) => offerUpdate(() => worker.postMessage("apply"));

/** Every tab of the site goes to the new build at once. What is being written is kept as a draft,
 * and what is being sent stays in the outbox. */
function reload() {
  if (reloading) return;
  reloading = true;
  location.reload();
}
