import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { pixelSize } from "../../../../static/js/ui/files/picture-file.js";
import {
  isMovingPng,
  isMovingWebp,
  withoutPngMetadata,
  withoutWebpMetadata,
} from "../../../../static/js/ui/files/picture-metadata.js";

const SECRET = "55.676 N 12.568 E, by ada";
const secret = Buffer.from(SECRET);
const big = (n) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const little = (n, many = 4) => {
  const bytes = Buffer.alloc(many);
  bytes.writeUIntLE(n, 0, many);
  return bytes;
};

// --- PNG

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
/** Bit by bit: Node 20 has none of its own. */
function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}
const chunk = (type, data = Buffer.alloc(0)) => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([big(data.length), body, big(crc32(body))]);
};
const png = (...chunks) => new Uint8Array(Buffer.concat([SIGNATURE, ...chunks]));
const IHDR = chunk("IHDR", Buffer.concat([big(2), big(1), Buffer.from([8, 2, 0, 0, 0])]));
const points = (shade) => deflateSync(Buffer.from([0, shade, 0, 0, shade, 0, 0]));
const control = (n) =>
  chunk(
    "fcTL",
    Buffer.concat([big(n), big(2), big(1), big(0), big(0), Buffer.from([0, 1, 0, 10, 0, 0])]),
  );
const IDAT = chunk("IDAT", points(10));
const IEND = chunk("IEND");
const acTL = (frames) => chunk("acTL", Buffer.concat([big(frames), big(0)]));
const second = chunk("fdAT", Buffer.concat([big(2), points(200)]));
const METADATA = ["tEXt", "zTXt", "iTXt", "eXIf", "tIME", "iCCP", "pHYs", "prVt"].map((type) =>
  chunk(type, secret),
);
const still = png(IHDR, IDAT, IEND);
const moving = png(IHDR, acTL(2), control(0), IDAT, control(1), second, IEND);

test("a moving PNG is told from a still one", () => {
  assert.ok(isMovingPng(moving));
  assert.ok(!isMovingPng(still));
  assert.ok(!isMovingPng(png(IHDR, acTL(1), control(0), IDAT, IEND)), "one frame does not move");
  assert.ok(!isMovingPng(png(IHDR, IDAT, acTL(2), IEND)), "too late: decoders take no notice");
  assert.ok(!isMovingPng(new Uint8Array(secret)));
});

test("a PNG loses what tells about its maker, and keeps its frames", () => {
  const full = png(
    IHDR,
    ...METADATA,
    acTL(2),
    control(0),
    IDAT,
    ...METADATA,
    control(1),
    second,
    IEND,
    secret,
  );
  assert.deepEqual(withoutPngMetadata(full), moving);
  assert.deepEqual(withoutPngMetadata(moving), moving);
  assert.deepEqual(pixelSize(withoutPngMetadata(full)), { w: 2, h: 1 });
});

test("hostile_ lengths in a PNG are refused, and no byte is read beyond its end", () => {
  for (let length = 0; length < moving.length; length += 1) {
    assert.throws(() => withoutPngMetadata(moving.subarray(0, length)), RangeError);
  }
  for (const length of [0x7fffffff, 0xffffffff, moving.length]) {
    const bad = new Uint8Array(moving);
    bad.set(big(length), SIGNATURE.length);
    assert.throws(() => withoutPngMetadata(bad), RangeError);
    assert.ok(!isMovingPng(bad));
  }
  assert.throws(() => withoutPngMetadata(png(IDAT, IHDR, IEND)), RangeError);
  assert.throws(() => withoutPngMetadata(new Uint8Array(secret)), RangeError);
});

// --- WebP

const part = (type, data) =>
  Buffer.concat([
    Buffer.from(type, "latin1"),
    little(data.length),
    data,
    Buffer.alloc(data.length % 2),
  ]);
const webp = (...parts) => {
  const body = Buffer.concat([Buffer.from("WEBP"), ...parts]);
  return new Uint8Array(Buffer.concat([Buffer.from("RIFF"), little(body.length), body]));
};
const vp8x = (flags) =>
  part("VP8X", Buffer.concat([Buffer.from([flags, 0, 0, 0]), little(1, 3), little(0, 3)]));
const ANIM = part("ANIM", Buffer.alloc(6));
const vp8l = part("VP8L", Buffer.concat([Buffer.from([0x2f]), little(1), Buffer.from([7, 7])]));
const frameHead = Buffer.concat([little(0, 3), little(0, 3), little(1, 3), little(0, 3)]);
const anmf = (...parts) => part("ANMF", Buffer.concat([frameHead, little(100, 4), ...parts]));
const clean = webp(vp8x(0x12), ANIM, anmf(vp8l), anmf(vp8l));
const EXTRA = ["EXIF", "XMP ", "ICCP", "ABCD"].map((type) => part(type, secret));

test("a moving WebP is told from a still one", () => {
  assert.ok(isMovingWebp(clean));
  assert.ok(!isMovingWebp(webp(vp8x(0x10), vp8l)));
  assert.ok(!isMovingWebp(webp(vp8l)));
  assert.ok(!isMovingWebp(new Uint8Array(secret)));
});

test("a WebP loses what tells about its maker, in its frames, too, and keeps its motion", () => {
  const full = webp(vp8x(0x3e), EXTRA[2], ANIM, anmf(vp8l, EXTRA[3]), anmf(vp8l), ...EXTRA);
  const more = new Uint8Array([...full, ...secret]);
  assert.deepEqual(withoutWebpMetadata(more), clean);
  assert.deepEqual(withoutWebpMetadata(clean), clean);
  assert.deepEqual(pixelSize(withoutWebpMetadata(more)), { w: 2, h: 1 });
});

test("hostile_ lengths in a WebP are refused, and no byte is read beyond its end", () => {
  for (let length = 0; length < clean.length; length += 1) {
    assert.throws(() => withoutWebpMetadata(clean.subarray(0, length)), RangeError);
  }
  for (const at of [4, 16, clean.length - 12]) {
    for (const length of [0xffffffff, 0x80000000, clean.length]) {
      const bad = new Uint8Array(clean);
      bad.set(little(length), at);
      assert.throws(() => withoutWebpMetadata(bad), RangeError, `${length} at ${at}`);
    }
  }
  const short = webp(vp8x(0x12), ANIM, part("ANMF", Buffer.alloc(15)));
  assert.throws(() => withoutWebpMetadata(short), RangeError);
});
