import assert from "node:assert/strict";
import { test } from "node:test";
import { ada, ben, NOW } from "../../crypto/cast.js";
import { stage } from "./stage.js";

test("hostile_search: rows that do not match are no hits", async () => {
  const { say, found, index, room } = await stage();
  await say(ada, "pears");
  await say(ada, "nothing of the kind");
  index.twist = (answer) => ({
    ...answer,
    hits: room.rows.map((row) => ({ ...row, g: 1, matched: [0] })),
  });
  for (const order of ["newest", "relevance"])
    assert.deepEqual(await found("pears", { order }), ["pears"]);
});

test("hostile_search: rows of another room, forged or moved ones are no hits", async () => {
  const [here, there] = [await stage(), await stage()];
  await here.say(ada, "pears here");
  await here.say(ben, "pears of ben");
  await there.say(ada, "pears there");
  const foreign = { ...there.room.rows[0], seq: 1, g: 1, matched: [0] };
  const forged = { ...here.room.rows[0], sig: here.room.rows[1].sig, g: 1, matched: [0] };
  const moved = { ...here.room.rows[0], seq: 2, g: 1, matched: [0] };
  const broken = { seq: "1", h: "", g: 1 };
  const hits = [foreign, forged, moved, broken];
  here.index.twist = (answer) => ({ ...answer, hits, whole: false });
  assert.deepEqual(await here.found("pears"), []);
  here.index.twist = (answer) => ({ ...answer, hits: [foreign, forged, broken] });
  assert.deepEqual(await here.found("pears"), [], "two rows for one number are none");
});

test("hostile_search: a deletion that the search leaves out still counts where it is known", async () => {
  const { say, put, found, finder, index } = await stage();
  const [seq, id] = await say(ada, "pears");
  await put(ada, { t: "delete", of: [[seq, id]] });
  index.withRefs = (page) => ({ ...page, refs: [] });
  const gone = {
    seq,
    id,
    kind: "deleted",
    text: "",
    author: { uid: ada.uid },
    ts: NOW,
    content: null,
  };
  assert.deepEqual(await found("pears", { of: finder({ lines: () => [gone] }) }), []);
});
