import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askedRooms,
  checkAsked,
  forgetAsked,
  rememberAsked,
} from "../../../../static/js/conversation/room/asked-rooms.js";
import { ada } from "../../crypto/cast.js";
import { refuse, World } from "../world.js";

/** Ada's browser, and a server that knows these states of knocks, by link. */
function stage(states) {
  const me = new World().browser(ada);
  me.api.get = async (path) => {
    const [, iid] = /^chatrooms\/join\/(.*)\/knock$/.exec(path);
    if (!(iid in states)) throw refuse(404, "invite_unknown");
    if (states[iid] === "") throw refuse(503, "unavailable");
    return { state: states[iid] };
  };
  return me;
}

const asked = (iid) => ({ iid, name: `room ${iid}`, by: "ben" });
const shown = (rooms) => rooms.map(({ iid, refused }) => [iid, refused]);

test("requests are shown until somebody has decided, a refusal until it is seen", async () => {
  const states = { a: "waiting", b: "refused", c: "member", d: "" };
  const me = stage(states);
  for (const iid of ["a", "b", "c", "d", "e"]) await rememberAsked(me, asked(iid));
  const still = [
    ["d", false],
    ["b", true],
    ["a", false],
  ];
  assert.deepEqual(shown(await checkAsked(me)), still);
  assert.deepEqual(shown(await askedRooms(me)), still, "at the next visit, too");
  await forgetAsked(me, "b");
  states.a = "member";
  assert.deepEqual(shown(await checkAsked(me)), [["d", false]]);
});

test("who asks again waits again", async () => {
  const me = stage({ a: "refused" });
  await rememberAsked(me, asked("a"));
  await checkAsked(me);
  await rememberAsked(me, asked("a"));
  assert.deepEqual(shown(await askedRooms(me)), [["a", false]]);
});

test("the list has an end", async () => {
  const me = stage({});
  for (let at = 0; at < 25; at += 1) await rememberAsked(me, asked(String(at)));
  assert.equal((await askedRooms(me)).length, 20);
});
