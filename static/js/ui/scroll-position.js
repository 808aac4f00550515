/**
 * Keeping a reader's place in a list that changes: at the end it follows, elsewhere what is in view
 * stays where it is, whether lines come before or after it.
 */

const AT_END = 40; // pixels; touch screens and zoom rarely land on the last one

/**
 * @param {HTMLElement} scroll what scrolls
 * @param {HTMLElement} list whose children are the lines
 * @param {() => void} onMove the reader scrolled, or the place was restored
 */
export function createScrollPosition(scroll, list, onMove) {
  let following = true;
  let before = 0;

  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < AT_END;
  const toEnd = () => {
    scroll.scrollTop = scroll.scrollHeight;
    before = scroll.scrollTop;
  };
  // What shrinks or grows is no scrolling: only who goes up leaves the end. The event that tells
  // of it may come later than the next change.
  const follows = () => {
    following = atEnd() || (following && scroll.scrollTop >= before);
    return following;
  };
  const moved = () => {
    follows();
    before = scroll.scrollTop;
    onMove();
  };
  // A rising keyboard, a wider window, a font that came late.
  const resized = new ResizeObserver(() => follows() && toEnd());

  scroll.addEventListener("scroll", moved, { passive: true });
  resized.observe(scroll);
  resized.observe(list);
  return {
    get following() {
      return following;
    },
    /** Pixels above what is in view. */
    get above() {
      return scroll.scrollTop;
    },
    follow() {
      following = true;
      toEnd();
    },
    /** Change the list without moving what is read. @param {() => void} change */
    keep(change) {
      const end = follows();
      const places = end ? [] : inView(scroll, list);
      change();
      if (end) return toEnd();
      const [stayed] = places.filter(({ line }) => line.isConnected);
      if (stayed) scroll.scrollTop += top(stayed.line) - stayed.at;
    },
    /** Show a line in the middle, and point at it. @param {HTMLElement} line */
    goTo(line) {
      following = false;
      line.scrollIntoView({ block: "center" });
      line.classList.add("found");
      line.addEventListener("animationend", () => line.classList.remove("found"), { once: true });
      line.focus({ preventScroll: true });
    },
    /** Show a line near the top, if the end of the list would hide it.
     * @param {Element} line */
    startAt(line) {
      if (top(line) >= top(scroll)) return;
      following = false;
      scroll.scrollTop += top(line) - top(scroll) - scroll.clientHeight / 4;
    },
    close() {
      scroll.removeEventListener("scroll", moved);
      resized.disconnect();
    },
  };
}

/** @param {Element} element */
const top = (element) => element.getBoundingClientRect().top;

/** @param {Element} scroll @param {Element} list */
function inView(scroll, list) {
  const edge = top(scroll);
  return [...list.children]
    .filter((line) => line.getBoundingClientRect().bottom > edge)
    .map((line) => ({ line, at: top(line) }));
}
