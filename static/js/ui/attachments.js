/** A message's files: pictures inline at their final size, others as downloads. */

import { h, icon } from "./dom.js";
import { briefName } from "./limits.js";
import { SHOWN } from "./picture.js";
import { mayShow, pixelSize } from "./picture-file.js";
import { strings } from "./strings.js";

/** @typedef {import("../conversation/messages/files.js").RoomFile} RoomFile */
/** @typedef {(file: RoomFile, progress?: (done: number, total: number) => void) =>
 *   Promise<Blob>} OpenFile */

const BY_ITSELF = 8 * 1024 * 1024; // bytes; a larger picture is opened on request
const WIDEST = 420; // pixels, as in attachments.css
const TALLEST = 360;
const SMALLEST = 24;

/** @param {RoomFile[]} files @param {OpenFile} open
 * @param {boolean} pictures whether they may be loaded; else they can only be saved */
export const fileList = (files, open, pictures) =>
  h(
    "div",
    { class: "files" },
    ...files.map((file) => fileElement(shortened(file), open, pictures)),
  );

/** @param {RoomFile} file @returns {RoomFile} */
const shortened = (file) => ({ ...file, name: briefName(file.name) });

/** @param {RoomFile} file @param {OpenFile} open @param {boolean} pictures */
function fileElement(file, open, pictures) {
  const { type, w, h: height } = file;
  const shown = pictures && SHOWN.has(type) && w && height;
  return shown ? picture(file, w, height, open) : saving(file, open);
}

/** A picture with more pixels than a browser should decode, or of an unknown format. */
class NotShown extends Error {}

/** The space is reserved, so that nothing moves when the picture loads.
 * @param {RoomFile} file @param {number} w @param {number} height @param {OpenFile} open */
function picture(file, w, height, open) {
  const scale = Math.min(1, WIDEST / w, TALLEST / height);
  const box = h("button", {
    class: "picture",
    type: "button",
    "data-act": `file:${file.id}`,
    "aria-label": strings.files.show(file.name),
  });
  // The size claimed by the sender only reserves the space.
  box.style.inlineSize = `${Math.max(SMALLEST, Math.round(w * scale))}px`;
  box.style.aspectRatio = `${w} / ${height}`;
  /** @type {Promise<string> | undefined} */
  let address;
  const load = () => {
    address ??= show(box, file, open).catch((error) => {
      if (error instanceof NotShown) {
        box.replaceWith(
          h("p", { class: "quiet-text" }, strings.files.notShown),
          saving(file, open),
        );
        return "";
      }
      address = undefined;
      box.replaceChildren(icon("warning"), h("span", {}, strings.files.failed));
      return "";
    });
    return address;
  };
  box.addEventListener("click", async () => {
    const found = await load();
    if (found) enlarge(file, found);
  });
  if (file.size <= BY_ITSELF) whenSeen(box, load);
  else box.append(icon("image"), h("span", {}, strings.files.size(file.size)));
  return box;
}

/** @param {HTMLElement} box @param {RoomFile} file @param {OpenFile} open */
async function show(box, file, open) {
  const blob = await open(file);
  if (!mayShow(pixelSize(new Uint8Array(await blob.arrayBuffer())))) throw new NotShown();
  const address = URL.createObjectURL(new Blob([blob], { type: file.type }));
  const image = h("img", { alt: file.name, src: address, decoding: "async" });
  await image.decode();
  box.replaceChildren(image);
  return address;
}

/** @param {HTMLElement} element @param {() => void} act */
function whenSeen(element, act) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      act();
    },
    { rootMargin: "300px" },
  );
  observer.observe(element);
}

/** @param {RoomFile} file @param {string} address */
function enlarge({ name }, address) {
  const close = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": strings.close, title: strings.close },
    icon("close"),
  );
  const save = h(
    "a",
    { class: "icon-button", href: address, download: name, "aria-label": strings.files.save(name) },
    icon("save"),
  );
  const dialog = h(
    "dialog",
    { class: "large-picture", "aria-label": name },
    h("div", { class: "row end" }, save, close),
    h("img", { alt: name, src: address }),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (/** @type {Event} */ { target }) => {
    if (target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {RoomFile} file @param {OpenFile} open */
function saving(file, open) {
  const state = h("span", { class: "quiet-text" }, strings.files.size(file.size));
  const meter = h("progress", { max: "1", value: "0", "aria-label": strings.files.loading });
  const button = h(
    "button",
    {
      class: "file",
      type: "button",
      "data-act": `file:${file.id}`,
      "aria-label": `${strings.files.save(file.name)}, ${strings.files.size(file.size)}`,
    },
    icon("file"),
    h("span", { class: "file-name" }, file.name),
    state,
  );
  button.addEventListener("click", async () => {
    button.setAttribute("aria-disabled", "true");
    button.append(meter);
    try {
      const blob = await open(file, (done, total) => {
        meter.value = done / Math.max(1, total);
      });
      hand(blob, file.name);
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

/** Whatever its claimed type, the browser saves the bytes and opens nothing.
 * @param {Blob} blob @param {string} name */
function hand(blob, name) {
  const address = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
