import assert from "node:assert/strict";
import { test } from "node:test";
import { Files } from "../../../../static/js/conversation/messages/files.js";

/** Files of a room whose server names these limits; `sent` has the paths of what was uploaded. */
function room(limits) {
  const sent = [];
  const api = { get: async () => limits };
  const transfer = {
    put: async (path) => {
      sent.push(path);
    },
  };
  return { files: new Files({ api }, "r", transfer), sent };
}

const about = { name: "a.bin", type: "application/octet-stream" };
const send = ({ files }) => files.send(new Blob(["a".repeat(1000)]), about);

test("a file that fits is sent, also where the server knows no limit of rooms", async () => {
  for (const limits of [
    { most: 5000, left: 5000, room_left: null },
    { most: 5000, left: 5000, room_left: 5000 },
    { most: 5000, left: 5000 },
  ]) {
    const place = room(limits);
    await send(place);
    assert.equal(place.sent.length, 1);
  }
});

for (const [limits, said] of [
  [{ most: 900, left: 5000, room_left: null }, /too large for this server/],
  [{ most: 5000, left: 900, room_left: 5000 }, /Your files take all/],
  [{ most: 5000, left: 5000, room_left: 900 }, /files here take all .* administrator/],
  [{ most: 5000, left: 5000, room_left: 0 }, /files here take all/],
])
  test(`a limit is told before anything is sent: ${JSON.stringify(limits)}`, async () => {
    const place = room(limits);
    await assert.rejects(send(place), said);
    assert.deepEqual(place.sent, []);
  });
