/**
 * The conversation as one tab stop. Up and down go from message to message, D goes to a date; right and
 * left go through what can be pressed in a message; Tab leaves it all.
 */

const CONTROLS = "a[href], button, input, select, textarea, summary, audio, video";

/**
 * @param {HTMLElement} scroll the tab stop
 * @param {HTMLElement} list its messages
 * @param {(key: string | undefined) => void} onPickDay asks for a day; the key of the message with the
 *   focus, if one has it
 * @returns {() => void} ends what listens outside the list
 */
export function keepOneTabStop(scroll, list, onPickDay) {
  takeOut(list);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) takeOut(node);
  }).observe(list, { childList: true, subtree: true });
  /** @type {HTMLElement | null} the message with the focus, which is the tab stop then */
  let current = null;
  const move = (/** @type {HTMLElement | null} */ to) => {
    if (current) current.tabIndex = -1;
    current = to;
    if (current) current.tabIndex = 0;
    scroll.tabIndex = current ? -1 : 0;
  };
  list.addEventListener("focusin", ({ target }) => move(messageOf(target)));
  list.addEventListener("focusout", ({ relatedTarget }) => {
    if (!messageOf(relatedTarget)) move(null);
  });
  list.addEventListener("keydown", onKey);
  const onScrollKey = (/** @type {KeyboardEvent} */ event) =>
    goThroughMessages(event, scroll, list, onPickDay);
  scroll.addEventListener("keydown", onScrollKey);
  return () => scroll.removeEventListener("keydown", onScrollKey);
}

/** @param {KeyboardEvent} event @param {HTMLElement} scroll @param {HTMLElement} list
 * @param {(key: string | undefined) => void} onPickDay */
function goThroughMessages(event, scroll, list, onPickDay) {
  const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
  const from = /** @type {HTMLElement} */ (event.target);
  const inside = from === scroll || from.matches("[data-key]");
  if (!inside || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.toLowerCase() === "d") {
    event.preventDefault();
    onPickDay(from.dataset.key);
  }
  if (!step) return;
  /** @type {NodeListOf<HTMLElement>} */
  const found = list.querySelectorAll("[data-key]");
  const all = [...found];
  const at = all.indexOf(from);
  const next = at < 0 ? all.at(-1) : all[at + step];
  if (!next) return;
  focus(event, next);
  next.scrollIntoView({ block: "nearest" });
}

/** Takes the controls of messages out of the order of Tab. Those of other lines, such as *Try
 * again*, stay: arrows do not reach them. @param {Node} node */
function takeOut(node) {
  if (!(node instanceof HTMLElement)) return;
  /** @type {NodeListOf<HTMLElement>} */
  const inside = node.querySelectorAll(CONTROLS);
  const all = node.matches(CONTROLS) ? [node, ...inside] : inside;
  for (const control of all) if (messageOf(control)) control.tabIndex = -1;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const message = messageOf(event.target);
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (!message || modified) return;
  if (event.key === "Escape" && event.target !== message) return focus(event, message);
  if (!step) return;
  const stops = [message, ...controlsOf(message)];
  const at = stops.indexOf(/** @type {HTMLElement} */ (event.target));
  const next = stops[at + step];
  if (at >= 0 && next) focus(event, next);
}

/** @param {KeyboardEvent} event @param {HTMLElement} element */
function focus(event, element) {
  event.preventDefault();
  element.focus();
}

/** @param {HTMLElement} message @returns {HTMLElement[]} */
function controlsOf(message) {
  /** @type {NodeListOf<HTMLElement>} */
  const found = message.querySelectorAll(CONTROLS);
  return [...found].filter((control) => control.checkVisibility());
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
const messageOf = (target) => (target instanceof Element ? target.closest("[data-key]") : null);
