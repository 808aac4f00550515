import assert from "node:assert/strict";
import { test } from "node:test";
import { b64 } from "../../../static/js/crypto/bytes.js";
import {
  canUsePasskeys,
  decodeOptions,
  encodeCredential,
  passkeyProblem,
} from "../../../static/js/pages/passkeys.js";

const bytes = Uint8Array.of(1, 2, 250);
const described = { type: "public-key", id: b64(bytes) };

test("options of the server become bytes, and everything else stays", () => {
  const user = { id: b64(bytes), name: "ada", displayName: "ada" };
  const made = decodeOptions({ challenge: "AQID", user, excludeCredentials: [described], x: 1 });
  assert.deepEqual(made.challenge, Uint8Array.of(1, 2, 3));
  assert.deepEqual(made.user, { ...user, id: bytes });
  assert.deepEqual(made.excludeCredentials, [{ type: "public-key", id: bytes }]);
  assert.equal(made.x, 1);
  assert.ok(!("allowCredentials" in made));
  const used = decodeOptions({ challenge: "AQID", allowCredentials: [described] });
  assert.deepEqual(used.allowCredentials, [{ type: "public-key", id: bytes }]);
  assert.ok(!("user" in used));
  assert.throws(() => decodeOptions({ challenge: "not base64url!" }));
});

test("a credential is sent as the parts that the server reads", () => {
  const buffer = bytes.buffer;
  const part = b64(bytes);
  const made = encodeCredential({
    rawId: buffer,
    response: { clientDataJSON: buffer, attestationObject: buffer, authenticatorData: buffer },
  });
  assert.deepEqual(made, {
    id: part,
    response: { clientDataJSON: part, attestationObject: part },
  });
  const used = encodeCredential({
    rawId: buffer,
    response: {
      clientDataJSON: buffer,
      authenticatorData: buffer,
      signature: buffer,
      userHandle: null,
    },
  });
  assert.deepEqual(Object.keys(used.response), [
    "clientDataJSON",
    "authenticatorData",
    "signature",
  ]);
});

test("every problem has a sentence that says what to do", () => {
  for (const name of ["NotAllowedError", "InvalidStateError", "SecurityError", "constructor", ""])
    assert.match(passkeyProblem({ name }), /\.$/);
  assert.match(passkeyProblem({ name: "NotAllowedError" }), /cancelled/);
  assert.equal(passkeyProblem({ name: "constructor" }), passkeyProblem(null));
});

test("passkeys are offered where the browser has them and the site has a name", () => {
  const at = (hostname) => {
    globalThis.location = { hostname };
    return canUsePasskeys();
  };
  assert.equal(at("chat.example"), false);
  globalThis.PublicKeyCredential = class {};
  assert.equal(at("chat.example"), true);
  assert.equal(at("localhost"), true);
  for (const bare of ["127.0.0.1", "[::1]", "[fe80::1]"]) assert.equal(at(bare), false);
});
