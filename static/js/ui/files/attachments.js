/** A message's files: pictures inline at their final size, others as downloads. */

import { h, icon } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";
import { save } from "./download.js";
import { briefName, fileName } from "./file-names.js";
import { forgetPictures, pictureBox, pictureGrid } from "./picture-box.js";
import { SHOWN } from "./picture-file.js";

export { forgetPictures };

/** @typedef {import("../../conversation/messages/files.js").RoomFile} RoomFile */
/** @typedef {(file: import("../../conversation/messages/files.js").FileSecrets,
 *   progress?: (done: number, total: number) => void) => Promise<Blob>} OpenFile */

/**
 * @param {RoomFile[]} files
 * @param {OpenFile} open
 * @param {boolean} pictures whether they may be loaded; else they can only be saved
 * @param {string} caption of pictures: who sent them, and when
 */
export function fileList(files, open, pictures, caption) {
  const named = files.map((file) => ({ ...file, name: briefName(file.name) }));
  const shown = named.filter((file) => pictures && isPicture(file));
  const boxes = shown.map((file) => {
    const instead = () => h("div", {}, notShown(), saving(file, open));
    return pictureBox(file, open, caption, shown.length === 1, instead);
  });
  const others = named.filter((file) => !shown.includes(file));
  return h(
    "div",
    { class: "files" },
    ...(boxes.length > 1 ? [pictureGrid(boxes)] : boxes),
    ...others.map((file) => saving(file, open)),
  );
}

/** @param {RoomFile} file */
const isPicture = ({ type, w, h: height }) => SHOWN.has(type) && Boolean(w && height);

const notShown = () => h("p", { class: "quiet-text" }, strings.files.notShown);

/** @param {RoomFile} file @param {OpenFile} open */
function saving(file, open) {
  const name = nameElement(file.name);
  name.setAttribute("aria-hidden", "true"); // a screen reader would pause before its ending
  const state = h("span", { class: "quiet-text" }, strings.files.size(file.size));
  const meter = h("progress", { max: "1", value: "0", "aria-label": strings.files.loading });
  const button = h(
    "button",
    {
      class: "file",
      type: "button",
      "data-act": `file:${file.id}`,
    },
    icon("file"),
    h("span", { class: "visually-hidden" }, strings.files.save(file.name)),
    name,
    state,
  );
  button.addEventListener("click", async () => {
    button.setAttribute("aria-disabled", "true");
    button.append(meter);
    try {
      const blob = await open(file, (done, total) => {
        meter.value = done / Math.max(1, total);
      });
      save(blob, file.name);
      state.textContent = strings.files.size(file.size);
    } catch {
      state.textContent = strings.files.failed;
    } finally {
      meter.remove();
      button.removeAttribute("aria-disabled");
    }
  });
  return button;
}

/** A file's name: where there is little room its beginning is clipped, never its ending.
 * @param {string} name */
export function nameElement(name) {
  const { stem, ending } = fileName(name);
  return h("span", { class: "file-name" }, h("bdi", {}, stem), h("span", { dir: "ltr" }, ending));
}
