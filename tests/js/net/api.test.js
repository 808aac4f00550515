import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError } from "../../../static/js/net/api.js";
import { FileTransfer } from "../../../static/js/net/file-transfer.js";

/** An Api whose requests are listed in `asked` and answered by `answer`. */
function apiWith(answer) {
  const asked = [];
  const fetch = async (address, options) => {
    asked.push({ address, ...options });
    return answer();
  };
  return { api: new Api({ csrf: () => "token", fetch }), asked };
}

const json = (status, body) => () => new Response(JSON.stringify(body), { status });

test("a question carries no token, a change carries the CSRF token", async () => {
  const { api, asked } = apiWith(json(200, { ok: 1 }));
  assert.deepEqual(await api.get("me"), { ok: 1 });
  await api.post("chatrooms", { a: 1 });
  await api.put("chatrooms/x", {});
  assert.deepEqual(
    asked.map(({ method, address }) => [method, address]),
    [
      ["GET", "/api/v1/me"],
      ["POST", "/api/v1/chatrooms"],
      ["PUT", "/api/v1/chatrooms/x"],
    ],
  );
  assert.equal(asked[0].headers["X-CSRFToken"], undefined);
  assert.equal(asked[1].headers["X-CSRFToken"], "token");
  assert.equal(asked[1].body, '{"a":1}');
  assert.ok(asked.every(({ credentials }) => credentials === "same-origin"));
});

test("no content is null", async () => {
  const { api } = apiWith(() => new Response(null, { status: 204 }));
  assert.equal(await api.post("x", {}), null);
});

test("a refusal has the server's code, its text and what else it says", async () => {
  const error = { code: "head", detail: "Somebody was quicker.", head: [3, "h"] };
  const { api } = apiWith(json(409, { error }));
  await assert.rejects(api.post("x", {}), (thrown) => {
    assert.ok(thrown instanceof ApiError);
    assert.equal(thrown.status, 409);
    assert.equal(thrown.code, "head");
    assert.equal(thrown.message, "Somebody was quicker.");
    assert.deepEqual(thrown.extra.head, [3, "h"]);
    return true;
  });
});

