import assert from "node:assert/strict";
import { test } from "node:test";

import { leadingBack, safeNext } from "../../../static/js/pages/next-address.js";

const SITE = "https://chat.example.org";

test("a page of this site is followed, with its query and fragment", () => {
  for (const next of ["/rooms/", "/rooms/abc/?x=1#m12", "/i", "/settings/?a=%2F%2F"])
    assert.equal(safeNext(next, SITE), next);
});

test("an address that leads elsewhere, now or when it is resolved again, is not", () => {
  const hostile = [
    null,
    undefined,
    "",
    "rooms/",
    "https://evil.example/",
    "javascript:alert(1)",
    " /rooms/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/.//evil.example/",
    "/..//evil.example/",
    "/%2e//evil.example/",
    "/x/..//evil.example/",
    "/.\\\\evil.example/",
    "/./\\evil.example/",
    "//user@chat.example.org:1/",
  ];
  for (const next of hostile) {
    const found = safeNext(next, SITE);
    assert.equal(found, "/rooms/", String(next));
    assert.equal(new URL(found, SITE).origin, SITE);
  }
});

test("the way back keeps a message's fragment and no other, which may be a secret", () => {
  const here = { pathname: "/rooms/abc/", search: "?q=1", hash: "#m7" };
  assert.equal(leadingBack("/keys/", here), "/keys/?next=%2Frooms%2Fabc%2F%3Fq%3D1%23m7");
  assert.equal(
    leadingBack("/keys/", { ...here, hash: "#secret" }),
    "/keys/?next=%2Frooms%2Fabc%2F%3Fq%3D1",
  );
});
