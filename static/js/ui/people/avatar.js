/**
 * Pictures of people and rooms, drawn from their ids: two tones and one figure in a circle. The
 * same id looks the same everywhere, and nobody has to upload anything. A person's id is the uid: it
 * stays when their keys change, and every list knows it. They are decoration: the
 * name always stands beside them, so they are hidden from screen readers.
 */

import { h, svg } from "../dom.js";

/** Paths on a ground of 40 by 40, which a circle cuts out. */
const FIGURES = [
  "M0 20h40v20H0z", // half
  "M0 40 40 0v40z", // diagonal
  "M0 0h27a27 27 0 0 1-27 27z", // quarter disc
  "M0 0a40 40 0 0 1 40 40A40 40 0 0 1 0 0z", // leaf
  "M20 9a11 11 0 1 1 0 22 11 11 0 1 1 0-22z", // disc
  "M20 5a15 15 0 1 1 0 30 15 15 0 1 1 0-30zm0 9a6 6 0 1 0 0 12 6 6 0 1 0 0-12z", // ring
  "M0 14h40v12H0z", // band
  "M28 10a18 18 0 1 1 0 36 18 18 0 1 1 0-36z", // moon
  "M0 0h20v20H0zM20 20h20v20H20z", // chequers
  "M0 40V8l20 16L40 8v32z", // valley
  "M13 6a7 7 0 1 1 0 14 7 7 0 1 1 0-14zM27 20a7 7 0 1 1 0 14 7 7 0 1 1 0-14z", // pair
];

/** A generator of numbers below 2^32 from a string: FNV-1a with a final mix of the low bits.
 * @param {string} seed */
function* numbers(seed) {
  let state = 0x811c9dc5;
  for (let round = 0; ; round += 1) {
    for (const char of `${seed}/${round}`) {
      state = Math.imul(state ^ /** @type {number} */ (char.codePointAt(0)), 0x01000193) >>> 0;
    }
    const stirred = Math.imul(state ^ (state >>> 15), 0x85ebca6b);
    yield (stirred ^ (stirred >>> 13)) >>> 0;
  }
}

/**
 * The picture of an id.
 * @param {string} seed a person's uid or a room's id
 * @returns {{path: string, turn: number, ground: string, mark: string}} colours are CSS
 */
export function figure(seed) {
  const source = numbers(seed);
  /** @param {number} below */
  const next = (below) => /** @type {number} */ (source.next().value) % below;
  const hue = next(24) * 15;
  const second = (hue + 30 + next(5) * 30) % 360;
  const pale = `oklch(0.83 0.075 ${hue})`;
  const deep = `oklch(0.46 0.085 ${second})`;
  const [ground, mark] = next(3) === 0 ? [deep, pale] : [pale, deep];
  return { path: FIGURES[next(FIGURES.length)], turn: next(8) * 45, ground, mark };
}

/**
 * @param {string} seed a person's uid or a room's id
 * @param {"" | "small"} [size]
 * @returns {HTMLElement}
 */
export function avatar(seed, size = "") {
  const { path, turn, ground, mark } = figure(seed);
  const picture = svg(
    "svg",
    { viewBox: "0 0 40 40", "aria-hidden": "true" },
    svg("rect", { width: 40, height: 40, fill: ground }),
    svg("path", { d: path, fill: mark, transform: `rotate(${turn} 20 20)` }),
  );
  return h("span", { class: size ? `avatar ${size}` : "avatar" }, picture);
}
