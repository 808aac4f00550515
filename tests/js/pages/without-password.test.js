import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../../../static/js/ui/dom.js";
import { installDom, put } from "../ui/fake-dom.js";

globalThis.location = { pathname: "/settings/" };
const { hasToConfirm, showFitting } = await import("../../../static/js/pages/without-password.js");

beforeEach(installDom);

function page() {
  const input = h("input", { required: true });
  const typed = h("div", { "data-with-password": true }, input);
  const other = h("p", { "data-without-password": true, hidden: true }, "none");
  return { body: put([typed, other]), input, typed, other };
}

test("people with a password see the page as it is", () => {
  const { body, input, typed, other } = page();
  showFitting({ password: true }, body);
  assert.deepEqual([typed.hidden, other.hidden], [false, true]);
  assert.equal(input.getAttribute("required"), "");
});

test("people without one see what applies to them, and are not asked for one", () => {
  const { body, input, typed, other } = page();
  showFitting({ password: false }, body);
  assert.deepEqual([typed.hidden, other.hidden], [true, false]);
  assert.equal(input.required, false, "a hidden field that is required could never be sent");
});

test("only people without a password confirm, until they have", () => {
  const facts = (password, confirmed) => hasToConfirm({ password, confirmed });
  assert.deepEqual(
    [facts(true, false), facts(false, false), facts(false, true)],
    [false, true, false],
  );
});
