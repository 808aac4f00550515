// Runs tests/js/**/*.test.js in random order. SEED=… repeats an order. Under Node's flag
// --experimental-test-coverage it fails if they take fewer than FLOOR of the branches of COVERED.
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
const CRYPTO = "static/js/crypto/";
const JUDGING = "static/js/conversation/messages/"; // what judges the messages that were seen
const COVERED = [CRYPTO, `${JUDGING}seen-messages.js`, `${JUDGING}seq-sets.js`];
const FLOOR = 95; // percent

console.log(`JavaScript: ${files.length} files in random order, SEED=${seed}`);
run({ files, concurrency: 2, timeout: 300_000 })
  .on("test:fail", ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1;
  })
  .on("test:coverage", ({ summary }) => {
    if (!enough(summary.files)) process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);

/** True if enough branches of COVERED were taken; prints how many. */
function enough(measured) {
  const places = COVERED.map((name) => join(root, "..", "..", name));
  const found = measured.filter(({ path }) => places.some((place) => path.startsWith(place)));
  const sum = (key) => found.reduce((total, file) => total + file[key], 0);
  const percent = (100 * sum("coveredBranchCount")) / sum("totalBranchCount");
  console.log(`Branches of ${COVERED.join(", ")}: ${percent.toFixed(1)} % (at least ${FLOOR} %)`);
  return percent >= FLOOR;
}

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
