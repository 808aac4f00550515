/** Registers the service worker, and offers a new build of the site once it is ready. */

import { offerSparely, offerUpdate } from "../ui/update-notice.js";
import { fetchFacts } from "./site.js";
import { SERVICE_WORKER, trustedScript } from "./trusted-scripts.js";

const [, BUILD = ""] = /\/static\/([^/]+)\//.exec(import.meta.url) ?? [];
const DEVELOPMENT = "dev"; // there a file changes without a new build
const SHELLS = "sotto-shell:"; // and a build: the caches of js/service-worker.js
const NOT_BEFORE = 10_000; // ms between two questions for a new build
const STILL_HERE = 3000; // ms; a page that was asked to load anew has gone by then

/** @type {ServiceWorkerRegistration | undefined} */
let registration;
let askedAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let asking;
let controlled = false; // whether a worker answers for this page
let chosen = false; // the new build, here
let reloading = false;

/**
 * Starts keeping the shell. Called when the page is shown and idle: it fetches all of the site's
 * files once for each build.
 * @param {import("../conversation/chat.js").Chat} chat connects again when the server was restarted,
 *   perhaps with a new build
 */
export async function keepShell(chat) {
  if (BUILD === DEVELOPMENT) return;
  askedAt = Date.now();
  chat.addEventListener("status", () => {
    if (chat.status === "open") checkForUpdate();
  });
  if (navigator.serviceWorker) await register(navigator.serviceWorker);
}

/** @param {ServiceWorkerContainer} serviceWorker */
async function register(serviceWorker) {
  controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", onOtherWorker);
  serviceWorker.addEventListener("message", ({ data }) => {
    const other = data?.full && data.full !== BUILD;
    if (other && registration?.active) offerSparely(replaceKept);
  });
  const options = /** @type {const} */ ({ scope: "/", updateViaCache: "none" });
  registration = await serviceWorker.register(trustedScript(SERVICE_WORKER), options);
  registration.addEventListener("updatefound", followNew);
  followNew(); // another tab may have found it
  if (registration.waiting) offerWaiting();
  if (controlled) await offerOwn();
}

/** A worker answers for this page from now on: a new one, which was chosen here or in another tab, or
 * the first one. */
function onOtherWorker() {
  if (controlled || chosen) return reload();
  controlled = true;
  offerOwn().catch(() => {}); // where nothing can be kept no build is
}

/** Offers the build that is being fetched, once it is whole. The first one of all is not waited for. */
function followNew() {
  const fresh = registration?.installing;
  fresh?.addEventListener("statechange", () => {
    if (fresh.state === "installed" && registration?.active) offerWaiting();
  });
}

/** Offers the build that waits: the newest one by the time of the click. */
const offerWaiting = () =>
  offerUpdate(() => {
    chosen = true;
    if (registration?.waiting) registration.waiting.postMessage("apply");
    else reload(); // another tab has chosen it
  });

/** Offers the build that is kept where this page runs another one, whose other parts may be gone: the
 * server or another tab changed while the page was loading. */
async function offerOwn() {
  const { controller } = navigator.serviceWorker;
  if (controller?.state === "activating") await nextState(controller); // it drops other builds
  const kept = (await caches.keys()).filter((name) => name.startsWith(SHELLS));
  if (kept.length > 0 && !kept.includes(SHELLS + BUILD)) offerUpdate(reload);
}

/** Loads the new build from the server: the storage has no space for two. The worker that is active has
 * nothing to answer with then, and asks the network. */
async function replaceKept() {
  for (const name of await caches.keys()) if (name.startsWith(SHELLS)) await caches.delete(name);
  reload();
}

/** @param {ServiceWorker} worker */
const nextState = (worker) =>
  new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));

/** Asks the server whether there is a new build: now, or once enough time has passed. */
async function checkForUpdate() {
  clearTimeout(asking);
  const wait = askedAt + NOT_BEFORE - Date.now();
  if (wait > 0) {
    asking = setTimeout(checkForUpdate, wait);
    return;
  }
  askedAt = Date.now();
  const answer = registration ? registration.update() : askServer();
  await answer.catch(() => {}); // without a network there is none
}

/** Offers another build that the server has, in a browser that keeps none, as private windows of some. */
async function askServer() {
  const { build } = await fetchFacts();
  if (build !== BUILD) offerUpdate(reload);
}

/** Every tab of the site goes to the new build at once. What is being written is kept as a draft,
 * and what is being sent stays in the outbox. Who stays to finish something is offered it again. */
function reload() {
  if (reloading) return;
  reloading = true;
  location.reload();
  setTimeout(() => {
    reloading = false;
    offerUpdate(reload);
  }, STILL_HERE);
}
