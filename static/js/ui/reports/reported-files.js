/**
 * The files of a reported message. None is fetched before it is asked for: what was reported may be
 * such that nobody should have to see it.
 */

import { h } from "../dom.js";
import { save } from "../files/download.js";
import { briefName } from "../files/file-names.js";
import { mayShow, pixelSize, SHOWN } from "../files/picture-file.js";
import { FILES } from "../limits.js";
import { reportStrings as words } from "../strings/reports.js";
import { writing } from "../strings/writing.js";

/** @typedef {{id: string, key: string, size: number, name: string, type: string, sha: string}}
 *   ReportedFile as the message names it */
/** @typedef {(file: ReportedFile) => Promise<Blob>} OpenFile throws an error whose message says what to
 *   do, or WireError for another file than the author signed */

/** @param {ReportedFile[]} files @param {OpenFile} [open] */
export const reportedFiles = (files, open) =>
  h(
    "div",
    { class: "reported-files" },
    h("ul", {}, ...files.slice(0, FILES).map((file) => line(file, open))),
    h("p", { class: "help" }, open ? words.filesAsked : words.filesInRoom),
  );

/** @param {ReportedFile} file @param {OpenFile} [open] */
function line(file, open) {
  const name = briefName(file.name);
  const about = [
    h("bdi", {}, name),
    " ",
    h("span", { class: "quiet-text" }, writing.files.size(file.size)),
  ];
  if (!open) return h("li", {}, ...about);
  const state = h("p", { role: "status" });
  const label = SHOWN.has(file.type) ? words.showFile : words.saveFile;
  const button = h(
    "button",
    { class: "button", type: "button", "aria-label": label.of(name) },
    label.short,
  );
  button.addEventListener("click", async () => {
    button.disabled = true; // twice would be recorded twice
    state.textContent = words.fileOpening;
    try {
      const picture = await shown(await open(file), { ...file, name });
      state.textContent = "";
      if (picture) button.replaceWith(picture);
    } catch (error) {
      const { name: kind, message } = /** @type {Error} */ (error);
      state.textContent = kind === "WireError" ? words.fileRefused : message;
    }
    button.disabled = false;
  });
  return h("li", {}, h("p", {}, ...about), button, state);
}

/** Shows a picture that may be decoded; everything else is saved.
 * @param {Blob} blob @param {ReportedFile} file @returns {Promise<HTMLImageElement | null>} */
async function shown(blob, { name, type }) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (SHOWN.has(type) && mayShow(pixelSize(bytes))) {
    const address = URL.createObjectURL(new Blob([bytes], { type }));
    return h("img", { class: "reported-picture", src: address, alt: name });
  }
  save(blob, name);
  return null;
}
