import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  intro,
  invitePanel,
  missed,
  OpenLinks,
  remaining,
} from "../../../../static/js/ui/people/invites.js";
import { roomStrings as strings } from "../../../../static/js/ui/strings/room.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const NOON = new Date(2026, 4, 4, 12).getTime();
const HOUR = 3600_000;

const link = (iid, about = {}) => ({
  iid,
  by: "me",
  exp: NOON + 5.5 * HOUR,
  max: 5,
  uses: 2,
  state: "open",
  ...about,
});

test("the words beside a link follow the rules of the room", () => {
  assert.equal(intro({ join: "link", history: "all" }), strings.inviteIntro);
  assert.equal(intro({ join: "link", history: "join" }), strings.link.introJoin);
  assert.equal(intro({ join: "approve", history: "all" }), strings.link.introApprove);
});

test("an ended link is offered anew until the user has another one", () => {
  const ended = { iid: "a", why: "leave", who: "cleo" };
  const voided = link("a", { state: "voided" });
  assert.equal(missed([voided], [ended]), ended);
  assert.equal(missed([voided, link("b", { by: "ben" })], [ended]), ended);
  assert.equal(missed([voided, link("b")], [ended]), undefined);
  assert.equal(missed([link("b")], []), undefined);
});

test("a new link has what was left of the ended one", async () => {
  assert.deepEqual(remaining(link("a"), NOON), { hours: 6, max: 3 });
  assert.deepEqual(remaining(undefined), { hours: 24, max: 1 });
  const made = [];
  const body = put(
    invitePanel({
      invites: [link("a", { state: "voided", exp: Date.now() + HOUR / 2 })],
      voided: [{ iid: "a", why: "remove", who: "cleo" }],
      onCreate: async (terms) => {
        made.push(terms);
        return "https://sotto.example/i#1.x";
      },
      links: new OpenLinks(async () => {}),
    }),
  );
  assert.ok(body.textContent.includes(strings.link.ended.remove("cleo")));
  await button(strings.link.again).click();
  assert.deepEqual(made, [{ hours: 1, max: 3 }]);
  assert.ok(body.querySelector("#invite-link"));
  assert.ok(!body.textContent.includes(strings.link.ended.remove("cleo")));
});

test("a link that was made stays on the page when the next one fails", async () => {
  let works = true;
  const onCreate = async () => {
    if (works) return "https://sotto.example/i#1.x";
    throw new Error("Too many links.");
  };
  const body = put(invitePanel({ invites: [], onCreate, links: new OpenLinks(async () => {}) }));
  const form = body.querySelector("form");
  const make = () => form.listeners.submit(new Event("submit"));
  await make();
  works = false;
  await make();
  assert.ok(body.querySelector("#invite-link"));
  assert.ok(body.textContent.includes("Too many links."));
});

test("a link that was just made stands among the open ones at once", async () => {
  const links = new OpenLinks(async () => {});
  const onCreate = async () => {
    links.show([link("new")]);
    return "https://sotto.example/i#1.x";
  };
  const body = put(invitePanel({ invites: [], onCreate, links }));
  assert.ok(body.textContent.includes(strings.noLinks));
  await body.querySelector("form").listeners.submit(new Event("submit"));
  assert.equal(body.querySelector(".invites").childElementCount, 1);
  assert.ok(!body.textContent.includes(strings.noLinks));
  assert.ok(body.querySelector("#invite-link"), "the link itself stays in view");
  links.show([link("new", { state: "used" })]);
  assert.ok(body.textContent.includes(strings.noLinks));
});
