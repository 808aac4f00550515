import assert from "node:assert/strict";
import { test } from "node:test";
import { awaitDecision } from "../../../../static/js/conversation/room/await-decision.js";

/** A request that the server answers with these states in turn; `told` says that there is news. */
function waits(t, ...states) {
  const leaving = new AbortController();
  t.after(() => leaving.abort());
  const asked = [];
  let onNews;
  const ask = async () => {
    const state = states[Math.min(asked.length, states.length - 1)];
    asked.push(state);
    return state;
  };
  const listen = (given) => {
    onNews = given;
  };
  const decided = awaitDecision(ask, listen, leaving.signal);
  return { decided, asked, leaving, told: () => onNews() };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("the server is asked at once, and again only when there is news", async (t) => {
  const { decided, asked, told } = waits(t, "waiting", "waiting", "member");
  await settle();
  assert.equal(asked.length, 1);
  told();
  await settle();
  assert.equal(asked.length, 2);
  told();
  assert.equal(await decided, "member");
});

test("a server that cannot be reached decides nothing", async (t) => {
  const { decided, told } = waits(t, "away", "refused");
  await settle();
  told();
  assert.equal(await decided, "refused");
});

test("news that come while it is asked are asked about", async (t) => {
  const { decided, asked, told } = waits(t, "waiting", "refused");
  told();
  assert.equal(await decided, "refused");
  assert.equal(asked.length, 2);
});

test("nobody is asked once the invitation was left", async (t) => {
  const { asked, leaving, told } = waits(t, "waiting", "member");
  await settle();
  leaving.abort();
  told();
  await settle();
  assert.equal(asked.length, 1);
});
