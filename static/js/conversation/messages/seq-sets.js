/** Numbers of messages: in order, in spans, in a queue, and by what they name. Each operation takes a few steps, however
 * many numbers there are. */

/** @typedef {[number, number]} Span first and last number */
/** @template Key @typedef {Map<Key, number | number[]>} Index seqs by what they name: mostly one each */

/** Returns how many items at the front of a sorted list come before a place.
 * @template Item @param {Item[]} list @param {(item: Item) => boolean} comesBefore */
function countBefore(list, comesBefore) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comesBefore(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Numbers in rising order, each once. */
export class SortedSeqs {
  /** @type {number[]} */
  #seqs = [];

  /** @param {number} seq */
  #at(seq) {
    return countBefore(this.#seqs, (one) => one < seq);
  }

  /** Adds numbers that are not here. Those that come together go in together.
   * @param {number[]} seqs ascending */
  add(seqs) {
    for (let from = 0; from < seqs.length; ) {
      const at = this.#at(seqs[from]);
      const next = this.#seqs[at] ?? Number.POSITIVE_INFINITY;
      let to = from + 1;
      while (to < seqs.length && seqs[to] < next) to += 1;
      this.#seqs.splice(at, 0, ...seqs.slice(from, to));
      from = to;
    }
  }

  /** @param {number} seq */
  delete(seq) {
    const at = this.#at(seq);
    if (this.#seqs[at] === seq) this.#seqs.splice(at, 1);
  }

  /** @param {number} seq @returns {number | undefined} the one before a number */
  before(seq) {
    return this.#seqs[this.#at(seq) - 1];
  }

  /** @param {number} seq @returns {number | undefined} the one after a number */
  after(seq) {
    return this.#seqs[this.#at(seq + 1)];
  }

  /** @param {number} first @param {number} last @returns {number[]} from one number to another */
  between(first, last) {
    return this.#seqs.slice(this.#at(first), this.#at(last + 1));
  }
}

/** The spans of numbers that follow each other. @param {number[]} seqs ascending @returns {Span[]} */
export function spansOf(seqs) {
  /** @type {Span[]} */
  const spans = [];
  for (const seq of seqs) {
    const last = spans.at(-1);
    if (last && last[1] === seq - 1) last[1] = seq;
    else spans.push([seq, seq]);
  }
  return spans;
}

/** Numbers in spans that are apart from each other. */
export class SeqSpans {
  /** @type {Span[]} ascending */
  #spans = [];

  /** @param {number} seq @returns {Span | undefined} the span that a number is in */
  of(seq) {
    const span = this.#spans[countBefore(this.#spans, ([first]) => first <= seq) - 1];
    return span && seq <= span[1] ? span : undefined;
  }

  /**
   * Adds the numbers from one to another.
   * @param {number} first @param {number} last
   * @returns {number[]} where spans began that begin earlier now
   */
  add(first, last) {
    const from = countBefore(this.#spans, ([, end]) => end + 1 < first);
    const to = countBefore(this.#spans, ([start]) => start <= last + 1);
    const joined = this.#spans.slice(from, to);
    const low = Math.min(first, ...joined.slice(0, 1).map(([start]) => start));
    const high = Math.max(last, ...joined.slice(-1).map(([, end]) => end));
    this.#spans.splice(from, to - from, [low, high]);
    return joined.map(([start]) => start).filter((start) => start > low);
  }

  /** Takes away the numbers after one. @param {number} last */
  dropAfter(last) {
    this.#spans = this.#spans
      .filter(([first]) => first <= last)
      .map(([first, end]) => [first, Math.min(end, last)]);
  }
}

/** Numbers that come out from the lowest on, each once. */
export class SeqQueue {
  /** @type {number[]} a heap: no number is lower than the one at half its place */
  #heap = [];
  #waiting = new Set();

  /** @param {number | undefined} seq */
  add(seq) {
    if (seq === undefined || this.#waiting.has(seq)) return;
    this.#waiting.add(seq);
    const heap = this.#heap;
    let at = heap.push(seq) - 1;
    for (let up = (at - 1) >> 1; at > 0 && heap[up] > seq; up = (at - 1) >> 1) {
      heap[at] = heap[up];
      at = up;
    }
    heap[at] = seq;
  }

  /** @returns {number | undefined} the lowest, which goes; undefined if there is none */
  take() {
    const [lowest] = this.#heap;
    const last = this.#heap.pop();
    if (last === undefined) return undefined;
    this.#waiting.delete(lowest);
    if (this.#heap.length > 0) this.#sink(last);
    return lowest;
  }

  /** Puts a number in from the top. @param {number} seq */
  #sink(seq) {
    const heap = this.#heap;
    let at = 0;
    for (let down = 1; down < heap.length; down = 2 * at + 1) {
      if (heap[down + 1] < heap[down]) down += 1;
      if (heap[down] >= seq) break;
      heap[at] = heap[down];
      at = down;
    }
    heap[at] = seq;
  }
}

/** Adds a number to those of a key.
 * @template Key @param {Index<Key>} index @param {Key} key @param {number} seq */
export function push(index, key, seq) {
  const known = index.get(key);
  if (Array.isArray(known)) known.push(seq);
  else index.set(key, known === undefined ? seq : [known, seq]);
}

/** @template Key @param {Index<Key>} index @param {Key} key @returns {number[]} the numbers of a key */
export const named = (index, key) => [index.get(key) ?? []].flat();

/** The list of a key, made where there is none. @param {Map<string, SortedSeqs>} lists @param {string} key */
export function listOf(lists, key) {
  const known = lists.get(key);
  if (known) return known;
  const list = new SortedSeqs();
  lists.set(key, list);
  return list;
}
