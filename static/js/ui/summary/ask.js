/** The form of a summary request: messages, exact preview, recipients, one button. */

import { h, icon } from "../dom.js";
import { summaryStrings as strings } from "../strings/summary.js";
import { plain } from "../text/late-text.js";
import { longText } from "../text/long-text.js";
import { clock, day, dayKey } from "../time.js";
import { browserSummary } from "./browser.js";
import { summaryRange } from "./range.js";
import { paragraphs } from "./text.js";

/** @typedef {import("../../conversation/summaries/summaries.js").SummaryWorker} SummaryWorker */
/** @typedef {import("../../conversation/summaries/compose-request.js").SummaryPreview} SummaryPreview */
/** @typedef {import("../../conversation/summaries/shared.js").SharedSummary} SharedSummary */
/**
 * @typedef {object} Asking
 * @property {[string, string][]} ranges value and label
 * @property {string} range the one chosen
 * @property {string} model
 * @property {boolean} masked
 * @property {boolean} anew whether an earlier summary is left out
 * @property {SharedSummary | null} base what it may go on from
 * @property {"gathering" | "few" | "none" | "ready" | "failed"} state `none`: nothing
 *   was written since the last summary
 * @property {string} problem why the messages could not be had
 * @property {SummaryPreview | null} preview
 * @property {SummaryWorker | null} worker
 * @property {boolean} here whether this device picks the lines, and nothing is sent
 * @property {boolean} mayChoose whether the worker can be asked, too
 * @property {import("../../conversation/summaries/collect-messages.js").CollectedMessages | null} gathered
 * @property {string} picked what this device picked, "" for nothing
 * @property {import("../../conversation/summaries/browser-summary.js").Writing | null} writing what
 *   the browser's own model writes, null where there is none
 * @property {boolean} allowed whether the room's rules allow the worker
 * @property {(seq: number) => void} onJump
 * @property {string} formerly the key that the worker had before, where that is another one
 * @property {(change: import("../../conversation/summaries/selection.js").Change) => void}
 *   onChange
 * @property {() => void} onBelieve
 * @property {() => void} onRetry
 * @property {() => void} onSend
 * @property {() => void} onWrite lets the browser's own model write
 * @property {() => void} onStop ends that
 */

/** @param {Asking} asking */
export function askForm(asking) {
  const { state, preview, problem, worker, here, mayChoose, allowed } = asking;
  const words = strings.summary;
  return h(
    "div",
    { class: "summary-form" },
    !mayChoose && h("p", { class: "field-hint" }, allowed ? words.noWorker : words.onlyHere),
    mayChoose && whoReads(asking),
    ...(!here && worker ? ofWorker(asking, worker) : []),
    select("range", words.range, asking.ranges, asking.range, (range) =>
      asking.onChange({ range }),
    ),
    ...(here ? [] : options(asking)),
    h(
      "p",
      { class: "summary-state", role: "status" },
      state === "gathering" && words.gathering,
      state === "few" && words.few,
      state === "none" && words.fewSince,
    ),
    state === "failed" && trouble(problem, asking.onRetry),
    state === "ready" && here && pickedHere(asking),
    state === "ready" && !here && preview && worker && exactly(preview, worker, asking),
  );
}

/** @param {Asking} asking */
function whoReads({ here, onChange }) {
  const { where, places } = strings.summary;
  return select("where", where, Object.entries(places), here ? "device" : "worker", (place) =>
    onChange({ here: place === "device" }),
  );
}

/** @param {Asking} asking @param {SummaryWorker} worker */
function ofWorker(asking, worker) {
  const models = /** @type {[string, string][]} */ (worker.models.map((model) => [model, model]));
  return [
    asking.formerly && newKey(asking, worker),
    models.length > 1 &&
      select("model", strings.summary.model, models, asking.model, (model) =>
        asking.onChange({ model }),
      ),
  ];
}

/** The lines that this device picked. @param {Asking} asking */
function pickedHere({ picked, gathered, writing, onJump, onWrite, onStop }) {
  const { said } = /** @type {NonNullable<typeof gathered>} */ (gathered);
  const messages = { from: said[0].seq, to: said[said.length - 1].seq, onJump };
  return h(
    "div",
    { class: "summary-here" },
    h("h3", {}, strings.summary.hereTitle),
    h("p", { class: "field-hint" }, strings.summary.here(said.length)),
    h("div", { class: "summary-text" }, ...paragraphs(picked, messages)),
    writing && browserSummary(writing, { onWrite, onStop }),
  );
}

/** @param {string} key @param {string} label @param {[string, string][]} all
 * @param {string} present @param {(value: string) => void} onChange */
function select(key, label, all, present, onChange) {
  const id = `summary-${key}`;
  const entries = all.map(([value, name]) =>
    h("option", { value, selected: value === present }, name),
  );
  const control = h("select", { id, "data-key": id }, ...entries);
  control.addEventListener("change", () => onChange(control.value));
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("div", { class: "control" }, control),
  );
}

