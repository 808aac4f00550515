import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { avatar } from "../../../static/js/ui/avatar.js";
import { h } from "../../../static/js/ui/dom.js";
import { actionsFor } from "../../../static/js/ui/member-line.js";
import { memberPanel, sorted } from "../../../static/js/ui/members.js";
import { called, createRoomList, matching } from "../../../static/js/ui/roomlist.js";
import { compare, groups, safetyPanel } from "../../../static/js/ui/safety.js";
import { lateStrings as strings } from "../../../static/js/ui/strings-late.js";
import { button, installDom, put, texts } from "./fake-dom.js";

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

// --- comparing numbers

const DIGITS = "991986030540055084141971758036729775843692116887943841557552";

test("a number is said in twelve groups of five", () => {
  assert.equal(groups(DIGITS).length, 12);
  assert.ok(groups(DIGITS).every((group) => group.length === 5));
});

test("what the other reads out is compared at once", () => {
  const spaced = groups(DIGITS).join(" ");
  const cases = [
    ["", "none", 0],
    ["hello", "none", 0],
    ["99198 6", "so-far", 6],
    [spaced, "same", 60],
    ["９９１９８", "so-far", 5],
    ["99198 60306", "differs", 2],
    [`${spaced} 1`, "long", 60],
  ];
  for (const [heard, state, at] of cases) {
    assert.deepEqual(compare(DIGITS, heard), { state, at }, heard);
  }
});

const safety = (about = {}) =>
  put(
    safetyPanel({
      name: "ben",
      digits: DIGITS,
      verified: false,
      changed: false,
      onVerified: async () => {},
      onApprove: async () => {},
      ...about,
    }),
  );

test("another number keeps one from saying that they are the same", () => {
  const field = safety().querySelector("textarea");
  field.value = "12345";
  field.dispatchEvent(new Event("input"));
  assert.equal(button(strings.safety.verify).disabled, true);
  field.value = "99198";
  field.dispatchEvent(new Event("input"));
  assert.equal(button(strings.safety.verify).disabled, false);
});

test("a new key is approved before it is verified", async () => {
  const done = [];
  safety({
    changed: true,
    verified: true,
    onVerified: async (yes) => done.push(yes),
    onApprove: async () => done.push("approved"),
  });
  await button(strings.safety.verify).click();
  assert.deepEqual(done, ["approved", true]);
});

test("trusting a new key without comparing asks first", async () => {
  const done = [];
  safety({ changed: true, onApprove: async () => done.push("approved") });
  const approving = button(strings.safety.approve).click();
  await button(strings.cancel).click();
  await approving;
  assert.deepEqual(done, []);
});

test("what was verified can be taken back", async () => {
  const done = [];
  safety({ verified: true, onVerified: async (yes) => done.push(yes) });
  assert.equal(button(strings.safety.verify), undefined);
  await button(strings.safety.unverify).click();
  assert.deepEqual(done, [false]);
});

// --- the list of rooms

const room = (id, about = {}) => ({
  id,
  name: id,
  who: "",
  last: "",
  time: 0,
  unread: 0,
  online: 0,
  closed: false,
  accepted: true,
  peer: null,
  knocks: 0,
  ...about,
});

function listed(rooms, onAnswer) {
  const [root, filter] = [document.createElement("div"), document.createElement("input")];
  put([filter, root]);
  createRoomList(root, filter, () => "", { onAnswer }).update(rooms);
  return root;
}

/** The same, once what draws requests was loaded. */
async function listedRequests(rooms, onAnswer) {
  const root = listed(rooms, onAnswer);
  await import("../../../static/js/ui/requests.js");
  await new Promise(setImmediate);
  return root;
}

test("a direct room is called by the other person, and found by that", () => {
  const direct = room("r", { name: "", peer: { uid: "b", name: "ben" } });
  assert.equal(called(direct), "ben");
  assert.deepEqual(matching([direct, room("Garden")], "BE"), [direct]);
});

