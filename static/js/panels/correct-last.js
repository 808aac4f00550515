/** Correcting the last own message, by an arrow key in an empty field. */

import { announce } from "../ui/dom.js";
import { strings } from "../ui/strings.js";

/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {import("../ui/composer/composer.js").Mode} Mode */

/**
 * Takes the last message back if it was not sent yet, or begins a correction of it.
 * @param {Pick<import("./room-composer.js").Parts, "room" | "conversation">} parts
 * @param {{edit: (line: TimelineItem) => void,
 *   takeBack: (text: string, mode: Mode | null) => void}} field
 */
export async function correctLast({ room, conversation }, { edit, takeBack }) {
  const { items } = conversation.shown;
  const unsent = room.outbox.entries.findLast(
    ({ state, content }) => state !== "acked" && content.t === "text",
  );
  const line = items.findLast(({ mine, seq, content }) => mine && seq && content?.t === "text");
  if (!unsent && line) edit(line);
  if (unsent?.content.t !== "text") return;
  const content = unsent.content.files ? null : await room.outbox.takeBack(unsent.cid);
  if (content?.t !== "text") announce(strings.composer.beingSent);
  else takeBack(content.body, content.re ? answerTo(content.re, items) : null);
}

/** The mode of an answer to a message, whether or not that is loaded.
 * @param {import("../crypto/content.js").Ref} ref @param {TimelineItem[]} items @returns {Mode} */
function answerTo([seq, id], items) {
  const line = items.find((item) => item.seq === seq && item.id === id);
  return { kind: "answer", line: line ?? { seq, id, text: "", author: { name: "" } } };
}
