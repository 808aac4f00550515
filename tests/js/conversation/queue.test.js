import assert from "node:assert/strict";
import { test } from "node:test";
import { TaskQueue } from "../../../static/js/conversation/queue.js";

test("work runs in turn; what fails is told to who added it and stops nobody", async () => {
  const queue = new TaskQueue();
  const done = [];
  const slow = queue.add(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push("slow");
    return 1;
  });
  const broken = queue.add(async () => {
    throw new Error("broken");
  });
  const last = queue.add(async () => done.push("last"));
  await assert.rejects(broken, { message: "broken" });
  await last;
  assert.equal(await slow, 1);
  assert.deepEqual(done, ["slow", "last"]);
});
