import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, utf8, WireError } from "../../../static/js/crypto/bytes.js";
import { fileIdsOf, readContent } from "../../../static/js/crypto/content.js";
import { isKnown } from "../../../static/js/crypto/content-parts.js";
import {
  decryptMessage,
  openHeader,
  sealMessage,
  verifyMessage,
} from "../../../static/js/crypto/message.js";
import * as c from "./cast.js";

const { ada, ben, eve } = c;
const { state, invited } = await c.roomOfTwo({}, 5);

async function accept(row, log = state, ids = c.identities) {
  const opened = await openHeader(row);
  await verifyMessage(row, opened, log, ids);
  return opened;
}
const refused = async (row, log = state) =>
  assert.rejects(
    accept(row, log),
    (error) => error.reason === "refused" || error instanceof WireError,
  );

test("a message is read by a holder of the key", async () => {
  const row = await c.message(state, ben, { body: "Grüße 🦊" });
  const opened = await accept(row);
  assert.equal(opened.id, row.id);
  assert.deepEqual(await decryptMessage(opened, c.KEY), { t: "text", body: "Grüße 🦊" });
});

test("a message with any part changed is refused", async () => {
  const row = await c.message(state, ben);
  for (const part of ["iv", "ct", "sig"]) await refused({ ...row, [part]: c.flip(row[part], 5) });
  const header = JSON.parse(row.h);
  const changes = {
    v: 2,
    room: "0".repeat(32),
    e: 2,
    uid: ada.uid,
    kid: ada.kid,
    dev: "e".repeat(32),
    n: 2,
    pm: ben.kid,
    lh: [0, state.hashes[0]],
    sh: [0, ben.kid],
    cid: "0".repeat(32),
    ts: 1,
  };
  assert.deepEqual(Object.keys(changes), Object.keys(header));
  for (const [key, other] of Object.entries(changes)) {
    await refused({ ...row, h: JSON.stringify({ ...header, [key]: other }) });
  }
  await refused({ ...row, h: `${row.h} ` });
  await refused({ ...row, iv: b64(new Uint8Array(11)) });
});

test("a message does not open under another key, header or seal", async () => {
  const row = await c.message(state, ben);
  const opened = await openHeader(row);
  const { header } = opened;
  const other = await c.message(state, ben);
  assert.ok(await decryptMessage(opened, c.KEY));
  await assert.rejects(decryptMessage(opened, c.KEY.slice().reverse()), WireError);
  const wrong = [
    { ...opened, header: { ...header, n: 2 } },
    { ...(await openHeader({ ...row, h: other.h })), header },
    { ...opened, iv: (await openHeader(other)).iv },
    await openHeader({ ...row, ct: c.flip(row.ct, 3) }),
  ];
  for (const one of wrong) await assert.rejects(decryptMessage(one, c.KEY), WireError);
});

const WRONG = {
  "by nobody of the room": () => c.message(state, eve),
  "of another epoch": () => c.message(state, ben, { e: 2 }),
  "by who had not joined yet": () => c.message(invited, ben),
  "on another chain": () => c.message(state, ben, { lh: [2, ada.kid] }),
  "of another room": () => c.message(state, ben, { room: "0".repeat(32) }),
  "that saw itself": () => c.message(state, ben, { sh: [1, ada.kid] }),
  "that saw nothing with an id": () => c.message(state, ben, { sh: [0, ada.kid] }),
  "that saw something without one": () => c.message(state, ben, { seq: 5, sh: [1, ""] }),
  "that is first and has one before": () => c.message(state, ben, { pm: ada.kid }),
  "that is second and has none before": () => c.message(state, ben, { n: 2 }),
  "under somebody's kid": () => c.message(state, { ...ben, kid: ada.kid }),
  "signed by another": () => c.message(state, { ...ben, keys: eve.keys }),
};
for (const [what, make] of Object.entries(WRONG)) {
  test(`a message ${what} is refused`, async () => refused(await make()));
}

test("a message ahead of the log waits for it", async () => {
  const row = await c.message(state, ben);
  await assert.rejects(accept(row, invited), { reason: "ahead" });
});

test("a closed room, and who has left, send nothing; what was sent before stays good", async () => {
  const before = await c.message(state, ben);
  const left = await c.extend(state, await c.event(state, ben, "leave"));
  await accept(before, left);
  await refused(await c.message(left, ben), left);
  await refused(await c.message(left, ada), left);
  const open = await c.extend(left, await c.epoch(left, ada));
  await accept(await c.message(open, ada), open);
  await refused(await c.message(open, ben), open);
  await refused(await c.message(open, ada, { e: 1 }), open);
});

test("content is checked on both sides", async () => {
  const file = { id: "0".repeat(32), key: ada.kid, size: 1, name: "a", type: "b", sha: ada.kid };
  const small = { id: "1".repeat(32), key: ada.kid, size: 1, type: "b", sha: ada.kid, w: 2, h: 3 };
  const good = [
    {},
    { re: [1, ada.kid] },
    { at: [ada.uid] },
    { files: [{ ...file, w: 3 }] },
    { files: [{ ...file, thumb: small }] },
    { files: [{ ...file, thumb: { ...small, later: 1 } }] },
    { later: null },
  ];
  for (const extra of good) readContent(utf8(JSON.stringify({ t: "text", body: "x", ...extra })));
  const bad = [
    { body: 1 },
    { body: undefined },
    { re: null },
    { re: [0, ada.kid] },
    { at: [""] },
    { at: null },
    { files: {} },
    { files: [{ ...file, key: "" }] },
    { files: [{ ...file, w: null }] },
    { files: [{ ...file, thumb: null }] },
    { files: [{ ...file, thumb: [small] }] },
    { files: [{ ...file, thumb: "x" }] },
    ...Object.keys(small).map((key) => ({
      files: [{ ...file, thumb: { ...small, [key]: undefined } }],
    })),
    { files: [{ ...file, thumb: { ...small, w: -1 } }] },
    { t: null },
  ];
  for (const extra of bad) {
    const content = { t: "text", body: "x", ...extra };
    assert.throws(() => readContent(utf8(JSON.stringify(content))), WireError);
    const about = c.header(state, ben);
    await assert.rejects(sealMessage(about, c.KEY, ben.keys.ed.privateKey, content), WireError);
  }
});

test("a message names its thumbnails among its files", () => {
  const files = [{ id: "a", thumb: { id: "b" } }, { id: "c" }];
  assert.deepEqual(fileIdsOf({ t: "text", body: "", files }), ["a", "b", "c"]);
  assert.deepEqual(fileIdsOf({ t: "text", body: "" }), []);
  assert.deepEqual(fileIdsOf(null), []);
});

test("bytes that are no content are refused", () => {
  const texts = [
    "",
    "null",
    "[]",
    '"x"',
    '{"t":"text","body":"\\ud800"}',
    '\ufeff{"t":"text","body":""}',
    "{",
  ];
  for (const text of texts) assert.throws(() => readContent(utf8(text)), WireError);
  assert.throws(() => readContent(Uint8Array.of(0xc3)), WireError);
});

test("content of a newer version passes and is not known", () => {
  const content = readContent(utf8('{"t":"dance"}'));
  assert.equal(isKnown(content), false);
  assert.equal(isKnown({ t: "toString" }), false);
  assert.equal(isKnown({ t: "text" }), true);
});
