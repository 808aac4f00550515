/** Loads the parts of a page before they are needed. */

import { loadOpening } from "../conversation/messages/late-opener.js";
import { loadFiles } from "../ui/files/late-files.js";
import { loadText } from "../ui/text/late-text.js";

const IDLE_WITHIN = 3000; // ms; a page that is never idle loads its parts all the same
const PAUSE = 2_000; // ms after the first part that could not be loaded
const LONGEST_PAUSE = 60_000;

/** Parts that rooms load on first use, and ahead of it once a view is shown: first what sends, then what
 * helps with writing and with messages. */
export const ROOM_PARTS = [
  () => import("../ui/tab-stop.js"),
  () => import("../ui/timeline/edge-loader.js"),
  () => import("../ui/timeline/jump-buttons.js"),
  () => import("../ui/composer/late-toolbar.js"),
  () => import("../conversation/server-connection.js"),
  () => import("../ui/composer/attachment-tray.js"),
  () => import("../panels/typing.js"),
  () => import("../conversation/read-marks.js"),
  () => import("../conversation/messages/entry-sender.js"),
  () => import("../panels/message-actions.js"),
  () => import("../panels/composer-menu.js"),
  () => import("../panels/correct-last.js"),
  () => import("../panels/end-details.js"), // the network may be gone with the room
  () => import("../conversation/messages/seal-entry.js"),
  loadOpening,
  loadText,
  () => import("../conversation/messages/window-moves.js"),
  () => import("../conversation/messages/missing-messages.js"),
  () => import("../ui/composer/help.js"),
  () => import("../ui/composer/notes.js"),
  () => import("../ui/timeline/actions.js"),
  () => import("../ui/timeline/copy-messages.js"),
  () => import("../crypto/log.js"),
  () => import("../conversation/room/log-page.js"),
  () => import("../conversation/room/activity-log.js"),
  () => import("../conversation/messages/timeline-lines.js"),
  () => import("../conversation/messages/expiry.js"),
  () => import("../conversation/messages/lost-messages.js"),
  () => import("../conversation/messages/kept-history.js"),
  () => import("../conversation/messages/find-time.js"),
  () => import("../panels/pins.js"),
  () => import("../panels/block-notices.js"),
  () => import("../panels/owner-ended.js"),
  () => import("../ui/panel.js"),
  () => import("../panels/loaded-panels.js"),
  () => import("../panels/open-search.js"),
  () => import("../panels/room-search.js"),
  () => import("../panels/global-search.js"),
  () => import("../conversation/account/trust-decisions.js"),
  () => import("../conversation/room/append-event.js"),
  () => import("../conversation/room/key-sharing.js"),
  () => import("../conversation/room/key-maintenance.js"),
  () => import("../conversation/messages/files.js"),
  () => import("../crypto/attachment.js"),
  loadFiles,
  () => import("../ui/files/picture.js"),
  () => import("../ui/files/lightbox.js"),
  () => import("../ui/composer/emoji.js"),
  () => import("../ui/dialog.js"),
  () => import("../ui/search/pick-day.js"),
  () => import("../ui/text/highlight.js"),
  () => import("../ui/people/join-dialog.js"),
  () => import("../conversation/room/add-by-name.js"),
  () => import("../conversation/room/export-kept.js"),
  () => import("./next-address.js"),
  () => import("../ui/composer/poll-form.js"),
];

/**
 * Loads parts before they are needed, one after another while the browser is idle, has a network, and the
 * server is there. A part that cannot be loaded is asked for again on its first use, though many browsers
 * remember the failure: so the others wait after it, longer each time. Nothing is loaded where the person
 * saves data.
 * @param {(() => Promise<unknown>)[]} parts
 * @param {object} [line]
 * @param {() => unknown} [line.reached] settled once the server can be reached, as far as is known
 * @param {boolean} [line.savesData] by what the browser tells; Chromium alone does
 * @param {(ms: number) => Promise<unknown>} [line.pause]
 */
export async function loadAhead(
  parts,
  {
    reached,
    savesData = /** @type {any} */ (globalThis.navigator)?.connection?.saveData,
    pause = wait,
  } = {},
) {
  if (savesData) return;
  let longest = PAUSE;
  for (const load of parts) {
    await idle();
    await connected();
    await reached?.();
    try {
      await load();
    } catch {
      await pause(longest);
      longest = Math.min(2 * longest, LONGEST_PAUSE);
    }
  }
}

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Chromium remembers a failure as long as the page is there: a part that is asked for now would be lacking
 * later. */
const connected = () =>
  globalThis.navigator?.onLine === false &&
  new Promise((resolve) => addEventListener("online", resolve, { once: true }));

/** Safari has no idle callbacks. */
const idle = () =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(resolve, { timeout: IDLE_WITHIN });
    else setTimeout(resolve, 1);
  });
