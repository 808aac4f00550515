import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MOST_PIXELS,
  mayShow,
  pictureType,
  pixelSize,
  withoutGifMetadata,
} from "../../../../static/js/ui/files/picture-file.js";

const bytes = (...parts) =>
  new Uint8Array(
    parts.flatMap((part) =>
      typeof part === "string" ? [...part].map((char) => char.charCodeAt(0)) : part,
    ),
  );
const big = (n, many) => Array.from({ length: many }, (_, i) => (n >>> (8 * (many - 1 - i))) & 255);
const little = (n, many) => big(n, many).reverse();

const png = (w, h) =>
  bytes("\x89PNG\r\n\x1a\n", big(13, 4), "IHDR", big(w, 4), big(h, 4), [8, 6, 0, 0, 0]);
const jpeg = (w, h, before = []) =>
  bytes(
    [0xff, 0xd8],
    before,
    [0xff, 0xc0],
    big(17, 2),
    [8],
    big(h, 2),
    big(w, 2),
    [3, 1, 34, 0, 2, 17, 1, 3, 17, 1, 0xff, 0xda, 0, 2],
  );
const exif = [0xff, 0xe1, ...big(2002, 2), ...Array(2000).fill(0xc0)];
const frame = (w, h) => [0x2c, ...little(0, 4), ...little(w, 2), ...little(h, 2), 0, 2, 1, 0x44, 0];
const gif = (w, h, ...blocks) =>
  bytes(
    "GIF89a",
    little(w, 2),
    little(h, 2),
    [0x80, 0, 0, 0, 0, 0, 255, 255, 255],
    ...blocks,
    [0x3b],
  );
const webp = (...chunks) => {
  const body = chunks.flatMap(([tag, data]) => [
    ...bytes(tag),
    ...little(data.length, 4),
    ...data,
    ...(data.length % 2 ? [0] : []),
  ]);
  return bytes("RIFF", little(body.length + 4, 4), "WEBP", body);
};
const vp8x = (w, h) => ["VP8X", [0, 0, 0, 0, ...little(w - 1, 3), ...little(h - 1, 3)]];
const vp8 = (w, h) => ["VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, ...little(w, 2), ...little(h, 2)]];
const vp8l = (w, h) => ["VP8L", [0x2f, ...little((w - 1) | ((h - 1) << 14), 4)]];

const MADE = {
  png: [png(640, 480), 640, 480],
  jpeg: [jpeg(640, 480), 640, 480],
  "jpeg after its metadata": [jpeg(640, 480, exif), 640, 480],
  gif: [gif(640, 480, frame(640, 480)), 640, 480],
  "webp, extended": [webp(vp8x(640, 480)), 640, 480],
  "webp with loss": [webp(vp8(640, 480)), 640, 480],
  "webp without loss": [webp(vp8l(640, 480)), 640, 480],
};

for (const [name, [file, w, h]] of Object.entries(MADE)) {
  test(`a ${name} says how large it is`, () => {
    assert.deepEqual(pixelSize(file), { w, h });
    assert.ok(mayShow(pixelSize(file)));
  });

  test(`abuse_ a ${name} that is cut off is not shown`, () => {
    for (let length = 0; length < 24; length += 1) {
      const size = pixelSize(file.subarray(0, length));
      assert.ok(size === null || (size.w === w && size.h === h));
    }
  });
}

const BOMBS = {
  png: png(20_000, 20_000),
  "png of one line": png(2 ** 31, 1),
  jpeg: jpeg(65_535, 65_535, exif),
  gif: gif(65_535, 65_535, frame(1, 1)),
  "gif with a frame larger than its screen": gif(1, 1, frame(65_535, 65_535)),
  webp: webp(vp8x(20_000, 20_000)),
  "webp with a picture larger than its canvas": webp(vp8x(1, 1), vp8l(16_384, 16_384)),
};

for (const [name, file] of Object.entries(BOMBS)) {
  test(`abuse_ a picture bomb, ${name}, is not decoded`, () => {
    const size = pixelSize(file);
    assert.ok(size && size.w * size.h > MOST_PIXELS);
    assert.ok(!mayShow(size));
  });
}

test("abuse_ what is no picture that is known here is not decoded, whatever it claims", () => {
  const others = [
    "BM\x00\x00",
    "\x00\x00\x00\x20ftypavif",
    "<svg width='9e9'/>",
    "\x00\x00\x01\x00",
  ];
  for (const text of others) assert.ok(!mayShow(pixelSize(bytes(text, Array(64).fill(0)))));
  assert.ok(!mayShow(pixelSize(png(0, 5))));
  assert.ok(!mayShow(pixelSize(new Uint8Array(0))));
});

const COMMENT = [0x21, 0xfe, 6, ...bytes("secret"), 0];
const XMP = [0x21, 0xff, 11, ...bytes("XMP DataXMP"), 3, ...bytes("who"), 0];
const LOOP = [0x21, 0xff, 11, ...bytes("NETSCAPE2.0"), 3, 1, 0, 0, 0];
const CONTROL = [0x21, 0xf9, 4, 0, 10, 0, 0, 0];

test("a GIF loses what tells about its maker, and keeps what moves", () => {
  const whole = gif(2, 2, COMMENT, LOOP, XMP, CONTROL, frame(2, 2), COMMENT);
  const after = bytes([...whole], "after its end");
  assert.deepEqual(withoutGifMetadata(after), gif(2, 2, LOOP, CONTROL, frame(2, 2)));
});

test("a GIF that is cut off within a block is no GIF; many lack the trailer alone", () => {
  const blocks = [COMMENT, CONTROL, frame(2, 2)];
  const whole = gif(2, 2, ...blocks);
  let end = whole.length - 1;
  const ends = [...blocks].reverse().map(({ length }) => {
    end -= length;
    return end + length;
  });
  assert.deepEqual(withoutGifMetadata(whole.slice(0, -1)), gif(2, 2, CONTROL, frame(2, 2)));
  for (let length = 10; length < whole.length; length += 1) {
    if (length === end || ends.includes(length)) continue;
    assert.throws(() => withoutGifMetadata(whole.slice(0, length)), RangeError, `${length}`);
  }
});

test("the bytes tell the type of a picture, whatever its name says", () => {
  for (const [name, [file]] of Object.entries(MADE)) {
    const [kind] = name.split(/[ ,]/);
    assert.equal(pictureType(file.subarray(0, 12)), `image/${kind}`);
    assert.equal(pictureType(file.subarray(0, 2)), "");
  }
  for (const text of ["", "BM", "RIFF\x00\x00\x00\x00WAVE", "GIF88a", "<svg/>", "\x89PNG"])
    assert.equal(pictureType(bytes(text, [10, 10])), "");
});
