/**
 * Reads a picture's header before any browser decodes it: a small file can demand gigabytes of
 * memory. Also removes metadata from a GIF.
 */

/** Types that are shown inline; files of any other type are only saved. */
export const SHOWN = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);

/** Pictures with more pixels are not decoded. */
export const MOST_PIXELS = 50_000_000;

/** @typedef {{w: number, h: number}} Size in pixels */

/** The type of a PNG, JPEG, WebP or GIF by its first 12 bytes; "" for any other file.
 * @param {Uint8Array} bytes */
export function pictureType(bytes) {
  if (starts(bytes, 0, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (starts(bytes, 0, "\xff\xd8\xff")) return "image/jpeg";
  if (starts(bytes, 0, "GIF87a") || starts(bytes, 0, "GIF89a")) return "image/gif";
  return starts(bytes, 0, "RIFF") && starts(bytes, 8, "WEBP") ? "image/webp" : "";
}

/** The size of a PNG, JPEG, WebP or GIF; null for any other file, and for one whose header cannot
 * be read. @param {Uint8Array} bytes @returns {Size | null} */
export function pixelSize(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return SIZES[pictureType(bytes)]?.(bytes, view) ?? null;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** Tells whether a picture may be decoded here. @param {Size | null} size */
export const mayShow = (size) => size !== null && size.w * size.h <= MOST_PIXELS;

/** @param {Uint8Array[]} parts */
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes @param {number} at @param {string} text of Latin-1 characters */
export const starts = (bytes, at, text) =>
  bytes.length >= at + text.length &&
  [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));

/** The larger one, by area: decoders differ in which of two they use.
 * @param {Size | null} a @param {Size} b @returns {Size | null} null for one without an area */
const larger = (a, b) => (b.w === 0 || b.h === 0 || (a && a.w * a.h >= b.w * b.h) ? a : b);

/** @param {Uint8Array} bytes @param {DataView} view */
function sizeOfPng(bytes, view) {
  if (!starts(bytes, 12, "IHDR")) return null;
  return larger(null, { w: view.getUint32(16), h: view.getUint32(20) });
}

const FRAMES = new Set([
  0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf,
]);

/** The frame headers before the first scan. @param {Uint8Array} bytes @param {DataView} view */
function sizeOfJpeg(bytes, view) {
  /** @type {Size | null} */
  let size = null;
  for (let at = 2; at < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at += 1; // fill bytes may stand before a marker
      continue;
    }
    if (marker === 0xda) return size;
    if (FRAMES.has(marker))
      size = larger(size, { h: view.getUint16(at + 5), w: view.getUint16(at + 7) });
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += 2 + (alone ? 0 : Math.max(2, view.getUint16(at + 2)));
  }
  return null;
}

/** The screen, or the first frame where that is larger. @param {Uint8Array} bytes
 * @param {DataView} view */
function sizeOfGif(bytes, view) {
  const size = larger(null, { w: view.getUint16(6, true), h: view.getUint16(8, true) });
  for (const { kind, begin } of gifBlocks(bytes, view)) {
    if (kind !== IMAGE) continue;
    const [left, top] = [view.getUint16(begin + 1, true), view.getUint16(begin + 3, true)];
    const [w, h] = [view.getUint16(begin + 5, true), view.getUint16(begin + 7, true)];
    return larger(size, { w: left + w, h: top + h });
  }
  return null;
}

/** The canvas, and each still picture in it. @param {Uint8Array} bytes @param {DataView} view */
function sizeOfWebp(bytes, view) {
  /** @type {Size | null} */
  let size = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    size = larger(size, webpChunk(bytes, view, at) ?? { w: 0, h: 0 });
    at += 8 + length + (length % 2);
  }
  return size;
}

/** @param {Uint8Array} bytes @param {DataView} view @param {number} at @returns {Size | null} */
function webpChunk(bytes, view, at) {
  const data = at + 8;
  switch (String.fromCharCode(...bytes.subarray(at, at + 4))) {
    case "VP8X":
      return { w: 1 + uint24(view, data + 4), h: 1 + uint24(view, data + 7) };
    case "ANMF":
      return { w: 1 + uint24(view, data + 6), h: 1 + uint24(view, data + 9) };
    case "VP8L": {
      const bits = view.getUint32(data + 1, true);
      return { w: 1 + (bits & 0x3fff), h: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8 ":
      return {
        w: view.getUint16(data + 6, true) & 0x3fff,
        h: view.getUint16(data + 8, true) & 0x3fff,
      };
    default:
      return null;
  }
}

/** @type {Record<string, (bytes: Uint8Array, view: DataView) => Size | null>} */
const SIZES = {
  "image/png": sizeOfPng,
  "image/jpeg": sizeOfJpeg,
  "image/gif": sizeOfGif,
  "image/webp": sizeOfWebp,
};

/** @param {DataView} view @param {number} at */
const uint24 = (view, at) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);

// --- GIF ----------------------------------------------------------------------------------------

const [EXTENSION, IMAGE, TRAILER] = [0x21, 0x2c, 0x3b];
const CONTROL = 0xf9; // how long a frame stays
const LOOPS = ["NETSCAPE2.0", "ANIMEXTS1.0"]; // how often they are shown

/**
 * A GIF without comments and application data such as XMP; frames and timing stay. Throws
 * RangeError if it is not a complete GIF.
 * @param {Uint8Array} bytes @returns {Uint8Array<ArrayBuffer>}
 */
export function withoutGifMetadata(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = [bytes.subarray(0, gifHead(view))];
  for (const { kind, begin, end } of gifBlocks(bytes, view)) {
    const control = kind === EXTENSION && bytes[begin + 1] === CONTROL;
    const loop = kind === EXTENSION && LOOPS.some((name) => starts(bytes, begin + 3, name));
    if (kind === IMAGE || control || loop) parts.push(bytes.subarray(begin, end));
  }
  return joined([...parts, Uint8Array.of(TRAILER)]);
}

/** The length of the header and the colour table. @param {DataView} view */
const gifHead = (view) => 13 + colours(view.getUint8(10));

/** The bytes of a colour table. @param {number} flags */
const colours = (flags) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** The blocks of a GIF up to its trailer, which many lack. Throws RangeError if a block is truncated.
 * @param {Uint8Array} bytes @param {DataView} view */
function* gifBlocks(bytes, view) {
  for (let at = gifHead(view); at !== bytes.length; ) {
    const kind = view.getUint8(at);
    if (kind === TRAILER) return;
    if (kind !== EXTENSION && kind !== IMAGE) throw new RangeError("not a block of a GIF");
    const data = kind === IMAGE ? at + 11 + colours(view.getUint8(at + 9)) : at + 2;
    let end = data;
    for (let length = view.getUint8(end); length > 0; length = view.getUint8(end))
      end += 1 + length;
    end += 1;
    if (end > bytes.length) throw new RangeError("a GIF that is cut off");
    yield { kind, begin: at, end };
    at = end;
  }
}
