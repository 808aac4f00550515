/** The admin's page of one report: opens and verifies it here. The server cannot. */

import { addIdentities } from "../conversation/account/identities.js";
import { reportedContent } from "../conversation/room/reported-content.js";
import { extendLog } from "../crypto/log.js";
import { openReport } from "../crypto/report.js";
import { reportKey } from "../store/report-keys.js";
import { byId, h } from "../ui/dom.js";
import { reportStrings as words } from "../ui/strings/reports.js";
import { full } from "../ui/time.js";
import { reportedMessage, reportNote } from "../ui/timeline/reported-message.js";
import { post } from "./admin-post.js";

const section = byId("report");
const { sealed: address = "", files = "" } = section.dataset;

/** @param {string} text */
const say = (text) => section.replaceChildren(h("p", { role: "alert" }, text));

/** The report, which is recorded as opened, and the room's whole log with those whom it names. */
async function fetched() {
  const identities = new Map();
  const events = [];
  let opened;
  for (let after = -1, more = true; more; after = events.length - 1) {
    const answer = await post(`${address}?after=${after}`);
    if (!answer.ok) throw new Error("The report could not be loaded. Try again.");
    const { log, ...sealed } = await answer.json();
    opened ??= sealed;
    if (log) {
      await addIdentities(log.identities, identities);
      events.push(...log.events);
    }
    more = Boolean(log?.more) && log.events.length > 0;
    if (!more) return { ...opened, events, identities };
  }
  throw new Error("The report could not be loaded. Try again.");
}

async function begin() {
  const { report, rk, events, identities } = await fetched();
  const key = await reportKey(rk);
  if (!key) return say(`This browser does not hold the report key ${rk}. Bring it here first.`);
  const state = await extendLog(null, events, identities);
  const reader = { to: rk, rsaPrivate: key.privateKey };
  const opened = await openReport(report, reader, state, identities);
  show(opened, identities);
}

/** A file of the message as its author sealed it: the hash stands in the message, which they signed.
 * @type {import("../ui/reports/reported-files.js").OpenFile} */
async function openReported(file) {
  const answer = await post(files.replace("FILE", file.id));
  if (answer.status === 404) throw new Error(words.fileGone);
  if (!answer.ok || !answer.body) throw new Error(words.fileFailed);
  const { openFile } = await import("../crypto/attachment.js");
  return openFile(answer.body, file);
}

/** @param {import("../crypto/report.js").OpenedReport} opened
 * @param {import("../crypto/report.js").Identities} identities */
function show({ report, header, content, why, note }, identities) {
  const author = identities.get(header.kid)?.name ?? header.uid;
  const message = { rid: report.rid, author, written: header.ts, ...reportedContent(content) };
  const reporter = identities.get(report.kid)?.name ?? report.uid;
  section.replaceChildren(
    h("h2", {}, words.reasons[why]),
    reportedMessage(message, openReported),
    ...[reportNote(note)].filter((node) => node !== false),
    h("p", {}, words.by(reporter, full(report.ts))),
    h("p", { class: "help" }, words.siteProof),
  );
  /** @type {NodeListOf<HTMLButtonElement>} */
  const ways = document.querySelectorAll(".report-ways button");
  for (const way of ways) way.disabled = false;
}

begin().catch((error) => {
  const wrong = ["WireError", "MessageError", "LogError"].includes(error.name);
  say(wrong ? words.siteRefused : error.message);
});
