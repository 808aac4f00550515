/** The menu beside the field: what goes into a message besides text. */

import { icon } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";
import { openMenu } from "../ui/popup.js";
import { strings } from "../ui/strings.js";

/** @typedef {Pick<import("./room-composer.js").Parts, "room" | "conversation" | "panels">} Parts */

/**
 * Opens the menu.
 * @param {HTMLElement} more the button
 * @param {Parts} parts
 * @param {{attach: () => unknown, format: () => unknown}} run what the field does
 */
export function openComposerMenu(more, parts, { attach, format }) {
  const { panels } = parts;
  const { composer, summary } = strings;
  // Summaries are here, too: a narrow header has no room for their button.
  const summaries = panels.maySummarise && {
    icon: icon("summary", "small"),
    label: summary.menu,
    run: () => panels.openSummaries(more),
  };
  openMenu(more, composer.more, [
    { icon: icon("attach", "small"), label: composer.attach, run: attach },
    { icon: icon("poll", "small"), label: composer.poll, run: () => sendPoll(parts) },
    { icon: icon("format-bold", "small"), label: composer.format, run: format },
    ...(summaries ? [summaries] : []),
  ]);
}

/** @param {Parts} parts */
async function sendPoll({ room, conversation }) {
  const part = await loadPart(() => import("../ui/composer/poll-form.js"));
  const poll = await part?.askForPoll();
  if (!poll) return;
  await room.outbox.add({ t: "poll", ...poll });
  conversation.follow();
}
