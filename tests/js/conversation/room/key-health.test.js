import assert from "node:assert/strict";
import { test } from "node:test";
import { keyHealth, shareMissingKeys } from "../../../../static/js/conversation/room/key-health.js";
import { eve } from "../../crypto/cast.js";
import { sessionOf } from "../world.js";
import { roomOfThree } from "./room-of-three.js";

test("missing keys are seen and handed over, with progress", async () => {
  const { mine, room, session } = await roomOfThree();
  await session.rotate();
  room.wraps = room.wraps.filter(({ to }) => to !== eve.kid);
  const before = await keyHealth(mine, session);
  assert.deepEqual([before.missing, before.mendable], [2, 2]);
  const seen = [];
  await shareMissingKeys(mine, session, (done) => seen.push(done));
  assert.equal((await keyHealth(mine, session)).missing, 0);
  assert.equal(seen.at(-1), 1);
});

test("another member finishes what a rotator left undone", async () => {
  const { mine, bens, id, room, session } = await roomOfThree();
  await session.rotate();
  room.profiles = room.profiles.filter(({ e }) => e === 1);
  await sessionOf(bens, id);
  const session2 = await sessionOf(mine, id);
  await session2.fetchKeys({ thorough: true });
  assert.equal(room.boxes.at(-1).profile.e, 2);
});
