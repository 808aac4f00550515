/** Files that go with the next message: chosen, dropped or pasted, shown above the field. */

import { h, icon } from "./dom.js";
import { strings } from "./strings.js";

const MOST = 10; // files of one message

/** @param {HTMLElement} before the tray stands above it @param {HTMLElement} field pasted into
 * @param {HTMLElement} target dropped onto */
export function createAttachmentTray(before, field, target) {
  /** @type {{file: File, row: HTMLElement, meter: HTMLProgressElement}[]} */
  let held = [];
  const list = h("ul", { class: "tray-list", "aria-label": strings.files.tray });
  const problem = h("p", { class: "field-error", role: "alert" });
  const tray = h("div", { class: "tray", hidden: true }, list, problem);
  const chooser = h("input", { type: "file", multiple: true, hidden: true });
  before.before(tray, chooser);

  function draw() {
    tray.hidden = held.length === 0 && problem.textContent === "";
    list.replaceChildren(...held.map(({ row }) => row));
  }

  /** @param {Iterable<File>} files */
  function add(files) {
    const all = [...files];
    const some = all.slice(0, MOST - held.length);
    problem.textContent = some.length < all.length ? strings.files.most(MOST) : "";
    held.push(...some.map(entry));
    draw();
    field.focus();
  }

  /** @param {File} file */
  function entry(file) {
    const meter = h("progress", { max: "1", value: "0", hidden: true, "aria-label": file.name });
    const drop = h(
      "button",
      { class: "icon-button", type: "button", "aria-label": strings.files.drop(file.name) },
      icon("close", "small"),
    );
    const made = {
      file,
      meter,
      row: h(
        "li",
        {},
        icon(file.type.startsWith("image/") ? "image" : "file", "small"),
        h("span", { class: "file-name" }, file.name),
        h("span", { class: "quiet-text" }, strings.files.size(file.size)),
        meter,
        drop,
      ),
    };
    drop.addEventListener("click", () => {
      held = held.filter((other) => other !== made);
      problem.textContent = "";
      draw();
      field.focus();
    });
    return made;
  }

  chooser.addEventListener("change", () => {
    add(chooser.files);
    chooser.value = "";
  });
  field.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    add(files);
  });
  const dragged = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  target.addEventListener("dragover", (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    target.classList.add("dropping");
  });
  target.addEventListener("dragleave", (event) => {
    if (!target.contains(/** @type {Node} */ (event.relatedTarget)))
      target.classList.remove("dropping");
  });
  target.addEventListener("drop", (event) => {
    target.classList.remove("dropping");
    if (!dragged(event)) return;
    event.preventDefault();
    add(event.dataTransfer?.files ?? []);
  });

  return {
    choose: () => chooser.click(),
    get holds() {
      return held.length > 0;
    },
    /**
     * Send all of them, one after another; what was chosen stays where one fails.
     * @template Sent
     * @param {(file: File, progress: (done: number) => void, signal: AbortSignal) =>
     *   Promise<Sent>} send
     * @returns {Promise<Sent[] | null>} null if it did not work: the reason stands there
     */
    async sendAll(send) {
      const stop = new AbortController();
      const cancel = h("button", { class: "link-button", type: "button" }, strings.cancel);
      cancel.addEventListener("click", () => stop.abort(new Error(strings.files.stopped)));
      problem.textContent = "";
      list.after(cancel);
      tray.classList.add("sending");
      try {
        const sent = [];
        for (const { file, meter } of held) {
          meter.hidden = false;
          const progress = (/** @type {number} */ done) => {
            meter.value = done;
          };
          sent.push(await send(file, progress, stop.signal));
        }
        held = [];
        return sent;
      } catch (/** @type {any} */ error) {
        problem.textContent = `${strings.files.notSent} ${error.message}`;
        return null;
      } finally {
        tray.classList.remove("sending");
        cancel.remove();
        for (const { meter } of held) meter.hidden = true;
        draw();
      }
    },
  };
}
