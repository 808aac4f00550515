import assert from "node:assert/strict";
import { test } from "node:test";
import { RoomList } from "../../../static/js/conversation/room-list.js";

/** My list of two rooms, "a" and "b", with ten messages each, all of them read. */
function listOfTwo() {
  const list = new RoomList("me");
  list.set(["a", "b"].map((id) => ({ id, msg: 10, read: 10, unread: 0 })));
  return list;
}

const said = (seq, uid = "ben", re = undefined) => ({ seq, uid, re });

test("messages of others count as unread, the user's own and reactions do not", () => {
  const list = listOfTwo();
  assert.equal(list.received("a", [said(11), said(12, "me"), said(13, "ben", [11])]), true);
  assert.equal(list.received("a", [said(14)]), true);
  assert.equal(list.unread, 2);
});

test("a message that comes twice counts once", () => {
  const list = listOfTwo();
  list.received("a", [said(11)]);
  assert.equal(list.received("a", [said(11)]), false);
  assert.equal(list.unread, 1);
});

test("reading to the end clears the count, and marks never go back", () => {
  const list = listOfTwo();
  list.received("a", [said(11), said(12)]);
  assert.equal(list.read("a", 12), true);
  assert.equal(list.unread, 0);
  assert.equal(list.read("a", 11), false);
  list.count("a", { read: 11, unread: 1 });
  assert.equal(list.readMark("a"), 12);
  assert.equal(list.unread, 0, "an older answer of the server");
});

test("what the server counts replaces what was counted here", () => {
  const list = listOfTwo();
  list.received("a", [said(11)]);
  list.count("a", { read: 10, unread: 7 });
  assert.equal(list.unread, 7);
});

test("until its messages are verified, a room stands where the server's last one says", () => {
  const list = new RoomList("me");
  const last = (ts) => ({ seq: 10, h: JSON.stringify({ v: 1, ts }), iv: "", ct: "", sig: "" });
  const room = (id, ts) => ({ id, msg: 10, read: 10, unread: 0, last: last(ts) });
  list.set([room("a", 5), room("b", 9), room("c", 7)]);
  const order = () => list.items.map(({ id }) => id).join("");
  assert.equal(order(), "bca");
  list.update("b", { preview: { text: "verified", ts: 1 } });
  assert.equal(order(), "cab", "a verified message counts more than the server's word");
});

test("the room where something happened last stands first", () => {
  const list = listOfTwo();
  list.update("a", { name: "Old", since: 5 });
  list.update("b", { name: "New", since: 1, preview: { who: "", text: "hi", ts: 9 } });
  assert.deepEqual(
    list.items.map(({ name }) => name),
    ["New", "Old"],
  );
  list.update("a", { preview: { who: "", text: "ho", ts: 10 } });
  assert.deepEqual(
    list.items.map(({ name, last, time }) => [name, last, time]),
    [
      ["Old", "ho", 10],
      ["New", "hi", 9],
    ],
  );
});

test("a list that is fetched again keeps names; rooms that were left are gone", () => {
  const list = listOfTwo();
  list.update("a", { name: "Orchard" });
  list.set([{ id: "a", msg: 11, read: 10, unread: 1 }]);
  assert.deepEqual(list.ids, ["a"]);
  assert.equal(list.items[0].name, "Orchard");
  assert.equal(list.items[0].unread, 1);
  assert.equal(list.received("b", [said(11)]), false);
});

test("only others count as being here", () => {
  const list = listOfTwo();
  list.update("a", { online: ["me", "ben"] });
  assert.equal(list.items.find(({ id }) => id === "a").online, 1);
  assert.deepEqual(list.online("a"), ["me", "ben"]);
  assert.deepEqual(list.online("nowhere"), []);
});

test("a room that the server no longer lists stays, without counts, until it is removed", () => {
  const list = listOfTwo();
  list.received("b", [said(11)]);
  list.update("b", { name: "Choir", since: 3 });
  list.set([{ id: "a", msg: 10, read: 10, unread: 0 }]);
  list.setKept(["b", "c"]);
  list.update("b", { end: "removed" });
  const kept = list.items.find(({ id }) => id === "b");
  assert.deepEqual([kept.name, kept.unread, kept.end, kept.kept], ["Choir", 0, "removed", true]);
  assert.deepEqual(list.ids, ["a"]);
  assert.equal(list.has("b"), false);
  assert.deepEqual(list.keptIds, ["b", "c"]);
  list.remove("b");
  list.setKept([]);
  assert.deepEqual(
    list.items.map(({ id }) => id),
    ["a"],
  );
});

