/** Colours blocks of code. A worker finds the ranges, one text after the other. */

import { h } from "../dom.js";
import { breakable, fewerMarks } from "../limits.js";

/** @typedef {[number, number, string]} Range begin, end and kind */
/** @typedef {Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">} Finder */

const LOADING = 10_000; // ms for a language to be loaded
const LONGEST = 1000; // ms for one text, once its language is there
/** @type {Record<string, string>} the languages, and other names of theirs */
const LANGUAGES = {
  bash: "bash sh shell zsh console",
  c: "c h",
  cpp: "cpp c++ cc hpp cxx",
  csharp: "csharp cs c#",
  css: "css scss",
  diff: "diff patch",
  dockerfile: "dockerfile docker",
  go: "go golang",
  ini: "ini toml conf",
  java: "java",
  javascript: "javascript js jsx mjs cjs",
  json: "json jsonc",
  kotlin: "kotlin kt",
  lua: "lua",
  php: "php",
  powershell: "powershell ps1 pwsh",
  python: "python py python3",
  ruby: "ruby rb",
  rust: "rust rs",
  sql: "sql postgres sqlite mysql",
  swift: "swift",
  typescript: "typescript ts tsx",
  xml: "xml html svg xhtml",
  yaml: "yaml yml",
};
const BY_NAME = new Map(
  Object.entries(LANGUAGES).flatMap(([language, names]) =>
    names.split(" ").map((name) => [name, language]),
  ),
);

/** The language that a label names; undefined for none of ours. @param {string} label */
export const languageOf = (label) => BY_NAME.get(label.split(" ")[0].toLowerCase());

/** Asks a worker for ranges, one text at a time; one that takes too long stops it. */
export class RangeFinder {
  #make;
  /** @type {Finder | null} */
  #worker = null;
  #jobs = 0;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @param {() => Finder} make */
  constructor(make) {
    this.#make = make;
  }

  /** @param {string} text @param {string} language @returns {Promise<Range[]>} none if it failed */
  find(text, language) {
    const found = this.#last.then(() => this.#ask(text, language));
    this.#last = found;
    return found;
  }

  /** @param {string} text @param {string} language @returns {Promise<Range[]>} */
  #ask(text, language) {
    this.#worker ??= this.#make();
    const worker = this.#worker;
    const job = ++this.#jobs;
    return new Promise((resolve) => {
      const stop = () => {
        worker.terminate();
        this.#worker = null;
        resolve([]);
      };
      let timer = setTimeout(stop, LOADING);
      worker.onerror = stop;
      worker.onmessage = (/** @type {MessageEvent} */ { data }) => {
        if (data.job !== job) return;
        clearTimeout(timer);
        if (data.ranges) resolve(data.ranges);
        else timer = setTimeout(stop, LONGEST);
      };
      worker.postMessage({ job, text, language });
    });
  }
}

/**
 * Colours an element that shows a code. Text that needs breaks of its own stays plain.
 * @param {HTMLElement} code @param {string} text @param {string} label
 * @param {Pick<RangeFinder, "find">} finder
 */
export async function colour(code, text, label, finder) {
  const language = languageOf(label);
  if (!language || fewerMarks(text) !== text || breakable(text).length > 1) return;
  const ranges = await finder.find(text, language);
  if (ranges.length > 0) code.replaceChildren(...coloured(text, ranges));
}

/** @param {string} text @param {Range[]} ranges in the order of the text @returns {Node[]} */
export function coloured(text, ranges) {
  /** @type {Node[]} */
  const nodes = [];
  let at = 0;
  for (const [begin, end, kind] of ranges) {
    if (begin < at || end > text.length) continue;
    if (begin > at) nodes.push(new Text(text.slice(at, begin)));
    nodes.push(h("span", { class: `code-${kind.replace(/[^a-z]/g, "")}` }, text.slice(begin, end)));
    at = end;
  }
  if (at < text.length) nodes.push(new Text(text.slice(at)));
  return nodes;
}
