/** Tables: a head, a line of dashes, and rows. See markdown.js. */

const DASHES = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const CODE = /(?<!`)(`{1,3})(?!`).*?(?<!`)\1(?!`)/g;
const CELLS = 600; // of one table; further rows stay text

/** @typedef {"start" | "center" | "end" | ""} Align */

/**
 * The cells of a table that begins at a line; null if none does.
 * @param {string[]} lines @param {number} at
 * @returns {{rows: string[][], align: Align[], end: number} | null} `rows` have one length, the
 *   first one is the head; `end` is the line after the table
 */
export function tableAt(lines, at) {
  const dashes = lines[at + 1];
  if (!dashes?.includes("|") || !DASHES.test(dashes) || !lines[at].includes("|")) return null;
  const align = cells(dashes).map(alignment);
  const head = cellsOf(lines[at], align.length);
  if (head.length !== align.length || head.length > CELLS) return null;
  const last = Math.min(lines.length, at + 1 + CELLS / head.length);
  let end = at + 2;
  while (end < last && lines[end].includes("|")) end += 1;
  const rows = lines
    .slice(at + 2, end)
    .map((line) => ofLength(cellsOf(line, head.length), head.length));
  return { rows: [head, ...rows], align, end };
}

/** @param {string} line @returns {string[]} */
function cells(line) {
  const inside = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inside.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** The cells of a row. Where they are more than a table has, pipes in code may divide none.
 * @param {string} line @param {number} most @returns {string[]} */
function cellsOf(line, most) {
  const all = cells(line);
  if (all.length <= most || !line.includes("`")) return all;
  const fewer = cells(line.replace(CODE, (code) => code.replace(/(?<!\\)\|/g, "\\|")));
  return fewer.length === most ? fewer : all;
}

/** Surplus cells stay in the last one: no word is lost. @param {string[]} row @param {number} most */
function ofLength(row, most) {
  const missing = Array.from({ length: Math.max(0, most - row.length) }, () => "");
  if (row.length <= most) return [...row, ...missing];
  return [...row.slice(0, most - 1), row.slice(most - 1).join(" | ")];
}

/** @param {string} dashes @returns {Align} */
function alignment(dashes) {
  const [left, right] = [dashes.startsWith(":"), dashes.endsWith(":")];
  if (left && right) return "center";
  return right ? "end" : left ? "start" : "";
}
