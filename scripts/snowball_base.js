/** The operations that every Snowball stemmer is made of. A twin of snowballstemmer's BaseStemmer. */

export class Stemmer {
  current = "";
  cursor = 0;
  limit = 0;
  limit_backward = 0;
  bra = 0;
  ket = 0;

  /** @param {string} word in lower case @returns {string} */
  stemWord(word) {
    this.current = word;
    this.cursor = this.limit_backward = this.bra = 0;
    this.limit = this.ket = word.length;
    this.stem();
    return this.current;
  }

  in_grouping(s) {
    if (this.cursor >= this.limit || !s.has(this.current[this.cursor])) return false;
    this.cursor += 1;
    return true;
  }

  in_grouping_b(s) {
    if (this.cursor <= this.limit_backward || !s.has(this.current[this.cursor - 1])) return false;
    this.cursor -= 1;
    return true;
  }

  out_grouping(s) {
    if (this.cursor >= this.limit || s.has(this.current[this.cursor])) return false;
    this.cursor += 1;
    return true;
  }

  out_grouping_b(s) {
    if (this.cursor <= this.limit_backward || s.has(this.current[this.cursor - 1])) return false;
    this.cursor -= 1;
    return true;
  }

  go_in_grouping(s) {
    for (; this.cursor < this.limit; this.cursor += 1)
      if (!s.has(this.current[this.cursor])) return true;
    return false;
  }

  go_in_grouping_b(s) {
    for (; this.cursor > this.limit_backward; this.cursor -= 1)
      if (!s.has(this.current[this.cursor - 1])) return true;
    return false;
  }

  go_out_grouping(s) {
    for (; this.cursor < this.limit; this.cursor += 1)
      if (s.has(this.current[this.cursor])) return true;
    return false;
  }

  go_out_grouping_b(s) {
    for (; this.cursor > this.limit_backward; this.cursor -= 1)
      if (s.has(this.current[this.cursor - 1])) return true;
    return false;
  }

  eq_s(s) {
    if (this.limit - this.cursor < s.length) return false;
    if (!this.current.startsWith(s, this.cursor)) return false;
    this.cursor += s.length;
    return true;
  }

  eq_s_b(s) {
    if (this.cursor - this.limit_backward < s.length) return false;
    if (!this.current.endsWith(s, this.cursor)) return false;
    this.cursor -= s.length;
    return true;
  }

  find_among(among) {
    const start = this.cursor;
    const at = (i) => (start + i < this.limit ? this.current.charCodeAt(start + i) : -1);
    return this.#find(among, at, (s, i) => s.charCodeAt(i), 1);
  }

  find_among_b(among) {
    const start = this.cursor;
    const at = (i) =>
      start - i > this.limit_backward ? this.current.charCodeAt(start - 1 - i) : -1;
    return this.#find(among, at, (s, i) => s.charCodeAt(s.length - 1 - i), -1);
  }

  /** Bisects a sorted table for the longest entry that the text has here, and moves past it. */
  #find(among, at, letter, way) {
    let [i, j, commonI, commonJ, inspected] = [0, among.length, 0, 0, false];
    for (;;) {
      const k = i + ((j - i) >> 1);
      const [s] = among[k];
      let diff = 0;
      let common = Math.min(commonI, commonJ);
      for (; common < s.length; common += 1) {
        diff = at(common) < 0 ? -1 : at(common) - letter(s, common);
        if (diff !== 0) break;
      }
      if (diff < 0) [j, commonJ] = [k, common];
      else [i, commonI] = [k, common];
      if (j - i > 1) continue;
      if (i > 0 || j === i || inspected) break;
      inspected = true;
    }
    const start = this.cursor;
    while (i >= 0) {
      const [s, shorter, result, method] = among[i];
      if (commonI >= s.length) {
        this.cursor = start + way * s.length;
        if (!method) return result;
        if (this[method]()) {
          this.cursor = start + way * s.length;
          return result;
        }
      }
      i = shorter;
    }
    return 0;
  }

  replace_s(bra, ket, s) {
    const adjustment = s.length - (ket - bra);
    this.current = this.current.slice(0, bra) + s + this.current.slice(ket);
    this.limit += adjustment;
    if (this.cursor >= ket) this.cursor += adjustment;
    else if (this.cursor > bra) this.cursor = bra;
    return adjustment;
  }

  slice_from(s) {
    this.replace_s(this.bra, this.ket, s);
    this.ket = this.bra + s.length;
  }

  slice_del() {
    this.slice_from("");
  }

  insert(bra, ket, s) {
    const adjustment = this.replace_s(bra, ket, s);
    if (bra <= this.bra) this.bra += adjustment;
    if (bra <= this.ket) this.ket += adjustment;
  }

  slice_to() {
    return this.current.slice(this.bra, this.ket);
  }
}
