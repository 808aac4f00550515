import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { keepPerson, keptPerson } from "../../../static/js/pages/kept-person.js";

beforeEach(() => {
  const kept = new Map();
  globalThis.localStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
});

test("a person with keys is remembered, and forgotten when they log out", () => {
  keepPerson({ uid: "u", name: "ada", kid: "k" });
  assert.deepEqual(keptPerson(), { uid: "u", name: "ada", kid: "k" });
  keepPerson(null);
  assert.equal(keptPerson(), null);
});

test("fault: a person who had no keys yet is led nowhere while the server does not answer", () => {
  keepPerson({ uid: "u", name: "ada", kid: null });
  assert.equal(keptPerson(), null);
});

test("what is no person is none", () => {
  for (const text of ["", "null", "1", "{}", '{"uid":1,"name":"ada","kid":"k"}']) {
    localStorage.setItem("sotto-person", text);
    assert.equal(keptPerson(), null);
  }
});
