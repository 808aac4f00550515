import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff, Socket } from "../../../static/js/net/socket.js";

/** A socket whose WebSockets are listed in `made`, and what it told in `frames`, `states`. */
function connect(t, random = () => 0.5) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const made = [];
  const frames = [];
  const states = [];
  const open = () => {
    const fake = {
      readyState: 0,
      sent: [],
      send: (text) => fake.sent.push(JSON.parse(text)),
      close: () => fake.onclose?.({ code: 1000 }),
      accept() {
        fake.readyState = 1;
        fake.onopen?.();
        fake.say({ type: "ready" });
      },
      say: (frame) => fake.onmessage({ data: JSON.stringify(frame) }),
    };
    made.push(fake);
    return fake;
  };
  const socket = new Socket({
    open,
    random,
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => states.push(status),
  });
  socket.connect();
  return { socket, made, frames, states, last: () => made.at(-1) };
}

test("it is open once the server has said who we are", (t) => {
  const { socket, last, states } = connect(t);
  assert.equal(socket.send({ type: "ping" }), false);
  last().accept();
  assert.deepEqual(states, ["connecting", "open"]);
  assert.equal(socket.send({ type: "ping" }), true);
  assert.deepEqual(last().sent, [{ type: "ping" }]);
});

test("several events in one frame come one by one, in order", (t) => {
  const { last, frames } = connect(t);
  last().accept();
  last().say([{ type: "a" }, { type: "b" }]);
  last().say({ type: "c" });
  assert.deepEqual(
    frames.map(({ type }) => type),
    ["ready", "a", "b", "c"],
  );
});

test("waits grow from half a second to thirty, each anywhere below", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 20].map((tries) => backoff(tries, () => 1));
  assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  assert.equal(
    backoff(6, () => 0),
    0,
  );
});

test("a lost connection comes back, later each time, and starts over once it was open", (t) => {
  const { made, last } = connect(t, () => 1);
  for (const wait of [500, 1000, 2000]) {
    last().onclose({ code: 1006 });
    const before = made.length;
    t.mock.timers.tick(wait - 1);
    assert.equal(made.length, before);
    t.mock.timers.tick(1);
    assert.equal(made.length, before + 1);
  }
  last().accept();
  last().onclose({ code: 1006 });
  t.mock.timers.tick(500);
  assert.equal(made.length, 5);
});

test("the network's return ends the wait at once", (t) => {
  const { socket, made, last } = connect(t, () => 1);
  last().onclose({ code: 1006 });
  socket.reconnectNow();
  assert.equal(made.length, 2);
  socket.reconnectNow();
  assert.equal(made.length, 2, "one attempt at a time");
});

test("a restarting server is asked again soon, however often it failed before", (t) => {
  const { made, last } = connect(t, () => 1);
  for (let i = 0; i < 5; i += 1) {
    last().onclose({ code: 1006 });
    t.mock.timers.tick(30_000);
  }
  const before = made.length;
  last().onclose({ code: 1012 });
  t.mock.timers.tick(500);
  assert.equal(made.length, before + 1);
});

test("a server that said it restarts is asked every two seconds, and not forever", (t) => {
  const { made, last } = connect(t, () => 1);
  last().accept();
  last().onclose({ code: 1012 });
  for (let tries = 1; tries < 20; tries += 1) {
    t.mock.timers.tick(2000);
    assert.equal(made.length, tries + 1);
    last().onclose({ code: 1006 });
  }
  t.mock.timers.tick(22_000); // the absence is a minute old
  last().onclose({ code: 1006 });
  const before = made.length;
  t.mock.timers.tick(29_000);
  assert.equal(made.length, before);
});

