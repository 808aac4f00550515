import { test } from "node:test";
import { removeMember } from "../../../static/js/conversation/room/members.js";
import { followTabs } from "../../../static/js/pages/tabs.js";
import { chatOf, lineOf, stage } from "../conversation/chat-stage.js";
import { fakeChannels, until } from "../conversation/world.js";
import { ada, ben } from "../crypto/cast.js";

/** Ben has the room open in two tabs, which hear each other. */
async function twoTabs(t) {
  const at = await stage(t);
  const makeChannel = fakeChannels();
  const other = chatOf(t, at.world, at.bens);
  await other.chat.loadRooms(at.id);
  await other.ready();
  for (const { chat } of [at.there, other]) followTabs(ben.uid, chat, makeChannel("tabs"));
  return { ...at, other };
}

test("who is blocked in one tab disappears from the others, and is back once unblocked", async (t) => {
  const { there, other } = await twoTabs(t);
  await there.chat.block(ada.uid, true);
  await until(() => other.chat.blocks.isHidden(ada.uid), "the other tab");
  await there.chat.blocks.set(ada.uid, false); // as the settings do
  await until(() => !other.chat.blocks.isHidden(ada.uid), "the other tab again");
});

test("a room that one tab removes from this browser leaves the others", async (t) => {
  const { mine, id, here, there, other } = await twoTabs(t);
  await removeMember(mine, here.room.session, { uid: ben.uid, ban: false });
  for (const side of [there, other]) {
    side.socket.say({ type: "room_event", room: id });
    side.socket.say({ type: "pong", now: 1, heads: {} });
    await until(() => lineOf(side, id).kept, "the server's list");
  }
  await there.chat.forgetRoom(id);
  await until(() => lineOf(other, id) === undefined, "the other tab");
});
