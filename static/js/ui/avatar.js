/** Pictures of people and rooms, drawn from their ids: the same everywhere, made nowhere. */

import { h, svg } from "./dom.js";

/** Small numbers from a string (FNV-1a). @param {string} seed */
function* numbers(seed) {
  let state = 0x811c9dc5;
  for (let round = 0; ; round += 1) {
    for (const char of `${seed}${round}`) {
      state = Math.imul(state ^ /** @type {number} */ (char.codePointAt(0)), 0x01000193) >>> 0;
    }
    yield state;
  }
}

/** What is drawn: two hues and a figure. @param {string} seed */
export function figure(seed) {
  const source = numbers(seed);
  const next = () => /** @type {number} */ (source.next().value);
  const hue = next() % 360;
  return {
    hue,
    second: (hue + 40 + (next() % 80)) % 360,
    shape: next() % 4,
    turn: (next() % 8) * 45,
  };
}

const SHAPES = [
  () => svg("circle", { cx: 28, cy: 28, r: 16 }),
  () => svg("path", { d: "M0 20h40v20H0z" }),
  () => svg("path", { d: "M0 40 40 0v40z" }),
  () => svg("path", { d: "M20 8a12 12 0 1 1 0 24 12 12 0 1 1 0-24" }),
];

/** @param {string} seed @param {string} [size] "" or "small" */
export function avatar(seed, size = "") {
  const { hue, second, shape, turn } = figure(seed);
  const ground = svg("rect", { width: 40, height: 40, fill: `oklch(0.72 0.09 ${hue})` });
  const mark = SHAPES[shape]();
  mark.setAttribute("fill", `oklch(0.45 0.08 ${second})`);
  mark.setAttribute("transform", `rotate(${turn} 20 20)`);
  const picture = svg("svg", { viewBox: "0 0 40 40", "aria-hidden": "true" }, ground, mark);
  return h("span", { class: `avatar ${size}`.trim() }, picture);
}
