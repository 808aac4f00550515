import assert from "node:assert/strict";
import { test } from "node:test";
import { h } from "../../../../static/js/ui/dom.js";
import { showAnnouncement } from "../../../../static/js/ui/rooms/announcement.js";
import { button, installDom, put } from "../fake-dom.js";

const SAID = { id: "one", text: "The site rests at six." };

function page() {
  installDom();
  put([h("div", { id: "banner" }), h("p", { id: "announcer" })]);
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
  };
  return storage;
}

const press = (one) => one.dispatchEvent({ type: "click" });
const shown = () => document.getElementById("announcement");

test("an announcement is shown and read out, once", () => {
  const kept = page();
  showAnnouncement(SAID, kept);
  const first = shown();
  assert.match(first.textContent, /rests at six/);
  assert.match(document.getElementById("announcer").textContent, /Announcement: The site rests/);
  assert.equal(first.getAttribute("aria-label"), "Announcement");
  showAnnouncement({ ...SAID }, kept);
  assert.equal(shown(), first);
});

test("one that was dismissed stays away, and another one is shown", () => {
  const kept = page();
  showAnnouncement(SAID, kept);
  press(button("Dismiss"));
  assert.equal(shown(), null);
  showAnnouncement(SAID, kept);
  assert.equal(shown(), null);
  showAnnouncement({ id: "two", text: "At seven." }, kept);
  assert.match(shown().textContent, /At seven/);
});

test("one that was withdrawn goes away", () => {
  const kept = page();
  showAnnouncement(SAID, kept);
  showAnnouncement(null, kept);
  assert.equal(shown(), null);
});

test("a browser that keeps nothing shows it all the same", () => {
  page();
  const broken = {
    getItem() {
      throw new Error("SecurityError");
    },
    setItem() {
      throw new Error("SecurityError");
    },
  };
  showAnnouncement(SAID, broken);
  press(button("Dismiss"));
  assert.equal(shown(), null);
});
