/**
 * Looking for messages: a field, what narrows it down, how far the search has come, the hits.
 * `update` takes what is there by now; hits that stay keep their elements, and so the focus.
 * Arrows go from the field through the hits and back; Enter follows the link of one.
 */

import { h, icon } from "./dom.js";
import { hitElement } from "./search-hit.js";
import { strings } from "./strings.js";

/** @typedef {"newest" | "relevance"} Order */
/** @typedef {import("./search-hit.js").Hit} Hit */
/**
 * @typedef {object} Found
 * @property {"idle" | "busy" | "rest" | "stopped"} state
 * @property {string[]} notes what is wrong with the query
 * @property {Hit[]} hits
 * @property {boolean} done
 * @property {{searched: number, total: number, all: number}} progress messages; `all` rooms
 * @property {{room: string, message: string}[]} failures
 *
 * @typedef {object} SearchCallbacks
 * @property {(text: string, order: Order) => void} onQuery it was changed
 * @property {() => void} onNow what was typed is to be looked for at once
 * @property {(hit: Hit) => void} onGo
 * @property {() => void} onMore also after a stop
 * @property {() => void} onStop
 */

let made = 0;

/**
 * @param {{label: string, operators: [string, string][], above?: Node, below?: Node}} about
 *   `above` stands between the field and the hits, `below` at the end
 * @param {SearchCallbacks} deeds
 */
export function createSearch({ label, operators, above, below }, deeds) {
  made += 1;
  const id = `search-${made}`;
  const field = h("input", {
    type: "search",
    id,
    class: "search-field",
    "data-key": id,
    "aria-label": label,
    placeholder: label,
    "aria-controls": `${id}-hits`,
    "aria-describedby": `${id}-status`,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    enterkeyhint: "search",
    maxlength: 200,
  });
  const order = orderSwitch(id, () => ask());
  const status = h("p", { class: "search-status", id: `${id}-status`, role: "status" });
  const notes = h("div", { class: "search-notes" });
  const meter = createMeter(deeds);
  const list = h("ol", {
    class: "search-hits",
    id: `${id}-hits`,
    "aria-label": strings.search.hits,
  });
  const after = h("div", { class: "search-after" });
  const help = helpFor(operators, (operator) => {
    field.value = `${field.value.trim()} ${operator}`.trim();
    field.focus();
    ask();
  });
  const intro = h("p", { class: "quiet-text search-intro" }, strings.search.intro);
  const form = h(
    "form",
    { class: "search-form", role: "search" },
    h("div", { class: "control search-control" }, icon("search"), field),
    order.node,
  );
  const node = h(
    "div",
    { class: "search" },
    form,
    above,
    status,
    notes,
    meter.node,
    list,
    after,
    intro,
    help,
    below,
  );
  const ask = () => deeds.onQuery(field.value, order.value());
  /** @type {Map<string, {signature: string, element: HTMLElement}>} */
  let drawn = new Map();

  field.addEventListener("input", ask);
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    deeds.onNow();
  });
  node.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) =>
    walk(event, field, list),
  );

  /** @param {Hit[]} hits */
  function drawHits(hits) {
    drawn = new Map(hits.map((hit) => [hit.key, keepOrMake(hit)]));
    const wanted = [...drawn.values()].map(({ element }) => element);
    for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
    for (const [at, element] of wanted.entries()) {
      if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
    }
  }

  /** @param {Hit} hit */
  function keepOrMake(hit) {
    const signature = JSON.stringify(hit);
    const before = drawn.get(hit.key);
    if (before?.signature === signature) return before;
    const element = hitElement(hit, deeds.onGo);
    if (before?.element.contains(document.activeElement)) queueMicrotask(() => focusIn(element));
    return { signature, element };
  }

  return {
    node,
    focus() {
      field.focus();
      field.select();
    },
    get text() {
      return field.value;
    },
    /** @param {string} text */
    set text(text) {
      field.value = text;
      ask();
    },
    /** The first hit, for who pressed Enter. */
    focusFirst: () => focusIn(list.firstElementChild),
    /** What is said before one has typed. @param {string} text */
    introduce(text) {
      intro.textContent = text;
    },
    /** @param {Found} found */
    update(found) {
      const idle = found.state === "idle";
      if (idle !== (node.dataset.state === "idle")) help.open = idle;
      node.dataset.state = found.state;
      notes.replaceChildren(...found.notes.map((text) => h("p", { class: "notice" }, text)));
      drawHits(found.hits);
      meter.update(found);
      const text = statusOf(found);
      if (status.textContent !== text) status.textContent = text;
      after.replaceChildren(...afterHits(found, deeds));
    },
  };
}

