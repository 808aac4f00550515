import assert from "node:assert/strict";
import { test } from "node:test";
import { ScrollPosition } from "../../../../static/js/ui/timeline/scroll-position.js";

let resized = () => {};
globalThis.ResizeObserver = class {
  constructor(told) {
    resized = told;
  }
  observe() {}
  disconnect() {}
};

/** A list of 2000 pixels of which 500 are seen, at its end, and what browsers do with it. */
function stage() {
  const listeners = {};
  const scroll = {
    scrollHeight: 2000,
    clientHeight: 500,
    place: 0,
    get scrollTop() {
      return Math.min(this.place, this.scrollHeight - this.clientHeight);
    },
    set scrollTop(value) {
      this.place = Math.max(0, Math.min(value, this.scrollHeight - this.clientHeight));
    },
    addEventListener: (type, listener) => {
      listeners[type] = listener;
    },
    removeEventListener: () => {},
  };
  const position = new ScrollPosition(scroll, { children: [] }, () => {});
  position.follow();
  const said = (type) => listeners[type]({ type, target: null });
  /** The heights change at once; the browser moves the list into its bounds. */
  const layout = (sizes) => {
    Object.assign(scroll, sizes);
    scroll.place = scroll.scrollTop;
  };
  return { scroll, position, said, layout };
}

test("an offer that goes and a panel that comes leave the list at its end", () => {
  const { scroll, position, said, layout } = stage();
  layout({ clientHeight: 560 }); // the offer above is taken away: the list is moved
  layout({ scrollHeight: 2480 }); // the panel makes it narrower, before any event has come
  said("scroll");
  assert.equal(position.following, true);
  resized();
  assert.equal(position.below, 0);
  assert.equal(scroll.scrollTop, 2480 - 560);
});

test("scrolling up leaves the end: by hand, by a key, by a search of the browser", () => {
  for (const hand of ["wheel", "touchmove", "keydown", ""]) {
    const { scroll, position, said } = stage();
    if (hand) said(hand);
    scroll.scrollTop = 900;
    said("scroll");
    assert.equal(position.following, false, hand);
    scroll.scrollHeight = 2600;
    resized();
    assert.equal(scroll.scrollTop, 900, "it stays where the reader is");
  }
});

test("by hand also while the layout changes", () => {
  const { scroll, position, said, layout } = stage();
  said("wheel");
  scroll.scrollTop = 900;
  layout({ scrollHeight: 2400 });
  said("scroll");
  assert.equal(position.following, false);
});

test("who returns to the end follows again", () => {
  const { scroll, position, said } = stage();
  scroll.scrollTop = 900;
  said("scroll");
  scroll.scrollTop = 1500;
  said("scroll");
  assert.equal(position.following, true);
});
