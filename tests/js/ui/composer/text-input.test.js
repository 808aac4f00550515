import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { insertText } from "../../../../static/js/ui/composer/text-input.js";
import { h } from "../../../../static/js/ui/dom.js";
import { installDom } from "../fake-dom.js";

beforeEach(installDom);

test("a text for a field that cannot take the focus lands in no other field", () => {
  const [other, field] = [h("input"), h("input")];
  document.body.append(other, field);
  other.focus();
  field.focus = () => {}; // as in a dialog that is closed
  field.setSelectionRange = () => {};
  field.setRangeText = (text) => {
    field.value = text;
  };
  const heard = [];
  field.addEventListener("input", () => heard.push(field.value));
  document.execCommand = () => {
    document.activeElement.value = "elsewhere";
    return true;
  };
  insertText(field, "pears");
  assert.deepEqual([other.value, field.value, heard], ["", "pears", ["pears"]]);
});
