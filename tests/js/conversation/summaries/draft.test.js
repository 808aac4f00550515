import assert from "node:assert/strict";
import { test } from "node:test";
import { SummaryDraft } from "../../../../static/js/conversation/summaries/draft.js";
import { SummarySelection } from "../../../../static/js/conversation/summaries/selection.js";
import { stage, summarised } from "./stage.js";

/** A draft in a room of which one message was read, and how often it changed. */
async function drafted(at) {
  const summaries = await at.open();
  const draft = new SummaryDraft(summaries, 1, "en");
  const seen = [];
  const collect = () => draft.collect(() => seen.push(draft.missingReason()));
  return { draft, summaries, seen, collect };
}

test("what is chosen is collected, and previewed once for each way to send it", async () => {
  const { draft, seen, collect } = await drafted(await stage());
  assert.equal(draft.isEmpty, true);
  draft.selection.chooseUsual(4);
  await collect();
  assert.equal(seen[0], "gathering");
  assert.equal(seen.length, 2);
  assert.equal(draft.isEmpty, false);
  const preview = draft.preview();
  assert.ok(preview);
  assert.equal(draft.preview(), preview, "computed once");
  draft.selection.change({ masked: true });
  assert.notEqual(draft.preview(), preview);
  draft.drop();
  assert.equal(draft.preview(), null);
});

test("what is stopped changes nothing any more", async () => {
  const { draft, seen, collect } = await drafted(await stage());
  const collecting = collect();
  draft.stop();
  await collecting;
  assert.deepEqual(seen, ["gathering"]);
  assert.equal(draft.isEmpty, true);
});

test("messages that cannot be collected are a problem, until they are collected again", async () => {
  const at = await stage();
  const { draft, summaries, seen, collect } = await drafted(at);
  const { gather } = summaries;
  summaries.gather = async () => {
    throw new Error("unreachable");
  };
  await collect();
  assert.equal(draft.problem, "unreachable");
  assert.deepEqual(seen, ["gathering", "failed"]);
  summaries.gather = gather;
  await collect();
  assert.equal(draft.problem, "");
  assert.ok(draft.preview());
});

test("after a summary of everything nothing is left to send", async () => {
  const at = await stage();
  const { draft, summaries, collect } = await drafted(at);
  assert.ok(await draft.previewSinceLast());
  await summarised(at, summaries);
  draft.selection.chooseUsual(0);
  await collect();
  assert.equal(draft.preview(), null);
  assert.equal(draft.missingReason(), "none");
  at.close();
});

test("unread messages are the usual choice once they are enough for a summary", () => {
  const usual = (unreadAfter, newest) => {
    const selection = new SummarySelection(unreadAfter);
    selection.chooseUsual(newest);
    return selection.range;
  };
  assert.equal(usual(1, 3), "since", "two");
  assert.equal(usual(1, 4), "unread", "three");
  assert.equal(usual(0, 4), "since", "of a room that was never read all are unread");
});
