/** The "First vectors" of docs/protocol.md. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pad } from "../../../static/js/crypto/box.js";
import { b64, utf8 } from "../../../static/js/crypto/bytes.js";
import { membersHash, roomId } from "../../../static/js/crypto/events.js";
import { sha256 } from "../../../static/js/crypto/hash.js";
import { safetyNumber } from "../../../static/js/crypto/identity.js";
import { deriveInvite } from "../../../static/js/crypto/invite.js";
import { kcv, messageKey, searchKey } from "../../../static/js/crypto/roomkeys.js";
import { hasher } from "../../../static/js/crypto/tokens.js";
import { KEY } from "./cast.js";

const ROOM = "9d9040e4fe9b30c434afbc66b99d05b5";
const [uidA, uidB] = ["1", "2"].map((last) => last.padStart(32, "0"));
const kidA = b64(await sha256(utf8("a")));
const kidB = b64(await sha256(utf8("b")));

test("room, commitment and message key", async () => {
  assert.equal(await roomId(kidA, b64(KEY.slice(0, 16))), ROOM);
  assert.equal(await kcv(KEY, ROOM, 1), "XbTpRhm-vNtAtaEhGfxUwrLPa0UOC8tQKYxtxR348wk");
  const mk = await messageKey(KEY, ROOM, 1, uidA, "d".repeat(32), 1);
  assert.equal(b64(mk), "W4M2_UyHobDngW9UiERGO3kr87BZVj-MBSuA2K5kLm8");
});

test("search tokens", async () => {
  const token = await hasher(await searchKey(KEY, ROOM, 1));
  assert.equal(await token("w:hello"), 14508384);
  assert.equal(await token("p:hel"), 5452468);
});

test("members, sorted by uid", async () => {
  const members = [
    [uidB, kidB],
    [uidA, kidA],
  ];
  assert.equal(await membersHash(members), "NKXR18GWWFg2BygMIXPCXBhnX_dRBBt9RZjysqih6Jg");
});

test("safety number, the same from both sides", async () => {
  const digits = "991986030540055084141971758036729775843692116887943841557552";
  assert.equal(await safetyNumber(kidA, kidB), digits);
  assert.equal(await safetyNumber(kidB, kidA), digits);
});

test("invitation", async () => {
  const { iid, ipk } = await deriveInvite(KEY);
  assert.equal(iid, "0d82d6d3e5e49dc3ab446c801995baf9");
  assert.equal(ipk, "sgvsSgGZQkrhrmR2yzjEYIinzPFgn78XDKhEJRZ68KI");
});

test("padded sizes", () => {
  const sizes = [63, 64, 1023, 1024, 65_535].map((size) => pad(new Uint8Array(size)).length);
  assert.deepEqual(sizes, [64, 128, 1024, 2048, 65_536]);
});
