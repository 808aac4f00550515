// Runs tests/js/**/*.test.js in random order. SEED=… repeats an order.
import { randomInt } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const root = join(import.meta.dirname, "..", "tests", "js");
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const names = await readdir(root, { recursive: true }).catch(() => []);
const files = shuffle(
  names
    .filter((name) => name.endsWith(".test.js"))
    .sort()
    .map((name) => join(root, name)),
  seed,
);

if (files.length === 0) {
  console.error("No test is left in tests/js.");
  process.exit(1);
}
console.log(`JavaScript: ${files.length} files in random order, SEED=${seed}`);
run({ files, concurrency: 2, timeout: 120_000 })
  .on("test:fail", ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);

/** Fisher-Yates with a linear congruential generator: the same seed, the same order. */
function shuffle(items, seed) {
  let state = seed;
  for (let last = items.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    [items[last], items[other]] = [items[other], items[last]];
  }
  return items;
}
