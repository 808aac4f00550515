import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h } from "../../../../static/js/ui/dom.js";
import { avatar } from "../../../../static/js/ui/people/avatar.js";
import { botLine } from "../../../../static/js/ui/people/bot-line.js";
import { memberPanel, sorted } from "../../../../static/js/ui/people/members.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";
import { actionsFor } from "../../../../static/js/ui/timeline/member-line.js";
import { button, installDom, put } from "../fake-dom.js";

beforeEach(installDom);

const person = (name, role, about = {}) => ({
  uid: name,
  name,
  kid: `kid of ${name}`,
  role,
  online: false,
  mine: false,
  verified: false,
  changed: false,
  blocked: false,
  ...about,
});
const ada = person("ada", "owner", { mine: true, online: true });
const ben = person("ben", "moderator", { verified: true });
const cleo = person("cleo", "member", { changed: true, verified: true });

// --- faces

test("a person keeps the face of their uid, whatever keys they have", () => {
  const drawn = (node) => node.querySelectorAll("path").map(({ attributes }) => attributes);
  const face = (kid) => {
    const members = [{ ...ben, kid }];
    return drawn(h("div", {}, ...memberPanel({ members, me: ada, async onLeave() {} })))[0];
  };
  assert.deepEqual(face("first"), drawn(avatar(ben.uid))[0]);
  assert.deepEqual(face("after a reset"), face("first"));
});

// --- members

test("the owner may do everything, a moderator over members only, a member nothing", () => {
  assert.deepEqual(actionsFor(ada, cleo), [
    "verify",
    "message",
    "moderator",
    "owner",
    "successor",
    "block",
    "remove",
    "ban",
  ]);
  assert.ok(actionsFor(ada, ben).includes("member"));
  assert.deepEqual(actionsFor(ben, cleo).slice(-2), ["remove", "ban"]);
  assert.deepEqual(actionsFor(ben, person("dora", "moderator")), ["verify", "message", "block"]);
  assert.deepEqual(actionsFor(cleo, { ...ben, blocked: true }), ["verify", "message", "unblock"]);
});

test("a member that is a program is marked as a bot", () => {
  const members = [ada, { ...cleo, bot: true }];
  const drawn = h("ul", {}, ...memberPanel({ members, me: ada, async onLeave() {} }));
  const marked = drawn.querySelectorAll(".mark").filter((mark) => mark.textContent === "bot");
  assert.equal(marked.length, 1);
});

test("a bot's tokens say what they allow and when they end, never their secret", () => {
  const day = 86_400_000;
  const token = { id: "a1", scopes: ["read", "send"], made: day, expires: 9 * day, used: null };
  const bot = { uid: "b", name: "robot", active: true, tokens: [token] };
  const revoked = [];
  const actions = { onToken() {}, onDelete() {}, onRevoke: (_, id) => revoked.push(id) };
  const line = botLine(bot, actions, 2 * day);
  assert.match(line.textContent, /robot.*reads, sends.*never used/);
  line.querySelectorAll("button")[0].listeners.click();
  assert.deepEqual(revoked, ["a1"]);
  assert.match(botLine(bot, actions, 10 * day).textContent, /has ended/);
  assert.match(botLine({ ...bot, tokens: [] }, actions).textContent, /no token/);
});

test("nobody acts on themselves, and a room of two has no roles", () => {
  assert.deepEqual(actionsFor(ada, ada), []);
  assert.deepEqual(actionsFor(ada, cleo, true), ["verify", "block"]);
});

test("members who may remove deleted accounts are offered to, and everybody sees what ended", () => {
  const gone = person("gone", "member", { ended: "deleted" });
  const off = person("off", "member", { ended: "disabled" });
  const members = [ada, ben, cleo, gone, off];
  const text = panel({ members }).textContent;
  assert.ok(button(strings.member.removeName("gone")));
  assert.ok(text.includes(strings.member.ended.deleted));
  assert.ok(text.includes(strings.member.ended.disabled));
  assert.ok(!text.includes(strings.member.removeName("off")), "it may come back");
  const plain = panel({ members, me: cleo }).textContent;
  assert.ok(plain.includes(strings.member.ended.deleted));
  assert.ok(!plain.includes(strings.member.endedOffer));
});

test("abuse: no rank is offered to members who could not act", () => {
  for (const about of [{ unanswered: true }, { ended: "deleted" }, { ended: "disabled" }]) {
    const actions = actionsFor(ada, person("dora", "member", about));
    for (const rank of ["owner", "successor", "moderator"]) assert.ok(!actions.includes(rank));
    const leading = actionsFor(ada, person("dora", "moderator", about));
    assert.ok(leading.includes("member"), "a rank is taken back");
    assert.ok(actions.includes("remove"));
    const named = actionsFor(ada, person("dora", "member", { ...about, successor: true }));
    assert.ok(named.includes("unsuccessor"), "a name is taken back");
  }
  const text = panel({
    members: [ada, person("dora", "member", { unanswered: true })],
  }).textContent;
  assert.ok(text.includes(strings.member.unanswered));
});

test("members stand by role, then by name", () => {
  const names = sorted([cleo, person("anna", "member"), ben, ada]).map(({ name }) => name);
  assert.deepEqual(names, ["ada", "ben", "anna", "cleo"]);
});

