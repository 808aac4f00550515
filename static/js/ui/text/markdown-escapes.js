/** Backslashes. One goes only where it prevents markup; all others stay. See markdown.js. */

import { beginsBlock } from "./markdown-lines.js";

/** The path of a Windows file from its beginning, or a backslash and the sign behind it. */
const BACKSLASH =
  /(?<![^\s"'([{<|,;])(?:[A-Za-z]:\\|\\\\(?=[\p{L}\p{N}.?]))[^\s"<>|]*|\\([!-/:-@[-`{-~])/gu;
const SIGNS = /[*_`~)\]}.,;:!?']+$/;

/**
 * @typedef {object} Backslashes
 * @property {Map<number, number>} paths the ends of paths, by the place of their first backslash
 * @property {Set<number>} escapes places of those that prevent markup
 */

/**
 * @param {string} text of a paragraph
 * @param {(text: string) => Uint8Array} marked tells which characters of a text are markup: not 0
 * @returns {Backslashes}
 */
export function backslashes(text, marked) {
  const paths = new Map();
  const escapes = new Set();
  if (!text.includes("\\")) return { paths, escapes };
  /** @type {number[]} */
  const found = [];
  for (const { 0: all, 1: sign, index } of text.matchAll(BACKSLASH)) {
    if (sign === undefined)
      paths.set(index + all.indexOf("\\"), index + all.replace(SIGNS, "").length);
    else if (sign !== "\\") found.push(index);
  }
  const without = withoutPlaces(text, found);
  const used = marked(without);
  for (const [at, index] of found.entries())
    if (used[index - at] || isBlockMark(text, index)) escapes.add(index);
  return { paths, escapes };
}

/** @param {string} text @param {number[]} places */
function withoutPlaces(text, places) {
  let [rest, from] = ["", 0];
  for (const at of places) {
    rest += text.slice(from, at);
    from = at + 1;
  }
  return rest + text.slice(from);
}

/** Tells whether a backslash keeps its line from beginning a block: `\# a`, `1\. a`. A mark alone
 * begins none.
 * @param {string} text @param {number} at */
function isBlockMark(text, at) {
  if (!text.includes("\n") && text.slice(at + 2).trim() === "") return false;
  const near = text.slice(Math.max(0, at - 8), at);
  const before = near.slice(near.lastIndexOf("\n") + 1);
  const isBegin = before.length < near.length || near.length === at;
  if (!isBegin || !/^ {0,3}\d{0,3}$/.test(before)) return false;
  const line = before + text.slice(at + 1, at + 9);
  return beginsBlock(line) || /^ *(`{3}|~{3})/.test(line);
}
