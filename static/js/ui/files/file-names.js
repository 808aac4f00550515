/** Names of files, made safe to show. */

import { brief, fewerMarks, NAME } from "../limits.js";
import { SPACE, visible } from "../people/names.js";

const ENDING = 16; // characters of a file's ending, and of the end of a name that is cut

/**
 * The name of a file in two parts: the second, its ending, is shown whole and last. Dots and spaces at
 * the end make no other ending, as on Windows. Of a long name without one the last characters count.
 * @param {string} name @returns {{stem: string, ending: string}}
 */
export function fileName(name) {
  const safe = fewerMarks(visible(name.replace(SPACE, " ").replace(/^ | $/g, "")));
  const bare = safe.replace(/[. ]+$/, "");
  const dot = bare.lastIndexOf(".");
  const isEnding = dot > 0 && bare.length - dot <= ENDING;
  if (isEnding) return { stem: brief(bare.slice(0, dot)), ending: brief(safe.slice(dot), ENDING) };
  const characters = Array.from(bare);
  if (characters.length <= NAME) return { stem: brief(safe), ending: "" };
  return {
    stem: brief(characters.slice(0, -ENDING).join("")),
    ending: characters.slice(-ENDING).join(""),
  };
}

/** The name of a file as one short line, with its ending. @param {string} name */
export function briefName(name) {
  const { stem, ending } = fileName(name);
  return stem + ending;
}
