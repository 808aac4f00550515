import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { called } from "../../../../static/js/ui/people/names.js";
import { matching, RoomListView } from "../../../../static/js/ui/rooms/roomlist.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";
import { button, installDom, put, texts } from "../fake-dom.js";

beforeEach(installDom);

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
  new RoomListView(root, filter, () => "", { onAnswer }).update(rooms);
  return root;
}

test("only a line that changed is made again, and every line stands in its place", () => {
  const [root, filter] = [document.createElement("div"), document.createElement("input")];
  put([filter, root]);
  const view = new RoomListView(root, filter, () => "");
  const lines = () => root.querySelectorAll(".room-link");
  const ids = () => lines().map((line) => line.dataset.room);
  view.update([room("a"), room("b"), room("c")]);
  const before = lines();
  view.update([room("c"), room("a", { last: "new" }), room("b")]);
  assert.deepEqual(ids(), ["c", "a", "b"]);
  assert.deepEqual(
    lines().map((line) => before.includes(line)),
    [true, false, true],
  );
  view.update([room("b")]);
  assert.deepEqual(ids(), ["b"]);
  view.update([room("b"), room("d")]);
  assert.deepEqual(ids(), ["b", "d"]);
  view.update([]);
  assert.equal(lines().length, 0);
});

/** The same, once what draws requests was loaded. */
async function listedRequests(rooms, onAnswer) {
  const root = listed(rooms, onAnswer);
  await import("../../../../static/js/ui/people/requests.js");
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

test("a room that ended says who ended it, and when, where the log proves it", () => {
  const at = new Date(2020, 10, 26, 12).getTime();
  const said = {
    removed: /^ben removed you, .*Nov/,
    banned: /^ben banned you, /,
    closed: /^ben closed it, /,
    alone: /^ben left, /,
  };
  for (const [end, text] of Object.entries(said)) {
    const [last] = listed([room("r", { end, endedBy: { who: "ben", at } })]).querySelectorAll(
      ".room-link-last",
    );
    assert.match(last.textContent, text);
    const [nobody] = listed([room("r", { end, endedBy: { who: "", at } })]).querySelectorAll(
      ".room-link-last",
    );
    assert.equal(nobody.textContent, strings.ended[end]);
  }
});

test("a room that one asked to join stands below the others until somebody has decided", async () => {
  const [root, filter] = [document.createElement("div"), document.createElement("input")];
  put([filter, root]);
  const forgotten = [];
  const list = new RoomListView(root, filter, () => "", { onForget: (iid) => forgotten.push(iid) });
  await import("../../../../static/js/ui/people/requests.js");
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
  new RoomListView(root, filter, () => "").update([room("Attic"), room("Garden"), room("Garage")]);
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