test("a room that is listed again keeps what was known of it", () => {
  const list = listOfTwo();
  list.update("b", { name: "Choir" });
  list.set([]);
  list.setKept(["b"]);
  list.set([{ id: "b", msg: 12, read: 10, unread: 2 }]);
  const [room] = list.items;
  assert.deepEqual([room.name, room.unread, room.kept], ["Choir", 2, false]);
});

test("blocked people neither count as unread nor are present", () => {
  const list = new RoomList("me", (uid) => uid === "eve");
  list.set([{ id: "a", msg: 10, read: 10, unread: 0 }]);
  list.update("a", { online: ["me", "eve", "ben"] });
  list.received("a", [said(11, "eve"), said(12, "ben"), said(13, "eve")]);
  assert.equal(list.unread, 1);
  assert.equal(list.items[0].online, 1);
  assert.deepEqual(list.online("a"), ["me", "ben"]);
  list.count("a", { read: 10, unread: 3 }); // the server counts everybody
  assert.equal(list.unread, 1);
  list.read("a", 11);
  list.count("a", { read: 11, unread: 2 });
  assert.equal(list.unread, 1);
});

test("own messages from elsewhere do not count, also when the server counts them", () => {
  const list = new RoomList("me");
  list.set([{ id: "a", msg: 14, read: 10, unread: 4 }]);
  const counts = true;
  list.know("a", [
    { seq: 12, uid: "me", counts },
    { seq: 13, uid: "ben", counts },
    { seq: 14, uid: "me", counts },
  ]);
  assert.equal(list.unread, 2, "of the one before nothing is known");
  list.count("a", { read: 10, unread: 4 });
  assert.equal(list.unread, 2);
});

test("a deletion of unread messages lowers the count at once, and the server's count once", () => {
  const list = listOfTwo();
  list.received("a", [said(11), said(12), said(13, "ben", [12])]);
  assert.equal(list.unread, 2);
  list.know("a", [
    { seq: 11, uid: "ben", counts: true },
    { seq: 12, uid: "ben", counts: false },
    { seq: 13, uid: "ben", counts: false },
  ]);
  assert.equal(list.unread, 1);
  list.count("a", { read: 10, unread: 1 });
  assert.equal(list.unread, 1);
});

test("a mark in the middle leaves what comes after it", () => {
  const list = listOfTwo();
  list.received("a", [said(11), said(12), said(13)]);
  list.read("a", 12);
  assert.equal(list.unread, 1);
});

test("kept lines stand in until rooms are described again", () => {
  const list = listOfTwo();
  list.received("a", [said(11), said(12)]);
  const preview = { who: "ben", text: "hi", ts: 9 };
  list.update("a", { name: "Attic", since: 5, preview, mentions: [12] });
  const later = listOfTwo();
  later.restore(structuredClone(list.lines));
  assert.deepEqual(later.items, list.items);
  later.set(["a", "b"].map((id) => ({ id, msg: 12, read: 12, unread: 0 })));
  assert.equal(later.unread, 0, "the server's counts");
  assert.equal(later.items[0].last, "hi");
});

test("kept lines add no room, and no count that is older than the list", () => {
  const list = listOfTwo();
  list.received("a", [said(11)]);
  const lines = structuredClone(list.lines);
  const later = new RoomList("me");
  later.set([{ id: "a", msg: 20, read: 10, unread: 10 }]);
  later.restore([...lines, { ...lines[0], id: "c", name: "Forged" }]);
  assert.deepEqual(later.ids, ["a"]);
  assert.equal(later.unread, 10);
});

test("a preview ends with the message that it shows, by the room's rules", () => {
  let now = 0;
  const list = new RoomList(
    "me",
    () => false,
    () => now,
  );
  list.set([{ id: "a", msg: 1, read: 1, unread: 0 }]);
  list.update("a", { preview: { who: "ben", text: "for a day", ts: 1000 }, ttl: 1 });
  now = 86_400_000;
  assert.equal(list.items[0].last, "for a day");
  now += 1000;
  assert.deepEqual([list.items[0].last, list.items[0].who, list.items[0].time], ["", "", 0]);
  list.update("a", { ttl: 0 });
  assert.equal(list.items[0].last, "for a day", "the rule was taken back");
});

test("a deleted account that one room's answer named stays known when the list comes again", () => {
  const list = listOfTwo();
  const room = { id: "a", msg: 10, read: 10, unread: 0 };
  list.add({ ...room, ended: { cleo: "deleted", eve: "disabled" } });
  for (const again of [
    { ...room, ended: {} },
    { ...room, ended: { ben: "disabled" } },
  ]) {
    list.set([again]);
    assert.equal(list.room("a").ended.cleo, "deleted");
    assert.equal(list.room("a").ended.eve, undefined, "a disabled one may be back");
  }
  assert.equal(list.room("a").ended.ben, "disabled");
});
