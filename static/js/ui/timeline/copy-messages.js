/** Copies several messages as text: name and time once for each group, then the words. */

import { lateStrings as strings } from "../strings/late.js";
import { full } from "../time.js";

/** @typedef {import("../../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */

const BLOCKS = new Set(["P", "PRE", "LI", "TR", "BLOCKQUOTE", "DIV"]);

/** Puts a selection that reaches over several messages on the clipboard in a readable form.
 * @param {HTMLElement} list @param {(key: string) => TimelineItem | undefined} itemOf
 * @returns {() => void} stops it */
export function copyReadably(list, itemOf) {
  const onCopy = (/** @type {ClipboardEvent} */ event) => {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return;
    const range = selection.getRangeAt(0);
    const parts = selectedParts(list, range, itemOf);
    if (parts.length < 2) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", copiedText(parts));
  };
  document.addEventListener("copy", onCopy);
  return () => document.removeEventListener("copy", onCopy);
}

/** @typedef {{name: string, uid: string, ts: number, first: boolean, text: string}} Part */

/**
 * @param {HTMLElement} list @param {Range} range @param {(key: string) => TimelineItem | undefined} itemOf
 * @returns {Part[]}
 */
function selectedParts(list, range, itemOf) {
  /** @type {NodeListOf<HTMLElement>} */
  const messages = list.querySelectorAll(".message[data-key]");
  return [...messages].flatMap((message) => {
    const key = String(message.dataset.key);
    const item = range.intersectsNode(message) ? itemOf(key) : undefined;
    if (item?.kind !== "message") return [];
    const { author, ts } = item;
    const first = message.querySelector(".message-head") !== null;
    return [
      { name: author.name, uid: author.uid, ts, first, text: selectedText(message, range, item) },
    ];
  });
}

/** The words of a message that are selected: all of them as they were written.
 * @param {HTMLElement} message @param {Range} range @param {TimelineItem} item */
function selectedText(message, range, item) {
  const element = message.querySelector(".message-text");
  if (!element) return filesText(item);
  const part = document.createRange();
  part.selectNodeContents(element);
  if (range.isPointInRange(element, 0) && range.isPointInRange(element, element.childNodes.length))
    return [item.text, filesText(item)].filter(Boolean).join("\n");
  if (part.comparePoint(range.startContainer, range.startOffset) === 0)
    part.setStart(range.startContainer, range.startOffset);
  if (part.comparePoint(range.endContainer, range.endOffset) === 0)
    part.setEnd(range.endContainer, range.endOffset);
  return wordsOf(part.cloneContents()).trim();
}

/** @param {TimelineItem} item */
const filesText = ({ content }) =>
  content?.t === "text"
    ? (content.files ?? []).map(({ name }) => strings.copiedFile(name)).join("\n")
    : "";

/** The text of elements, with a line for each block. @param {Node} node @returns {string} */
export function wordsOf(node) {
  if (node instanceof Text) return node.textContent ?? "";
  if (node.nodeName === "BR") return "\n";
  if (node.nodeName === "BUTTON") return "";
  const inside = [...node.childNodes].map(wordsOf).join("");
  return BLOCKS.has(node.nodeName) ? `${inside}\n` : inside;
}

/** @param {Part[]} parts in the order of the conversation */
export const copiedText = (parts) =>
  parts
    .map(({ name, uid, ts, first, text }, at) => {
      const goesOn = at > 0 && !first && parts[at - 1].uid === uid;
      return goesOn ? text : `${at > 0 ? "\n" : ""}${name}, ${full(ts)}\n${text}`;
    })
    .join("\n");
