import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../../../static/js/ui/dom.js";
import { installDom } from "../ui/fake-dom.js";

beforeEach(installDom);

test("the links that are shown are fetched again after every connection", async (t) => {
  const opener = h("button", { id: "open-invite" });
  globalThis.HTMLElement = opener.constructor;
  document.body.append(opener);
  const { InvitationsPanel } = await import("../../../static/js/panels/invitations.js");
  const get = t.mock.fn(async () => ({ invites: [], more: null }));
  let shown = false;
  const chat = Object.assign(new EventTarget(), { status: "open" });
  const session = Object.assign(new EventTarget(), { id: "room" });
  const panel = { isShowing: () => shown };
  const leaving = new AbortController();
  new InvitationsPanel({ api: { get } }, chat, session, panel, {}, leaving.signal);
  const say = (status) => {
    chat.status = status;
    chat.dispatchEvent(new Event("status"));
  };
  say("open");
  assert.equal(get.mock.callCount(), 0, "nobody looks at them");
  shown = true;
  say("waiting");
  assert.equal(get.mock.callCount(), 0);
  say("open");
  assert.equal(get.mock.callCount(), 1);
  leaving.abort();
  say("open");
  assert.equal(get.mock.callCount(), 1, "the room was left");
});
