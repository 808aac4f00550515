/** A line of the administrators above the rooms, until the person dismisses it. */

import { announce, h } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";

/** @typedef {import("../../net/types.js").Announcement} Announcement */

const PLACE = "sotto-announcement"; // the id of the one that was dismissed here
const ID = "announcement";

/**
 * Shows an announcement, unless this browser has dismissed it; null takes the shown one away.
 * @param {Announcement | null} said
 * @param {Storage} [kept]
 */
export function showAnnouncement(said, kept = localStorage) {
  const shown = document.getElementById(ID);
  if (shown && said && shown.dataset.said === said.id) return;
  shown?.remove();
  if (!said || isDismissed(said, kept)) return;
  const dismiss = h("button", { class: "button quiet small", type: "button" }, strings.dismiss);
  const place = h(
    "section",
    { class: "announcement", id: ID, "aria-label": strings.announcement },
    h("p", {}, said.text),
    dismiss,
  );
  place.dataset.said = said.id;
  dismiss.addEventListener("click", () => {
    keepDismissed(said, kept);
    place.remove();
  });
  document.getElementById("banner")?.before(place);
  announce(`${strings.announcement}: ${said.text}`);
}

/** @param {Announcement} said @param {Storage} kept */
function isDismissed(said, kept) {
  try {
    return kept.getItem(PLACE) === said.id;
  } catch {
    return false; // a browser that keeps nothing shows it at each visit
  }
}

/** @param {Announcement} said @param {Storage} kept */
function keepDismissed(said, kept) {
  try {
    kept.setItem(PLACE, said.id);
  } catch {
    // it is gone from this page at least
  }
}
