/**
 * Keeps the reader's place in a changing list: at the end it follows new lines, elsewhere visible
 * lines stay in place when lines are added before or after them.
 */

/** @typedef {{seq: number, at: number}} Place a message and where it stands, pixels from the top */

const AT_END = 40; // pixels; touch screens and zoom rarely land on the last one

const HANDS = ["wheel", "touchmove", "keydown", "pointerdown"];

export class ScrollPosition {
  #scroll;
  #list;
  #onMove;
  #following = true;
  #before = 0;
  #size = "";
  #handled = false;
  /** Tells whether the end of the list is the end of the conversation: only then it is followed. */
  reachesEnd = true;
  /** A rising keyboard, a wider window, a font that loaded late. */
  #resized = new ResizeObserver(() => this.#updateFollowing() && this.#toEnd());

  /**
   * @param {HTMLElement} scroll what scrolls
   * @param {HTMLElement} list whose children are the lines
   * @param {(moved: boolean) => void} onMove called after the reader scrolled (`moved`), or after it was
   *   scrolled here
   */
  constructor(scroll, list, onMove) {
    this.#scroll = scroll;
    this.#list = list;
    this.#onMove = onMove;
    scroll.addEventListener("scroll", this.#onScroll, { passive: true });
    for (const hand of HANDS) scroll.addEventListener(hand, this.#onHand, { passive: true });
    this.#resized.observe(scroll);
    this.#resized.observe(list);
  }

  get following() {
    return this.#following;
  }

  /** Pixels below what is in view. */
  get below() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** Pixels above the visible part. */
  get above() {
    return this.#scroll.scrollTop;
  }

  #onScroll = () => {
    const moved = this.#scroll.scrollTop !== this.#before;
    this.#updateFollowing();
    this.#note();
    this.#onMove(moved);
  };

  /** The reader scrolls: the next change of the position is theirs, not one of the layout. */
  #onHand = (/** @type {Event} */ { type, target }) => {
    this.#handled ||= type !== "pointerdown" || target === this.#scroll; // at its scroll bar
  };

  #note() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    this.#before = scrollTop;
    this.#size = `${scrollHeight} ${clientHeight}`;
    this.#handled = false;
  }

  /** Only scrolling up leaves the end. A panel, a notice or a keyboard that comes or goes changes the
   * heights, moves the list and causes the same event, also after the next change: that counts as
   * scrolling only by hand. */
  #updateFollowing() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    const atEnd = scrollHeight - scrollTop - clientHeight < AT_END;
    const same = this.#size === `${scrollHeight} ${clientHeight}`;
    const up = scrollTop < this.#before && (same || this.#handled);
    this.#following = this.reachesEnd && (atEnd || (this.#following && !up));
    return this.#following;
  }

  #toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#note();
  }

  /** Scrolls to the end and stays there. */
  follow() {
    this.#following = true;
    this.#toEnd();
  }

  /** Changes the list without moving the visible lines. @param {() => void} change */
  keep(change) {
    const end = this.#updateFollowing();
    const places = end ? [] : inView(this.#scroll, this.#list);
    change();
    if (end) return this.#toEnd();
    const [stayed] = places.filter(({ line }) => line.isConnected);
    if (stayed) this.#scroll.scrollTop += top(stayed.line) - stayed.at;
  }

  /** The first message in view, by which a later visit finds back; null at the end.
   * @returns {Place | null} */
  place() {
    if (this.#updateFollowing()) return null;
    const seen = inView(this.#scroll, this.#list);
    const first = seen.find(({ line }) => line instanceof HTMLElement && line.dataset.seq);
    if (!first) return null;
    const { seq } = /** @type {HTMLElement} */ (first.line).dataset;
    return { seq: Number(seq), at: first.at - top(this.#scroll) };
  }

  /** Puts a line where it stood. @param {HTMLElement} line @param {number} at pixels from the top */
  returnTo(line, at) {
    this.#following = false;
    this.#scroll.scrollTop += top(line) - top(this.#scroll) - at;
    this.#note();
  }

  /** Shows a line in the middle, focuses and highlights it. @param {HTMLElement} line */
  goTo(line) {
    this.#following = false;
    line.scrollIntoView({ block: "center" });
    line.classList.add("found");
    line.addEventListener("animationend", () => line.classList.remove("found"), { once: true });
    line.focus({ preventScroll: true });
  }

  /** Shows a line near the top if the end of the list would hide it. @param {Element} line */
  startAt(line) {
    const scroll = this.#scroll;
    if (top(line) >= top(scroll)) return;
    this.#following = false;
    scroll.scrollTop += top(line) - top(scroll) - scroll.clientHeight / 4;
  }

  close() {
    this.#scroll.removeEventListener("scroll", this.#onScroll);
    for (const hand of HANDS) this.#scroll.removeEventListener(hand, this.#onHand);
    this.#resized.disconnect();
  }
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