test("fault: in the first minute of an absence no wait is longer than five seconds", (t) => {
  const { made, last } = connect(t, () => 1);
  last().accept();
  t.mock.timers.tick(600_000); // however long it was there before
  let away = 0;
  while (away < 60_000) {
    last().onclose({ code: 1006 });
    const before = made.length;
    t.mock.timers.tick(5000);
    assert.equal(made.length, before + 1, `after ${away} ms`);
    away += 5000;
  }
  last().onclose({ code: 1006 });
  const before = made.length;
  t.mock.timers.tick(29_000);
  assert.equal(made.length, before, "a long absence is asked about less often");
  t.mock.timers.tick(1000);
  last().accept();
  last().onclose({ code: 1006 });
  t.mock.timers.tick(5000);
  assert.equal(made.length, before + 2, "the next absence has a minute of its own");
});

test("fault: who sent too much waits long in the first minute, too", (t) => {
  const { made, last } = connect(t, () => 1);
  last().onclose({ code: 1006 });
  t.mock.timers.tick(5000);
  last().onclose({ code: 4429 });
  const before = made.length;
  t.mock.timers.tick(29_000);
  assert.equal(made.length, before);
});

test("who sent too much waits long before coming back", (t) => {
  const { made, last } = connect(t, () => 1);
  last().accept();
  last().onclose({ code: 4429 });
  t.mock.timers.tick(5000);
  assert.equal(made.length, 1);
  t.mock.timers.tick(25_000);
  assert.equal(made.length, 2);
});

test("signed out stays, and one attempt is made when the person comes back to the page", (t) => {
  const { socket, made, states, last } = connect(t);
  last().accept();
  last().onclose({ code: 4401 });
  assert.equal(states.at(-1), "signed-out");
  socket.connect();
  t.mock.timers.tick(60_000);
  assert.equal(made.length, 1);
  socket.reconnectNow();
  assert.equal(made.length, 2);
  last().onclose({ code: 4401 });
  t.mock.timers.tick(60_000);
  assert.equal(made.length, 2);
  assert.equal(socket.status, "signed-out");
});

test("a request that was refused ends the connection, too", (t) => {
  const { socket, made, states, last } = connect(t);
  last().accept();
  socket.signOut();
  t.mock.timers.tick(60_000);
  assert.deepEqual(
    [states.at(-1), made.length, socket.send({ type: "ping" })],
    ["signed-out", 1, false],
  );
});

test("it tells that the server restarts, until it is back", (t) => {
  const { socket, last } = connect(t);
  last().accept();
  assert.equal(socket.restarting, false);
  last().onclose({ code: 1012 });
  assert.equal(socket.restarting, true);
  t.mock.timers.tick(60_000);
  last().accept();
  assert.equal(socket.restarting, false);
});

test("it asks for a sign of life, and takes silence for a loss", (t) => {
  const { made, last } = connect(t, () => 0);
  last().accept();
  t.mock.timers.tick(25_000);
  assert.deepEqual(last().sent, [{ type: "ping" }]);
  last().say({ type: "pong" });
  t.mock.timers.tick(75_000);
  assert.equal(made.length, 1);
  t.mock.timers.tick(25_001);
  assert.equal(made.length, 2);
});

test("a server that takes the connection and says nothing is left", (t) => {
  const { made } = connect(t, () => 0);
  t.mock.timers.tick(100_001);
  assert.ok(made.length > 1);
});

test("a network that is gone is believed at once; the old socket is not heard any more", (t) => {
  const { socket, made, states, last } = connect(t, () => 1);
  last().accept();
  const old = last();
  socket.drop();
  assert.equal(states.at(-1), "waiting");
  socket.reconnectNow();
  old.onclose({ code: 1006 });
  assert.equal(socket.status, "connecting");
  assert.equal(made.length, 2);
});

test("closing is for good", (t) => {
  const { socket, made, last } = connect(t);
  last().accept();
  socket.close();
  socket.connect();
  t.mock.timers.tick(60_000);
  assert.equal(made.length, 1);
  assert.equal(socket.status, "closed");
  assert.equal(socket.send({}), false);
});
