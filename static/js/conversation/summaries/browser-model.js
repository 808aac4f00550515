/**
 * The model that some browsers bring along (the Summarizer API): it runs on the device, as its browser
 * says. A conversation that is longer than it takes is cut, and the summaries of the parts are summarised
 * again.
 */

/**
 * @typedef {object} Model a session of the browser's model
 * @property {number} inputQuota what it takes at once, in units of `measureInputUsage`
 * @property {(text: string) => Promise<number>} measureInputUsage
 * @property {(text: string, options: {signal: AbortSignal}) => Promise<string>} summarize
 * @property {() => void} destroy
 *
 * @typedef {object} SummarizerApi
 * @property {(options: object) => Promise<string>} availability
 * @property {(options: object) => Promise<Model>} create
 *
 * @typedef {object} Watcher
 * @property {AbortSignal} signal ends the writing
 * @property {(share: number) => void} onLoading how much of the model is loaded, 0 … 1
 * @property {(done: number, total: number) => void} onPart how many parts are written
 */

export class BrowserModel {
  #api;
  #about;

  /** @param {string} lang of the summary
   * @param {SummarizerApi | undefined} [api] of this browser, undefined where it has none */
  constructor(lang, api = /** @type {any} */ (globalThis).Summarizer) {
    this.#api = api;
    this.#about = {
      type: "key-points",
      format: "plain-text",
      length: "medium",
      outputLanguage: lang,
    };
  }

  /** Tells whether this browser has a model, or can load one. @returns {Promise<boolean>} */
  async isOffered() {
    try {
      return !["unavailable", undefined].includes(await this.#api?.availability(this.#about));
    } catch {
      return false; // a language or a policy that the browser does not take
    }
  }

  /** Writes a summary. Rejects as the browser does, also where `signal` ends it.
   * @param {import("./pick-lines.js").Line[]} lines @param {Watcher} watcher */
  async write(lines, { signal, onLoading, onPart }) {
    /** @param {EventTarget} loading */
    const monitor = (loading) =>
      loading.addEventListener("downloadprogress", (event) =>
        onLoading(/** @type {ProgressEvent} */ (event).loaded),
      );
    const api = /** @type {SummarizerApi} */ (this.#api);
    const model = await api.create({ ...this.#about, monitor, signal });
    try {
      const texts = lines.map(({ name, text }) => `${name}: ${text}`);
      return await summarised(model, texts, signal, onPart);
    } finally {
      model.destroy();
    }
  }
}

/** @param {Model} model @param {string[]} texts @param {AbortSignal} signal
 * @param {Watcher["onPart"]} onPart @returns {Promise<string>} */
async function summarised(model, texts, signal, onPart) {
  const parts = await partsOf(model, texts);
  /** @type {string[]} */
  const written = [];
  for (const part of parts) {
    onPart(written.length, parts.length);
    written.push(await model.summarize(part, { signal }));
  }
  const shorter = total(written) < total(texts);
  return parts.length === 1 || !shorter
    ? written.join("\n")
    : summarised(model, written, signal, onPart);
}

/** The texts, joined to parts that the model takes at once; a text that alone is too long is cut.
 * @param {Model} model @param {string[]} texts @returns {Promise<string[]>} */
async function partsOf(model, texts) {
  const whole = texts.join("\n");
  if ((await model.measureInputUsage(whole)) <= model.inputQuota) return [whole];
  const halves = texts.length > 1 ? halved(texts) : halved([...whole]).map((one) => [one.join("")]);
  if (halves.some((half) => half.length === 0 || half[0] === whole)) return [whole];
  return (await Promise.all(halves.map((half) => partsOf(model, half)))).flat();
}

/** @template T @param {T[]} all @returns {T[][]} */
const halved = (all) => [
  all.slice(0, Math.ceil(all.length / 2)),
  all.slice(Math.ceil(all.length / 2)),
];

/** @param {string[]} texts */
const total = (texts) => texts.reduce((sum, { length }) => sum + length, 0);
