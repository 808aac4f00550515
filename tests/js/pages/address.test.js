import assert from "node:assert/strict";
import { test } from "node:test";
import {
  opensHere,
  readAddress,
  sameView,
  writeAddress,
} from "../../../static/js/pages/address.js";

const url = (path) => new URL(path, "https://chat.example");
const plain = {
  button: 0,
  defaultPrevented: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
};
const link = { target: "", download: false };

test("the shell's addresses are read, whatever they ask for or point at", () => {
  assert.deepEqual(readAddress(url("/rooms/")), { view: "rooms" });
  assert.deepEqual(readAddress(url("/rooms/new/")), { view: "new" });
  assert.deepEqual(readAddress(url("/settings/")), { view: "settings" });
  assert.deepEqual(readAddress(url("/i#secret")), { view: "invite" });
  const room = "0123456789abcdef";
  for (const more of ["", "#m12", "?x=1"])
    assert.deepEqual(readAddress(url(`/rooms/${room}/${more}`)), { view: "room", room });
});

test("every other page is the server's", () => {
  const others = [
    "/",
    "/settings/password/",
    "/constructor",
    "/i/",
    "/rooms",
    "/rooms/a/b/",
    "/rooms//",
    "/admin/rooms/",
  ];
  for (const path of others) assert.equal(readAddress(url(path)), null, path);
});

test("an address is written as it was read", () => {
  for (const path of ["/rooms/", "/rooms/new/", "/rooms/abc/"])
    assert.equal(writeAddress(readAddress(url(path))), path);
});

test("two addresses of a room are one view, those of two rooms are not", () => {
  const [one, other] = [readAddress(url("/rooms/a/#m1")), readAddress(url("/rooms/b/"))];
  assert.ok(sameView(one, readAddress(url("/rooms/a/"))));
  assert.ok(!sameView(one, other));
  assert.ok(!sameView(one, readAddress(url("/rooms/"))));
});

test("only a plain click opens a link here", () => {
  assert.ok(opensHere(plain, link));
  assert.ok(opensHere(plain, { ...link, target: "_self" }));
  for (const key of ["ctrlKey", "metaKey", "shiftKey", "altKey", "defaultPrevented"])
    assert.ok(!opensHere({ ...plain, [key]: true }, link), key);
  assert.ok(!opensHere({ ...plain, button: 1 }, link));
  assert.ok(!opensHere(plain, { ...link, target: "_blank" }));
  assert.ok(!opensHere(plain, { ...link, download: true }));
});