test("a server that fails without words, and none at all, are told apart", async () => {
  const broken = apiWith(() => new Response("<h1>502</h1>", { status: 502 }));
  await assert.rejects(broken.api.get("x"), { status: 502, code: "server_error" });
  const away = apiWith(() => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(away.api.get("x"), { status: 0, code: "offline" });
});

test("that nobody is signed in is told, besides", async () => {
  const { api } = apiWith(
    json(401, { error: { code: "not_authenticated", detail: "Signed out." } }),
  );
  let told = 0;
  api.onSignedOut = () => {
    told += 1;
  };
  await assert.rejects(api.get("x"), { status: 401 });
  assert.equal(told, 1);
});

test("that the operator has stopped a room is told with the room, and no other refusal is", async () => {
  const stopped = { code: "room_stopped", detail: "Stopped." };
  const { api } = apiWith(json(403, { error: stopped }));
  const told = [];
  api.onRoomStopped = (room) => told.push(room);
  await assert.rejects(api.post("chatrooms/abc/log", {}), { code: "room_stopped" });
  await assert.rejects(api.put("chatrooms/abc", {}), { code: "room_stopped" });
  await assert.rejects(api.post("me/bots", {}), { code: "room_stopped" });
  const other = apiWith(json(403, { error: { code: "forbidden", detail: "No." } })).api;
  other.onRoomStopped = (room) => told.push(room);
  await assert.rejects(other.post("chatrooms/abc/log", {}), { code: "forbidden" });
  assert.deepEqual(told, ["abc", "abc"]);
});

test("every request ends some time", async () => {
  const { api, asked } = apiWith(json(200, {}));
  await api.get("x");
  assert.ok(asked[0].signal instanceof AbortSignal);
});

test("abuse: a read that met a rate limit waits as long as it is told, and goes on", async () => {
  const error = { code: "rate", detail: "Too many requests.", retry_after: 3 };
  const answers = [json(429, { error }), json(429, { error }), json(200, { ok: 1 })];
  const waited = [];
  const fetch = async () => answers.shift()();
  const wait = async (seconds) => void waited.push(seconds);
  const api = new Api({ csrf: () => "token", fetch, wait });
  assert.deepEqual(await api.get("x"), { ok: 1 });
  assert.deepEqual(waited, [3, 3]);
});

test("abuse: nobody waits forever, and a write never retries by itself", async () => {
  let asked = 0;
  const refused = (retry_after) => async () => {
    asked += 1;
    return json(429, { error: { code: "rate", detail: "Too many.", retry_after } })();
  };
  const api = (retry_after) =>
    new Api({ csrf: () => "token", fetch: refused(retry_after), wait: async () => {} });
  await assert.rejects(api(1).get("x"), { code: "rate" });
  assert.equal(asked, 31);
  asked = 0;
  await assert.rejects(api(3600).get("x"), { code: "rate" });
  await assert.rejects(api(1).post("x", {}), { code: "rate" });
  assert.equal(asked, 2);
});

/** An Api whose answers come one after the other, and the seconds that it waited. */
function busyApi(...answers) {
  const waited = [];
  const fetch = async () => answers.shift()();
  const wait = async (seconds) => void waited.push(seconds);
  return { api: new Api({ csrf: () => "token", fetch, wait, random: () => 0.5 }), waited };
}

const busy = (seconds) => () =>
  new Response(JSON.stringify({ error: { code: "unavailable", detail: "Busy." } }), {
    status: 503,
    headers: { "Retry-After": String(seconds) },
  });

test("a read waits for a server that has no time, at least as long as it says", async () => {
  const { api, waited } = busyApi(busy(4), busy(2), json(200, { ok: 1 }));
  assert.deepEqual(await api.get("chatrooms"), { ok: 1 });
  assert.deepEqual(waited, [5, 2.5]);
  const file = busyApi(busy(4), () => new Response("bytes"));
  const stream = await new FileTransfer(file.api).get("files/x");
  assert.equal(await new Response(stream).text(), "bytes");
});

test("a server that stays busy is said to be, and so at once where the page can go on", async () => {
  const { api, waited } = busyApi(busy(1), busy(1), busy(1), busy(1));
  await assert.rejects(api.get("chatrooms"), { status: 503, code: "unavailable" });
  assert.equal(waited.length, 3);
  const once = busyApi(busy(1));
  await assert.rejects(once.api.get("site.json", { busyWaits: 0 }), { status: 503 });
  assert.deepEqual(once.waited, []);
});

test("nothing that changes something is sent twice, and no wait lasts beyond a minute", async () => {
  const { api, waited } = busyApi(busy(1), busy(61), () => new Response("", { status: 503 }));
  await assert.rejects(api.post("chatrooms", {}), { status: 503 });
  await assert.rejects(api.get("chatrooms"), { status: 503 });
  await assert.rejects(api.get("chatrooms"), { status: 503, code: "server_error" });
  assert.deepEqual(waited, []);
});

test("an answer that was asked for ahead is taken once, by the same path", async () => {
  const { api, asked } = apiWith(json(200, { ok: 1 }));
  api.readAhead(["a", "b"]);
  assert.equal(asked.length, 2);
  assert.deepEqual(await api.get("a"), { ok: 1 });
  assert.equal(asked.length, 2);
  await api.get("a");
  await api.get("c");
  assert.equal(asked.length, 4);
});

test("an answer that was asked for ahead is not good for long", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { api, asked } = apiWith(json(200, { ok: 1 }));
  api.readAhead(["a"]);
  t.mock.timers.tick(15_000);
  await api.get("a");
  assert.equal(asked.length, 2);
});

test("a read ahead that fails is the failure of the read that takes it, and of no other", async () => {
  const answers = [
    json(404, { error: { code: "not_found", detail: "No." } }),
    json(200, { ok: 1 }),
  ];
  const { api } = apiWith(() => answers.shift()());
  api.readAhead(["a"]);
  await assert.rejects(api.get("a"), { status: 404 });
  assert.deepEqual(await api.get("a"), { ok: 1 });
});