/** @param {Asking} asking */
function options({ masked, anew, base, onChange }) {
  const words = strings.summary;
  return [
    tick("masked", words.masked, words.maskedText, masked, (on) => onChange({ masked: on })),
    base &&
      tick("anew", words.anew, words.anewText(summaryRange(base)), anew, (on) =>
        onChange({ anew: on }),
      ),
  ];
}

/** @param {string} key @param {string} label @param {string} hint @param {boolean} on
 * @param {(on: boolean) => void} onChange */
function tick(key, label, hint, on, onChange) {
  const id = `summary-${key}`;
  const about = { "aria-describedby": `${id}-text`, "data-key": id };
  const box = h("input", { type: "checkbox", id, checked: on, ...about });
  box.addEventListener("change", () => onChange(box.checked));
  return h(
    "div",
    { class: "check" },
    box,
    h(
      "div",
      {},
      h("label", { for: id }, label),
      h("p", { class: "field-hint", id: `${id}-text` }, hint),
    ),
  );
}

/** @param {string} problem @param {() => void} onRetry */
const trouble = (problem, onRetry) =>
  h(
    "div",
    { class: "notice danger", role: "alert" },
    h("p", {}, problem),
    h(
      "button",
      { class: "button quiet small", type: "button", onclick: onRetry },
      strings.summary.again,
    ),
  );

/** The text that is sent, who reads it, and the button.
 * @param {SummaryPreview} preview @param {SummaryWorker} worker @param {Asking} asking */
function exactly(preview, worker, { formerly, onSend }) {
  const words = strings.summary;
  const { question, characters, gathered, cut } = preview;
  const count = question.messages.length;
  const notes = [
    cut && words.cut,
    gathered.hidden > 0 && words.hidden(gathered.hidden),
    gathered.locked > 0 && words.locked(gathered.locked),
  ];
  return h(
    "div",
    { class: "summary-exactly" },
    h("h3", { id: "summary-preview" }, words.preview),
    h("p", { class: "summary-count" }, words.lines(count, characters)),
    lines(preview),
    ...notes.map((text) => text && h("p", { class: "field-hint" }, text)),
    reader(worker, question.model),
    h("p", { class: "field-hint" }, words.visible),
    h(
      "button",
      {
        class: "button wide",
        type: "button",
        id: "summary-send",
        "data-key": "send",
        disabled: formerly !== "",
        onclick: onSend,
      },
      words.send(count),
    ),
  );
}

/** Every line exactly as it is sent. @param {SummaryPreview} preview */
function lines({ question, earlier }) {
  let last = "";
  const items = question.messages.flatMap(({ seq, name, ts, text }) => {
    const line = h(
      "li",
      { "data-seq": seq },
      h("span", { class: "summary-who" }, name),
      " ",
      h("time", { datetime: new Date(ts).toISOString() }, clock(ts)),
      h(
        "div",
        {},
        ...longText(`ask:${seq}:${text.length}`, text, (page) => [h("p", {}, ...plain(page))]),
      ),
    );
    if (dayKey(ts) === last) return [line];
    last = dayKey(ts);
    return [h("li", { class: "summary-day", "aria-hidden": "true" }, day(ts)), line];
  });
  const about = earlier && strings.summary.earlierLine(summaryRange(earlier));
  return h(
    "div",
    {
      class: "summary-lines",
      tabindex: "0",
      role: "region",
      "aria-labelledby": "summary-preview",
      "data-key": "summary-lines",
    },
    h(
      "ol",
      {},
      question.earlier &&
        h(
          "li",
          { class: "summary-earlier" },
          h("span", { class: "summary-who" }, about),
          h("p", {}, question.earlier),
        ),
      ...items,
    ),
  );
}

/** @param {SummaryWorker} worker @param {string} model */
function reader({ engine, embedded, wk }, model) {
  const words = strings.summary;
  return h(
    "div",
    { class: "summary-reader" },
    h("h3", {}, icon("eye", "small"), words.who),
    h("p", {}, words.engines[engine](model)),
    h("p", {}, embedded ? words.embedded : words.apart),
    fingerprint(words.wk, wk),
  );
}

/** @param {string} name @param {string} wk */
const fingerprint = (name, wk) =>
  h("p", { class: "summary-key" }, h("span", {}, name), h("code", {}, wk));

/** The worker has another key than the trusted one: nothing is sent before the user confirms it.
 * @param {Asking} asking @param {SummaryWorker} worker */
function newKey({ formerly, onBelieve }, worker) {
  const words = strings.summary;
  return h(
    "div",
    { class: "notice danger summary-changed", role: "alert" },
    h("strong", {}, words.changedTitle),
    h("p", {}, words.changedText),
    fingerprint(words.before, formerly),
    fingerprint(words.now, worker.wk),
    h(
      "button",
      { class: "button danger small", type: "button", onclick: onBelieve },
      words.believe,
    ),
  );
}
