import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionState } from "../../../static/js/conversation/connection-state.js";

const facts = (about) => ({
  status: "connecting",
  restarting: false,
  online: true,
  since: 0,
  ...about,
});

/** What is known, and what is said. */
const TABLE = [
  [{ status: "open" }, "open"],
  [{ status: "open", online: false }, "open"],
  [{ status: "open", ahead: 3_500_000 }, "open"],
  [{ status: "open", ahead: 86_400_000 }, "clock"],
  [{ status: "open", ahead: -86_400_000 }, "clock"],
  [{ ahead: 86_400_000 }, "connecting"],
  [{}, "connecting"],
  [{ since: 20_000 }, "slow"],
  [{ status: "waiting" }, "away"],
  [{ status: "waiting", since: 90_000 }, "away"],
  [{ status: "waiting", online: false }, "offline"],
  [{ online: false, since: 20_000 }, "offline"],
  [{ status: "waiting", restarting: true }, "restarting"],
  [{ restarting: true, online: false }, "offline"],
  [{ status: "signed-out", online: false }, "signed-out"],
  [{ status: "signed-out", restarting: true }, "signed-out"],
];

for (const [about, said] of TABLE) {
  test(`${said}: ${JSON.stringify(about)}`, () => {
    assert.equal(connectionState(facts(about)), said);
  });
}
