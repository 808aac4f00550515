/** Names of files, made safe to show. */

import { brief, fewerMarks } from "./limits.js";
import { SPACE, visible } from "./names.js";

const ENDING = 16; // characters of a file's ending

/**
 * The name of a file in two parts: the second, its ending, is shown whole and last.
 * @param {string} name @returns {{stem: string, ending: string}}
 */
export function fileName(name) {
  const safe = fewerMarks(visible(name.replace(SPACE, " ").replace(/^ | $/g, "")));
  const dot = safe.lastIndexOf(".");
  const isEnding = dot > 0 && safe.length - dot <= ENDING;
  const stem = brief(isEnding ? safe.slice(0, dot) : safe);
  return { stem, ending: isEnding ? brief(safe.slice(dot)) : "" };
}

/** The name of a file as one short line, with its ending. @param {string} name */
export function briefName(name) {
  const { stem, ending } = fileName(name);
  return stem + ending;
}
