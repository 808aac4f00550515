/**
 * Finds what is coloured in code, in a worker: a costly text blocks no page and can be stopped.
 * Answers with ranges of the text, never with markup.
 */

const LIBRARY = new URL("../../vendor/@highlightjs/cdn-assets/", import.meta.url);
const MOST = 600; // coloured ranges of one text

/** @typedef {[number, number, string]} Range begin, end and kind */
/** @typedef {{job: number, text: string, language: string}} Job */

/** The ranges of one text, in the form of the library's emitters. */
class Ranges {
  /** @type {Range[]} */
  found = [];
  /** @type {string[]} */
  #scopes = [];
  #at = 0;

  /** @param {string} text */
  addText(text) {
    const kind = this.#scopes.at(-1);
    if (kind && text !== "" && this.found.length < MOST)
      this.found.push([this.#at, this.#at + text.length, kind.split(".")[0]]);
    this.#at += text.length;
  }

  /** @param {string} scope of a word */
  startScope(scope) {
    this.#scopes.push(scope);
  }

  endScope() {
    this.#scopes.pop();
  }

  /** @param {string} scope of a part, which others stand in */
  openNode(scope) {
    this.startScope(scope);
  }

  closeNode() {
    this.endScope();
  }

  /** @param {Ranges} inner */
  __addSublanguage(inner) {
    for (const [begin, end, kind] of inner.found)
      if (this.found.length < MOST) this.found.push([this.#at + begin, this.#at + end, kind]);
    this.#at += inner.#at;
  }

  finalize() {}

  toHTML() {
    return "";
  }
}

/** @type {Promise<any> | undefined} */
let library;

async function load() {
  const { default: hljs } = await import(new URL("core.js", LIBRARY).href);
  hljs.configure({ __emitter: Ranges });
  return hljs;
}

/** @param {string} language of a file in the library's folder */
async function loadLanguage(language) {
  library ??= load();
  const hljs = await library;
  if (!hljs.getLanguage(language)) {
    const address = new URL(`languages/${language}.js`, LIBRARY).href;
    const { default: grammar } = await import(address);
    hljs.registerLanguage(language, grammar);
  }
  return hljs;
}

self.onmessage = async ({ data }) => {
  const { job, text, language } = /** @type {Job} */ (data);
  try {
    const hljs = await loadLanguage(language);
    self.postMessage({ job, loaded: true });
    const { _emitter } = hljs.highlight(text, { language, ignoreIllegals: true });
    self.postMessage({ job, ranges: _emitter.found });
  } catch {
    self.postMessage({ job, ranges: [] });
  }
};