test("a room that stopped looks so in the list, one that was left does not", () => {
  const rooms = ["frozen", "left", ""].map((end) => room(end || "open", { end, last: "hello" }));
  const lasts = listed(rooms).querySelectorAll(".room-link-last");
  assert.deepEqual(
    lasts.map(({ attributes, textContent }) => [/alarm/.test(attributes.class), textContent]),
    [
      [true, strings.ended.frozen],
      [false, strings.ended.left],
      [false, "hello"],
    ],
  );
});

test("a room that one asked to join stands below the others until somebody has decided", async () => {
  const [root, filter] = [document.createElement("div"), document.createElement("input")];
  put([filter, root]);
  const forgotten = [];
  const list = createRoomList(root, filter, () => "", { onForget: (iid) => forgotten.push(iid) });
  await import("../../../static/js/ui/requests.js");
  const asked = [
    { iid: "1", name: "Choir", by: "ada", refused: false },
    { iid: "2", name: "", by: "ben", refused: true },
  ];
  list.update([room("Attic")], asked);
  await new Promise(setImmediate);
  const [waits, refused] = root.querySelectorAll(".asked-room");
  assert.ok(waits.textContent.includes(`Choir${strings.list.asksToJoin}`));
  assert.ok(refused.textContent.includes(`${strings.list.roomOf("ben")}${strings.list.notLetIn}`));
  await refused.querySelector("button").click();
  assert.deepEqual(forgotten, ["2"]);
});

test("Enter in the filter opens the first room, arrows go through the list", () => {
  const [root, filter] = [document.createElement("div"), document.createElement("input")];
  put([filter, root]);
  createRoomList(root, filter, () => "").update([room("Attic"), room("Garden"), room("Garage")]);
  filter.value = "gar";
  filter.dispatchEvent(new Event("input"));
  const opened = [];
  const links = root.querySelectorAll(".room-link");
  for (const link of links) link.addEventListener("click", () => opened.push(link.dataset.room));
  const press = (target, key) =>
    target.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key }));
  press(filter, "Enter");
  assert.deepEqual(opened, ["Garden"]);
  press(filter, "ArrowDown");
  assert.equal(document.activeElement, links[0]);
  press(root, "ArrowDown");
  assert.equal(document.activeElement, links[1]);
  press(root, "ArrowUp");
  press(root, "ArrowUp");
  assert.equal(document.activeElement, filter);
});

test("requests stand above the rooms and are answered there", async () => {
  const answers = [];
  const asks = room("q", { accepted: false, peer: { uid: "h", name: "hana" } });
  const answer = async (...given) => answers.push(given);
  const root = await listedRequests([room("Choir"), asks], answer);
  assert.ok(root.children[0].textContent.startsWith(strings.list.wants("hana")));
  assert.equal(root.querySelectorAll("li").length, 1);
  await button("Accept hana").click();
  await button("Block hana").click();
  assert.deepEqual(answers, [
    ["q", "accept"],
    ["q", "block"],
  ]);
});

test("a group cannot be blocked, but who added one to it", async () => {
  const unknown = await listedRequests([room("Garden", { accepted: false })], async () => {});
  assert.ok(texts([unknown]).includes(strings.list.added("", "Garden")));
  assert.equal(button("Block Garden"), undefined);
  const askedBy = { uid: "0".repeat(32), name: "eve" };
  const known = await listedRequests([room("", { accepted: false, askedBy })], async () => {});
  assert.ok(known.textContent.includes("eve added you to a room."));
  assert.ok(button("Block eve"));
});

test("a closed room says so, and who knocks is counted", () => {
  const root = listed([room("Old", { closed: true, last: "Bye" }), room("Choir", { knocks: 2 })]);
  assert.ok(root.textContent.includes(strings.list.closed));
  assert.ok(!root.textContent.includes("Bye"));
  assert.ok(root.textContent.includes(strings.list.knocks(2)));
});
