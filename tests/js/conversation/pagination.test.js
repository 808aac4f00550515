import assert from "node:assert/strict";
import { test } from "node:test";
import { Blocks } from "../../../static/js/conversation/account/blocks.js";
import { fetchAll, fetchPages } from "../../../static/js/conversation/pagination.js";
import {
  createInvitation,
  joinByInvitation,
} from "../../../static/js/conversation/room/invitations.js";
import { parseLink } from "../../../static/js/crypto/link-secret.js";
import { ada, ben } from "../crypto/cast.js";
import { adasRoom, World } from "./world.js";

/** A server that has these pages, by `after`. */
function server(pages) {
  const asked = [];
  const get = async (path) => {
    asked.push(path);
    return pages[new URLSearchParams(path.split("?")[1]).get("after") ?? ""];
  };
  return { api: { get }, asked };
}

test("abuse: a list that comes in pages is read to its end", async () => {
  const pages = {
    "": { now: 7, rooms: [1, 2], more: "b" },
    b: { now: 8, rooms: [3], more: 9 },
    9: { now: 9, rooms: [], more: null },
  };
  const { api, asked } = server(pages);
  assert.deepEqual(await fetchAll(api, "x", "rooms"), { now: 7, rooms: [1, 2, 3], more: "b" });
  assert.deepEqual(asked, ["x", "x?after=b", "x?after=9"]);
  assert.deepEqual(pages[""].rooms, [1, 2], "what came is not changed");
});

test("blocked people beyond the first page are known", async () => {
  const [eve, mallory] = ["e", "f"].map((letter) => ({ uid: letter.repeat(32), name: letter }));
  const { api } = server({
    "": { blocks: [eve], more: "x" },
    x: { blocks: [mallory], more: null },
  });
  const blocks = new Blocks({ api });
  await blocks.load();
  assert.deepEqual([...blocks.uids], [eve.uid, mallory.uid]);
});

test("a server of before, which knows no pages, gives all at once", async () => {
  const { api } = server({ "": { rooms: [1] } });
  assert.deepEqual(await fetchAll(api, "x", "rooms"), { rooms: [1] });
});

test("hostile: pages that go round in circles end", async () => {
  const { api, asked } = server({ "": { rooms: [], more: 1 }, 1: { rooms: [], more: 1 } });
  await assert.rejects(fetchAll(api, "x", "rooms"), /repeats a page/);
  assert.equal(asked.length, 2);
  const seen = [];
  for await (const page of fetchPages(server({ "": { more: null } }).api, "x")) seen.push(page);
  assert.equal(seen.length, 1);
});

/** Shows what a link leads to two events at a time; `twist` changes a page. */
function inPages(api, twist = (page) => page) {
  const get = api.get;
  api.get = async (path) => {
    if (!/^chatrooms\/join\/\w+(\?|$)/.test(path)) return get(path);
    const [where, query = ""] = path.split("?");
    const whole = await get(where);
    const after = Number(new URLSearchParams(query).get("after") ?? -1);
    const events = whole.events.slice(after + 1, after + 3);
    const more = after + 1 + events.length < whole.events.length;
    return twist({ ...whole, events, more });
  };
}

async function linked() {
  const world = new World();
  const me = world.browser(ada);
  const { id, session } = await adasRoom(world, me);
  const { url } = await createInvitation(me, session, { hours: 1, max: 1 }, "https://sotto.test");
  return { world, id, secret: parseLink(new URL(url).hash) };
}

test("abuse: a long log behind a link is verified page by page before one joins", async () => {
  const { world, id, secret } = await linked();
  const his = world.browser(ben);
  inPages(his.api);
  const { room } = await joinByInvitation(his, secret, () => {});
  assert.equal(room, id);
  assert.ok(world.rooms.get(id).events.length > 2, "it was more than a page");
  assert.ok(world.rooms.get(id).members.has(ben.uid));
});

test("hostile: a log behind a link that promises more and has none is no log", async () => {
  const { world, secret } = await linked();
  const his = world.browser(ben);
  inPages(his.api, (page) => ({ ...page, more: true }));
  await assert.rejects(
    joinByInvitation(his, secret, () => {}),
    /there is more and has none/,
  );
});