/** @param {Element | null | undefined} element */
const focusIn = (element) => /** @type {HTMLElement} */ (element?.querySelector("a"))?.focus();

/** What is told when a search rests: nobody wants to hear every step of it.
 * @param {Found} found */
function statusOf({ state, hits, progress, notes, failures }) {
  const { searched, total, all } = progress;
  if (state === "rest" && (total > 0 || notes.length + failures.length === 0))
    return strings.search.searched(hits.length, searched, total, all);
  return state === "stopped" ? strings.search.stopped(hits.length, searched, total, all) : "";
}

/** How far it is, with a way to stop it; the style sheet holds it back for 300 ms.
 * @param {SearchCallbacks} deeds */
function createMeter({ onStop }) {
  const text = h("span", {});
  const bar = h("progress", { max: 1, "aria-label": strings.search.title });
  const stop = h(
    "button",
    { class: "link-button", type: "button", onclick: onStop },
    strings.search.stop,
  );
  const node = h("div", { class: "search-meter", hidden: true }, text, stop, bar);
  return {
    node,
    /** @param {Found} found */
    update({ state, progress: { searched, total, all } }) {
      node.hidden = state !== "busy";
      text.textContent = strings.search.searching(searched, total, all);
      if (total > 0) bar.value = searched / total;
      else bar.removeAttribute("value");
    },
  };
}

/** @param {string} id @param {() => void} onChange */
function orderSwitch(id, onChange) {
  const choices = /** @type {Order[]} */ (["newest", "relevance"]).map((value) => {
    const input = h("input", {
      type: "radio",
      name: `${id}-order`,
      id: `${id}-${value}`,
      value,
      checked: value === "newest",
      onchange: onChange,
    });
    const label = h("label", { for: `${id}-${value}` }, strings.search[value]);
    return { input, nodes: [input, label] };
  });
  const node = h(
    "div",
    { class: "search-order", role: "radiogroup", "aria-label": strings.search.order },
    ...choices.flatMap(({ nodes }) => nodes),
  );
  /** @returns {Order} */
  const value = () => (choices[1].input.checked ? "relevance" : "newest");
  return { node, value };
}

/** @param {[string, string][]} operators @param {(operator: string) => void} onUse */
const helpFor = (operators, onUse) =>
  h(
    "details",
    { class: "search-help", open: true },
    h("summary", {}, strings.search.help),
    h(
      "ul",
      {},
      ...operators.map(([example, text]) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "search-operator",
              onclick: () => onUse(`${example.split(":")[0]}:`),
            },
            example,
          ),
          h("span", {}, text),
        ),
      ),
    ),
  );

/** @param {Found} found @param {SearchCallbacks} deeds @returns {Node[]} */
function afterHits({ state, hits, done, failures, notes }, { onMore }) {
  const failed = failures.map(({ room, message }) =>
    h("p", { class: "notice danger", role: "alert" }, `${strings.search.failed(room)} ${message}`),
  );
  const again = failures.length > 0 && state !== "busy" && button(strings.tryAgain, onMore);
  const further = state === "rest" && !done && button(strings.search.more, onMore);
  const goOn = state === "stopped" && button(strings.search.goOn, onMore);
  const empty = state === "rest" && hits.length + failures.length + notes.length === 0 && done;
  return [
    ...failed,
    again,
    further,
    goOn,
    empty && h("p", { class: "search-none" }, strings.search.noneText),
  ].filter((node) => node !== false);
}

/** @param {string} text @param {() => void} onclick */
const button = (text, onclick) =>
  h("button", { class: "button quiet wide", type: "button", onclick }, text);

/** @param {KeyboardEvent} event @param {HTMLInputElement} field @param {HTMLElement} list */
function walk(event, field, list) {
  const links = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("a.hit")]);
  const at = links.indexOf(/** @type {HTMLElement} */ (event.target));
  if (at < 0 && event.target !== field) return;
  const to = /** @type {Record<string, HTMLElement | undefined>} */ ({
    ArrowDown: links[at + 1],
    ArrowUp: at === 0 ? field : links[at - 1],
    Home: at < 0 ? undefined : links[0],
    End: at < 0 ? undefined : links.at(-1),
  })[event.key];
  if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  to.focus();
}