const panel = (about = {}) =>
  put(
    memberPanel({ members: [ada, ben, cleo], me: ada, onAct() {}, async onLeave() {}, ...about }),
  );

test("an owner who leaves is asked who takes over, and both are done", async () => {
  const left = [];
  const gone = person("gone", "member", { ended: "deleted" });
  const onLeave = async (heir) => left.push(heir);
  const asked = person("asked", "member", { unanswered: true });
  panel({ members: [ada, ben, cleo, gone, asked], onLeave, heir: "ben" });
  const leaving = button(strings.leave).click();
  const dialog = document.querySelector("dialog");
  assert.ok(dialog.textContent.includes(strings.handOver.title));
  const options = dialog.querySelectorAll("option").map((one) => one.textContent);
  assert.deepEqual(options, ["ben", "cleo"]);
  dialog.querySelector("select").value = "cleo";
  dialog.querySelector("form").dispatchEvent(new Event("submit"));
  await leaving;
  assert.deepEqual(left, ["cleo"]);
});

test("an owner whom nobody can follow yet is told why, and may close the room", () => {
  const dora = person("dora", "member", { unanswered: true });
  const gone = person("gone", "member", { ended: "deleted" });
  const body = panel({ members: [ada, dora, gone], onClose: async () => {} });
  assert.equal(button(strings.leave), undefined);
  assert.match(body.textContent, /cannot leave it\. dora has not answered .* Or close the room/);
  assert.ok(button(strings.closeRoom));
  installDom();
  assert.match(panel({ members: [ada, gone] }).textContent, /other members’ accounts have ended/);
});

test("a member just leaves, and who is out already cannot", async () => {
  const left = [];
  panel({ me: { ...cleo, mine: true }, onLeave: async (heir) => left.push(heir) });
  const leaving = button(strings.leave).click();
  document.querySelector("dialog").querySelector("form").dispatchEvent(new Event("submit"));
  await leaving;
  assert.deepEqual(left, [undefined]);
  installDom();
  panel({ onLeave: undefined });
  assert.equal(button(strings.leave), undefined);
});

test("leaders add somebody by name", async () => {
  const added = [];
  const body = panel({ onAdd: async (name) => added.push(name) });
  body.querySelector("#add-member").value = " dora ";
  body.querySelector(".add-member").dispatchEvent(new Event("submit"));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(added, ["dora"]);
  installDom();
  assert.equal(panel().querySelector(".add-member"), null);
});

test("a new key takes the verified mark away", () => {
  const [, , line] = panel().querySelectorAll("li");
  assert.ok(line.textContent.includes(strings.member.changed));
  assert.ok(!line.textContent.includes(strings.member.verified));
});

test("a menu is made when it is opened, and removal asks first", async () => {
  const done = [];
  const body = panel({ onAct: (...what) => done.push(what.slice(0, 2)) });
  assert.equal(body.querySelectorAll(".menu-item").length, 0);
  const [menu] = body.querySelectorAll("details");
  menu.open = true;
  menu.dispatchEvent(new Event("toggle"));
  await button(strings.member.names.verify).click();
  assert.deepEqual(done, [["ben", "verify"]]);
  const removing = button(strings.member.names.remove).click();
  const dialog = document.querySelector("dialog");
  assert.ok(dialog.textContent.includes("Remove ben?"));
  dialog.querySelector("form").dispatchEvent(new Event("submit"));
  await removing;
  assert.deepEqual(done[1], ["ben", "remove"]);
});

test("without actions nobody has a menu", () => {
  assert.equal(panel({ onAct: undefined }).querySelectorAll("details").length, 0);
});

test("many members can be looked for", () => {
  const many = Array.from({ length: 40 }, (_, n) => person(`m${n}`, "member"));
  const body = panel({ members: many });
  const field = body.querySelector(".find");
  field.value = "M3";
  field.dispatchEvent(new Event("input"));
  const shown = body.querySelector(".people").children.filter(({ hidden }) => !hidden);
  assert.equal(shown.length, 11); // m3, m30 … m39
});

test("an owner who is alone just leaves, and closing needs a tick", async () => {
  panel({ onClose: async () => {} });
  button(strings.closeRoom).click();
  assert.ok(document.querySelector("dialog").textContent.includes(strings.closeCheck));
  installDom();
  panel({ members: [ada] });
  button(strings.leave).click();
  assert.ok(document.querySelector("dialog").textContent.includes(strings.leaveAsk));
});

test("a person who knocks is let in with a click, and with a new key only after a question", async () => {
  const answers = [];
  const knock = (name, kind) => ({ uid: name, name, kid: name, kind, ts: 0 });
  panel({
    knocks: [knock("gus", "join"), knock("cleo", "reset")],
    onKnock: async (...answer) => answers.push(answer),
  });
  await button(strings.member.acceptName("gus")).click();
  await button(strings.member.refuseName("gus")).click();
  const accepting = button(strings.member.acceptName("cleo")).click();
  document.querySelector("dialog").close();
  await accepting;
  assert.deepEqual(answers, [
    ["gus", true],
    ["gus", false],
  ]);
});
