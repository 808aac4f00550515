/** The panel at the right; on phones it covers the page, and Back closes it. */

/**
 * @param {HTMLElement} panel @param {HTMLElement} title @param {HTMLElement} body
 * @param {HTMLElement} closer
 */
export function createPanel(panel, title, body, closer) {
  /** @type {HTMLElement | null} */
  let opener = null;

  const isOpen = () => !panel.hidden;

  function hide() {
    if (!isOpen()) return;
    panel.hidden = true;
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
      closer.focus();
    },
    /** Draw again, if `from` is what is open. @param {HTMLElement} from @param {() => Node[]} content */
    refresh(from, content) {
      if (isOpen() && opener === from) body.replaceChildren(...content());
    },
  };
}
