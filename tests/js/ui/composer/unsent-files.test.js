import assert from "node:assert/strict";
import { test } from "node:test";
import { h } from "../../../../static/js/ui/dom.js";
import { installDom } from "../fake-dom.js";

installDom();

/** A tray above a form. */
async function tray() {
  const { AttachmentTray } = await import("../../../../static/js/ui/composer/attachment-tray.js");
  const form = h("form", {});
  const field = h("textarea", {});
  document.body.replaceChildren(form);
  return new AttachmentTray(form, field, h("div", {}));
}

const [one, two, three] = [1, 2, 3].map((n) => new File(["x"], `notes ${n}.txt`));

test("who leaves the page is asked as long as it has files that were not sent", async () => {
  const first = await tray();
  const isAsked = () => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  };
  const remove = () => document.body.querySelector(".tray").querySelector(".icon-button").click();
  first.add([one, two]);
  assert.ok(isAsked());
  const next = await tray(); // the room's next visit shows what is left
  next.put({ files: [one, two], problem: "" });
  await remove();
  await remove();
  assert.ok(!isAsked());
  next.add([three]);
  const failing = async () => {
    throw new Error("offline");
  };
  assert.equal(await next.sendAll(failing), null);
  assert.ok(isAsked());
  assert.deepEqual(await next.sendAll(async () => "sent"), ["sent"]);
  assert.ok(!isAsked());
});
