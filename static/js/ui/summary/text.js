/**
 * The text of a summary. Plain text: members' messages are part of what a model reads, so nothing
 * becomes a link or an image here. Lines that begin with a dash are a list, what models mark as bold or as a
 * heading is bold, and the lines of a summary without a model lead to their messages. Numbers in brackets,
 * with which models point at messages that they counted themselves, are left out.
 */

import { h } from "../dom.js";
import { summaryStrings as strings } from "../strings/summary.js";
import { plain } from "../text/late-text.js";
import { clock, full } from "../time.js";
import { summaryRange } from "./range.js";

const MINUTE = "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\dZ)";
const SLICE = new RegExp(`^## ${MINUTE} – ${MINUTE}$`);
const SINCE = /^\[(\d{1,15})–\d{1,15}\]$/; // between a summary and what continues it
const REFERENCE =
  /(?:^|\s+|(?<=[.,;:!?)\]”’*]))\[\d{1,4}(?:\s?[,–-]\s?\d{1,4})*\](?![\p{L}\p{N}(])/gu;
const PICK = new RegExp(`^- (→ )?#(\\d{1,15}) ${MINUTE} ([^:]{1,64}): (.*)$`);

/** @typedef {{from: number, to: number, onJump: (seq: number) => void,
 *   isHidden?: (name: string) => boolean}} Messages those that the summary is of, what shows one of them,
 *   and who is blocked */

/** @param {string} text @param {Messages} [messages] @returns {HTMLElement[]} */
export function paragraphs(text, messages) {
  /** @type {HTMLElement[]} */
  const blocks = [];
  /** @type {HTMLElement | null} */
  let list = null;
  for (const line of text.split("\n").map((one) => one.trim())) {
    const item = messages && pickOf(line, messages);
    const [, rest] = /^[-*•] (.*)$/.exec(line) ?? [];
    const node = item || (rest !== undefined && h("li", {}, ...marked(rest)));
    if (!node) {
      if (line)
        blocks.push(sinceThen(line, messages) ?? sliceOf(line) ?? h("p", {}, ...marked(line)));
      list = null;
    } else if (list) list.append(node);
    else {
      list = h("ul", {}, node);
      blocks.push(list);
    }
  }
  return blocks;
}

/** A summary as it is read, for the clipboard. @param {string} text @param {Messages} messages */
export const summaryAsText = (text, messages) =>
  paragraphs(text, messages)
    .map((block) =>
      block.tagName === "UL"
        ? [...block.childNodes].map((item) => `- ${item.textContent}`).join("\n")
        : block.textContent,
    )
    .join("\n");

/** The heading of what continues a summary, which leads to its first message.
 * @param {string} line @param {Messages} [messages] */
function sinceThen(line, messages) {
  const seq = Number(SINCE.exec(line)?.[1]);
  if (Number.isNaN(seq)) return null;
  const within = messages && messages.from <= seq && seq <= messages.to;
  const about = { class: "link-button", type: "button", onclick: () => messages?.onJump(seq) };
  const says = strings.summary.since;
  return h("p", { class: "summary-slice" }, within ? h("button", about, says) : says);
}

/** The heading of a slice: its times here. @param {string} line */
function sliceOf(line) {
  const [, since, until] = (SLICE.exec(line) ?? []).map((one) => Date.parse(one));
  if (!(since <= until)) return null;
  return h("p", { class: "summary-slice" }, summaryRange({ from: 0, to: 0, since, until }));
}

/** A picked line with its time, which leads to the message. @param {string} line
 * @param {Messages} messages */
function pickOf(line, { from, to, onJump, isHidden = () => false }) {
  const [, arrow, number, minute, name, text] = PICK.exec(line) ?? [];
  const [seq, ts] = [Number(number), Date.parse(minute)];
  if (!(from <= seq && seq <= to) || Number.isNaN(ts)) return null;
  if (isHidden(name))
    return h("li", { class: "summary-pick quiet-text" }, strings.summary.blockedLine);
  const about = { class: "link-button summary-place", type: "button", onclick: () => onJump(seq) };
  return h(
    "li",
    { class: arrow ? "summary-pick summary-answer" : "summary-pick" },
    h("button", { ...about, "aria-label": strings.summary.place(name, full(ts)) }, clock(ts)),
    " ",
    h("p", { dir: "auto" }, h("bdi", { class: "summary-who" }, name), " ", ...plain(text)),
  );
}

/** @param {string} said @returns {Node[]} */
function marked(said) {
  const line = said.replace(REFERENCE, "").trim();
  const [, heading] = /^#{1,6} (.+)$/.exec(line) ?? [];
  if (heading) return [h("b", {}, ...plain(heading.replaceAll("**", "")))];
  const parts = line.split(/\*\*(?=\S)(.+?)\*\*/);
  return parts.flatMap((part, at) => (at % 2 ? [h("b", {}, ...plain(part))] : plain(part)));
}
