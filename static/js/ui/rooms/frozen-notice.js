/** The notice of a stopped room: what happened, what was kept, what to do, how to continue. */

import { ask, attempt, troublePlace } from "../dialog.js";
import { announce, h, icon } from "../dom.js";
import { roomStrings as strings } from "../strings/room.js";
import { full } from "../time.js";

/**
 * @param {object} about
 * @param {string} [about.why] a sentence on what does not fit
 * @param {string} [about.detail] technical detail
 * @param {string} [about.room] its name
 * @param {boolean} [about.direct] whether it is a conversation of two
 * @param {Promise<{backup: number, at: number} | undefined>} [about.restored] what the operator
 *   says, if anything; ms
 * @param {() => unknown} about.onExport
 * @param {() => Promise<unknown>} about.onAccept the server's version, after it was asked for
 * @returns {HTMLElement}
 */
export function frozenNotice(about) {
  const { why = "", detail = "", room = "", direct = false, restored, onExport, onAccept } = about;
  const { stop } = strings;
  const trouble = troublePlace();
  return h(
    "section",
    { class: "frozen", "aria-labelledby": "frozen-title" },
    h("h2", { id: "frozen-title" }, icon("stop"), stop.title(direct)),
    h("p", {}, `${stop.why} ${stop.means}`),
    operatorsWord(restored),
    h("p", {}, stop.kept),
    (why || detail) &&
      h(
        "details",
        {},
        h("summary", {}, stop.details),
        why && h("p", {}, why),
        detail && detail !== why && h("p", { class: "frozen-detail" }, detail),
      ),
    h(
      "ol",
      { class: "frozen-steps" },
      h("li", {}, exporting(onExport, trouble), h("p", {}, stop.exportText)),
      h("li", {}, asking(room), h("p", {}, stop.othersText)),
      h("li", {}, accepting(onAccept, trouble)),
    ),
    trouble,
  );
}

/**
 * The operator's notices, once fetched. The alarm stays: a dishonest server can sign them, too.
 * @param {Promise<{backup: number, at: number} | undefined>} [restored]
 */
function operatorsWord(restored) {
  const place = h("p", { class: "frozen-restored", role: "status" });
  place.hidden = true;
  restored?.then(
    (said) => {
      if (!said) return;
      place.textContent = strings.stop.restored(full(said.at), full(said.backup));
      place.hidden = false;
    },
    () => {}, // it is asked for again with the next page
  );
  return place;
}

/** @param {() => unknown} onExport @param {HTMLElement} trouble */
function exporting(onExport, trouble) {
  const { stop } = strings;
  const text = document.createTextNode(stop.export);
  const button = h(
    "button",
    { class: "button small", type: "button" },
    icon("save", "small"),
    text,
  );
  button.addEventListener("click", async () => {
    const about = { label: stop.exporting, done: stop.exported };
    if (await attempt(button, () => onExport(), trouble, about)) text.data = stop.exported;
  });
  return button;
}

/** @param {string} room */
function asking(room) {
  const { stop } = strings;
  const text = document.createTextNode(stop.others);
  const button = h(
    "button",
    { class: "button quiet small", type: "button" },
    icon("copy", "small"),
    text,
  );
  button.addEventListener("click", async () => {
    const question = stop.question(room || strings.unnamed);
    const copied = await navigator.clipboard.writeText(question).then(
      () => true,
      () => false,
    );
    if (!copied)
      return ask({ title: stop.others, text: question, confirm: strings.close, cancel: "" });
    text.data = stop.copied;
    announce(stop.copied);
  });
  return button;
}

/** @param {() => Promise<unknown>} onAccept @param {HTMLElement} trouble */
function accepting(onAccept, trouble) {
  const { stop } = strings;
  const button = h("button", { class: "link-button", type: "button" }, stop.accept);
  button.addEventListener("click", async () => {
    const sure = await ask({
      title: stop.acceptTitle,
      text: stop.acceptText,
      confirm: stop.accept,
      danger: true,
      field: { label: stop.acceptLabel, word: stop.acceptWord },
    });
    if (sure) await attempt(button, onAccept, trouble, { label: stop.accepting });
  });
  return button;
}
