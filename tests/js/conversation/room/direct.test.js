import assert from "node:assert/strict";
import { test } from "node:test";
import { startDirect } from "../../../../static/js/conversation/room/direct.js";
import { addMember } from "../../../../static/js/conversation/room/members.js";
import { peerOf } from "../../../../static/js/conversation/room/names.js";
import { Rooms } from "../../../../static/js/conversation/rooms.js";
import { ada, ben, eve } from "../../crypto/cast.js";
import { sessionOf, World } from "../world.js";
import { roomOfThree } from "./room-of-three.js";

test("a direct room has two, and no third", async () => {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const id = await startDirect(mine, "Ben");
  const session = await sessionOf(mine, id);
  assert.equal(session.state.kind, "direct");
  assert.deepEqual((await sessionOf(bens, id)).keys.epochs, [1]);
  await assert.rejects(addMember(mine, session, { identity: eve.identity, iid: "" }));
});

test("whose a direct room is, the log says and not the server", async () => {
  const world = new World();
  const mine = world.browser(ada);
  for (const other of [ben, eve]) world.browser(other);
  const withEve = await startDirect(mine, "Eve");
  const list = world.list.bind(world);
  world.list = (person) => {
    const answer = list(person);
    return {
      ...answer,
      rooms: answer.rooms.map((room) => ({
        ...room,
        kind: "direct",
        peer: { uid: ben.uid, name: "ben" },
      })),
    };
  };
  await assert.rejects(startDirect(mine, "Ben"), /somebody else/);
  world.list = list;
  assert.notEqual(await startDirect(mine, "Ben"), withEve);
});

test("the list of rooms and the room name who the log says is there", async () => {
  const world = new World();
  const mine = world.browser(ada);
  for (const other of [ben, eve]) world.browser(other);
  const withEve = await startDirect(mine, "Eve");
  const list = world.list.bind(world);
  const lie = { kind: "direct", peer: { uid: ben.uid, name: "ben" } };
  world.list = (person) => ({
    ...list(person),
    rooms: list(person).rooms.map((room) => ({ ...room, ...lie })),
  });
  const rooms = new Rooms(mine);
  await rooms.load(withEve);
  const eves = { uid: eve.uid, name: eve.name };
  const [listed] = rooms.list.items;
  assert.deepEqual([listed.name, listed.peer], [eve.name, eves]);
  const session = rooms.opened(withEve);
  assert.deepEqual(peerOf(session, ada.uid), eves);
  await session.leave();
  assert.deepEqual(peerOf(session, ada.uid), eves, "also once somebody has left");
});

test("a room of many is nobody's direct one, whatever the server says", async () => {
  const { mine, session } = await roomOfThree();
  assert.equal(session.state.kind, "group");
  assert.equal(peerOf(session, mine.uid), null);
});
