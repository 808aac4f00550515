/** What is offered at the line of unread messages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { strings } from "../../../../static/js/ui/strings.js";
import { dividerElement } from "../../../../static/js/ui/timeline/message.js";
import { button, installDom, put } from "../fake-dom.js";

installDom();

test("what was missed is offered where summaries may be made", () => {
  const asked = [];
  const callbacks = { onPickDay: () => {}, onCatchUp: (from) => asked.push(from) };
  const line = { key: "unread", line: "unread" };
  put([dividerElement(line, { ...callbacks, mayCatchUp: () => true })]);
  button(strings.catchUp).click();
  assert.equal(asked.length, 1);
  const plain = put([dividerElement(line, { ...callbacks, mayCatchUp: () => false })]);
  assert.equal(plain.textContent, strings.newMessages);
});
