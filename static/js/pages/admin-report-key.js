/** The admin's list of reports: making the site's report key, bringing it here, forgetting it. */

import { makeReportKey, openReportKit } from "../crypto/report-key.js";
import {
  forgetReportKeys,
  holdsReportKeys,
  reportKey,
  saveReportKey,
} from "../store/report-keys.js";
import { byId } from "../ui/dom.js";
import { download } from "../ui/files/download.js";
import { post } from "./admin-post.js";

const section = byId("report-key");
const state = byId("report-key-state");
const make = byId("report-key-make", HTMLButtonElement);
const publish = byId("report-key-publish", HTMLButtonElement);
const file = byId("report-key-file", HTMLInputElement);
const forget = byId("report-key-forget", HTMLButtonElement);
const label = file.closest("label");
const { key: used = "", publish: address = "" } = section.dataset;

/** @typedef {import("../crypto/report-key.js").ReportKey} ReportKey */

/** @param {string} text @param {HTMLElement[]} ways that are offered */
function show(text, ways) {
  state.textContent = text;
  for (const way of [make, publish, forget]) way.hidden = !ways.includes(way);
  if (label) label.hidden = !ways.includes(file);
}

/** Reports to an older key stay closed here without that one: a file is always taken. */
async function begin() {
  if (!used) return show("", [make]);
  const holds = await reportKey(used);
  const text = holds
    ? "This browser holds the key and opens reports."
    : "This browser does not hold the key, so it opens no report that was sealed to it.";
  show(text, [file, make, ...((await holdsReportKeys()) ? [forget] : [])]);
}

/** Tells what went wrong, and offers the same again. @param {() => Promise<void>} work */
const tried = (work) => () =>
  work().catch((error) => {
    state.textContent = error.message;
  });

/** @type {ReportKey | null} that was made and is not in use yet */
let made = null;

make.addEventListener(
  "click",
  tried(async () => {
    show("Making the key …", []);
    const { key, file: kit } = await makeReportKey();
    await saveReportKey(key);
    made = key;
    download(kit, `sotto-report-key-${key.rk.slice(0, 8)}.json`);
    show("The key is made, and its file was saved. Look that you have it, then put it to use.", [
      publish,
    ]);
  }),
);

publish.addEventListener(
  "click",
  tried(async () => {
    if (!made) return;
    const answer = await post(address, { spki: made.spki });
    if (!answer.ok) {
      const found = await answer.json().catch(() => null);
      throw new Error(found?.error?.detail ?? "The key could not be published. Try again.");
    }
    location.reload();
  }),
);

file.addEventListener(
  "change",
  tried(async () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    const key = await openReportKit(await chosen.text()).catch(() => null);
    file.value = "";
    if (!key) throw new Error("That is not the file of a report key.");
    await saveReportKey(key);
    await begin();
    if (key.rk !== used) throw new Error("That is an older key. It opens what was sealed to it.");
  }),
);

forget.addEventListener(
  "click",
  tried(async () => {
    const sure =
      "Forget all report keys in this browser, older ones included? Without their files nobody opens these reports.";
    if (!confirm(sure)) return;
    await forgetReportKeys();
    await begin();
  }),
);

await begin();
