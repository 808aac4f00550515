import assert from "node:assert/strict";
import { test } from "node:test";
import { ActivityLog } from "../../../../static/js/conversation/room/activity-log.js";
import { removeMember, setRole } from "../../../../static/js/conversation/room/members.js";
import { ben, eve, NOW } from "../../crypto/cast.js";
import { roomOfThree } from "./room-of-three.js";

test("the log is told in sentences, with everybody's name", async () => {
  const { mine, session } = await roomOfThree();
  await setRole(mine, session, ben.uid, "moderator");
  await removeMember(mine, session, { uid: eve.uid, ban: true });
  const lines = await new ActivityLog(mine, session).update();
  assert.equal(lines.length, session.state.seq + 1);
  assert.equal(lines[0].text, "ada made the room.");
  assert.ok(lines.some(({ text }) => text === "ada made ben a moderator."));
  assert.match(lines.at(-1).text, /^ada removed eve, who may not come back/);
  assert.equal(lines[0].ts, NOW);
});
