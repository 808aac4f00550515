/** The panel at the right; on phones it covers the page, and Back closes it. */

/** Where the panel covers the page, as in panel.css: what is under it is out of reach. */
const COVERS = "(max-width: 640px)";

/**
 * @param {HTMLElement} panel @param {HTMLElement} title @param {HTMLElement} body
 * @param {HTMLElement} closer
 */
export function createPanel(panel, title, body, closer) {
  /** @type {HTMLElement | null} */
  let opener = null;

  const covers = matchMedia(COVERS);
  const isOpen = () => !panel.hidden;

  function guard() {
    for (const other of panel.parentElement?.children ?? []) {
      // What speaks to screen readers must not fall silent.
      if (other === panel || other.role === "status") continue;
      other.toggleAttribute("inert", isOpen() && covers.matches);
    }
  }

  function hide() {
    if (!isOpen()) return;
    panel.hidden = true;
    guard();
    opener?.setAttribute("aria-expanded", "false");
    opener?.focus();
    opener = null;
  }

  function close() {
    if (!isOpen()) return;
    if (history.state?.panel) history.back();
    else hide();
  }

  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
  };
  closer.addEventListener("click", close);
  addEventListener("popstate", hide);
  document.addEventListener("keydown", onKey);
  covers.addEventListener("change", guard);

  return {
    isOpen,
    close,
    /** @param {HTMLElement} from the button that opened it @param {string} name
     * @param {Node[]} content */
    open(from, name, content) {
      const again = isOpen() && opener === from;
      if (again) {
        close();
        return;
      }
      if (!isOpen()) history.pushState({ panel: true }, "");
      opener?.setAttribute("aria-expanded", "false");
      opener = from;
      from.setAttribute("aria-expanded", "true");
      title.textContent = name;
      body.replaceChildren(...content);
      panel.hidden = false;
      guard();
      closer.focus();
    },
    /** Draw again, if `from` is what is open; the focus stays where it was.
     * @param {HTMLElement} from @param {() => Node[]} content */
    refresh(from, content) {
      if (!isOpen() || opener !== from) return;
      const at = controls(body).indexOf(/** @type {any} */ (document.activeElement));
      body.replaceChildren(...content());
      controls(body)[at]?.focus();
    },
  };
}

/** @param {HTMLElement} body @returns {HTMLElement[]} */
const controls = (body) => [
  ...body.querySelectorAll(/** @type {any} */ ("a, button, input, select")),
];
