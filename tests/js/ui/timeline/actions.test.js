import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../../../../static/js/ui/dom.js";
import { MessageToolbar } from "../../../../static/js/ui/timeline/actions.js";
import { installDom } from "../fake-dom.js";

const ANSWER = { id: "answer", icon: "reply", label: "Answer", quick: true, run: () => {} };

beforeEach(installDom);

/** A list with one message, which can be answered once it is sent. */
function written() {
  const list = h("ol");
  document.body.append(list);
  const message = h("li", { "data-key": "m1" });
  list.append(message);
  const about = { line: {}, actions: [] };
  const toolbar = new MessageToolbar(
    list,
    () => about,
    () => {},
  );
  const renderedAgain = () => {
    const now = h("li", { "data-key": "m1" });
    toolbar.replaced(message, now);
    message.remove();
    list.append(now);
    return now;
  };
  return { list, message, about, toolbar, renderedAgain };
}

const labels = (message) =>
  message.querySelectorAll("button").map((button) => button.getAttribute("aria-label"));

test("a message that is pointed at while it is sent gets its toolbar once it is sent", () => {
  const { message, about, toolbar, renderedAgain } = written();
  toolbar.show(message);
  assert.deepEqual(labels(message), []);
  about.actions = [ANSWER];
  assert.ok(labels(renderedAgain()).includes("Answer"));
});

test("what was pointed at before the toolbar was loaded may have been rendered again", () => {
  const { list, message, about, toolbar } = written();
  about.actions = [ANSWER];
  message.remove();
  const now = h("li", { "data-key": "m1" });
  list.append(now);
  globalThis.Element = message.constructor;
  message.closest = () => message;
  globalThis.KeyboardEvent = class {};
  globalThis.PointerEvent = class extends Event {
    pointerType = "mouse";
  };
  const event = new PointerEvent("pointerover");
  Object.defineProperty(event, "target", { value: message });
  toolbar.catchUp(event);
  assert.ok(labels(now).includes("Answer"));
});
