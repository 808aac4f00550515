import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../../../static/js/ui/dom.js";
import { moreAt, scrollBox } from "../../../static/js/ui/scroll-box.js";
import { renderText } from "../../../static/js/ui/text/text.js";
import { installDom, put } from "./fake-dom.js";

let resize = (/** @type {any[]} */ _entries) => {};
globalThis.ResizeObserver = class {
  constructor(told) {
    resize = told;
  }
  observe() {}
};

beforeEach(installDom);

/** A box of 300 pixels, laid out. */
function stage(width) {
  const [box] = put([scrollBox(h("table", {}, "a"), "Prices")]).children;
  const [view] = box.children;
  const layout = (sizes) => {
    Object.assign(view, sizes);
    resize([{ target: view }]);
  };
  layout({ scrollLeft: 0, clientWidth: 300, scrollWidth: width });
  const scroll = (to) => {
    view.scrollLeft = to;
    view.dispatchEvent(new Event("scroll"));
  };
  return { box, view, layout, scroll, more: () => box.getAttribute("data-more") };
}

test("a box whose content fits is no stop of the Tab key and no region", () => {
  const { view, more } = stage(300);
  assert.equal(more(), null);
  assert.deepEqual(view.attributes, { class: "scroll-view" });
});

test("a box whose content is wider is a region with a name, which the keyboard reaches", () => {
  const { view } = stage(700);
  const { role, tabindex, "aria-label": name } = view.attributes;
  assert.deepEqual([role, tabindex, name], ["region", "0", "Prices"]);
});

test("a box shows on which sides it goes on", () => {
  const { scroll, more } = stage(700);
  assert.equal(more(), "end");
  scroll(200);
  assert.equal(more(), "both");
  scroll(399.6);
  assert.equal(more(), "start");
  scroll(0);
  assert.equal(more(), "end");
});

test("a box that becomes wide enough stops being a region", () => {
  const { view, layout, more } = stage(700);
  layout({ clientWidth: 700 });
  assert.equal(more(), null);
  assert.equal(view.getAttribute("role"), null);
  assert.equal(view.getAttribute("tabindex"), null);
});

test("from right to left, positions are negative", () => {
  const at = (scrollLeft) => moreAt({ scrollLeft, clientWidth: 300, scrollWidth: 700 });
  assert.deepEqual([at(0), at(-200), at(-400)], ["end", "both", "start"]);
});

test("the table of a message stands in such a box, with its direction", () => {
  const [box] = renderText("a|b\n-|-\n1|2");
  assert.equal(box.getAttribute("class"), "scroll-box");
  assert.equal(box.getAttribute("dir"), "auto");
  assert.equal(box.querySelectorAll("table").length, 1);
  const [view] = box.children;
  Object.assign(view, { scrollLeft: 0, clientWidth: 300, scrollWidth: 700 });
  resize([{ target: view }]);
  assert.equal(view.getAttribute("aria-label"), "Table: a, b. Scrolls sideways.");
});
