/** One search hit, as a link to its message. */

import { h, icon } from "../dom.js";
import { briefName } from "../files/file-names.js";
import { FILES, fewerMarks } from "../limits.js";
import { avatar } from "../people/avatar.js";
import { safeName } from "../people/names.js";
import { searchStrings as strings } from "../strings/search.js";
import { brief, full } from "../time.js";

/**
 * @typedef {object} Hit
 * @property {string} key
 * @property {string} href
 * @property {string} room its name; "" where it goes without saying
 * @property {{name: string, uid: string}} author
 * @property {number} ts ms
 * @property {{text: string, hit: boolean}[]} pieces
 * @property {string[]} files names
 * @property {boolean} edited
 */

/** @param {Hit} hit @param {(hit: Hit) => void} onGo */
export function hitElement(hit, onGo) {
  const { href, room, author, ts, pieces, files, edited } = hit;
  const words = pieces.map(({ text, hit: found }) =>
    found ? h("mark", {}, fewerMarks(text)) : fewerMarks(text),
  );
  const link = h(
    "a",
    { class: "hit", href },
    h(
      "span",
      { class: "hit-head" },
      avatar(author.uid, "small"),
      h(
        "span",
        { class: "hit-who" },
        h("b", {}, author.name),
        room && h("bdi", {}, safeName(room)),
      ),
      h("time", { datetime: new Date(ts).toISOString(), title: full(ts) }, brief(ts)),
    ),
    h(
      "span",
      { class: "hit-text", dir: "auto" },
      ...words,
      edited && h("span", { class: "hit-edited" }, ` ${strings.search.edited}`),
    ),
    ...files
      .slice(0, FILES)
      .map((name) => h("span", { class: "hit-file" }, icon("attach", "small"), briefName(name))),
  );
  link.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // in a tab of its own
    event.preventDefault();
    onGo(hit);
  });
  return h("li", {}, link);
}
