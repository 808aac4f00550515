/**
 * Takes out of PNG and WebP files what only tells about their maker, without decoding them, so that
 * moving pictures go on moving. What stays is listed; everything else goes: EXIF, XMP, texts, times,
 * colour profiles (which name the screen or camera) and chunks that are not known. Every length in
 * a file is a stranger's word and is checked before it is used.
 */

import { joined, starts } from "./picture-file.js";

/** @typedef {{type: string, begin: number, data: number, end: number}} Chunk places in the file:
 *   of its head, of its data, and after all of it */

// --- PNG ----------------------------------------------------------------------------------------

const PNG_HEAD = "\x89PNG\r\n\x1a\n";
const PNG_KEPT = new Set([
  ...["IHDR", "PLTE", "tRNS", "IDAT", "IEND"],
  ...["acTL", "fcTL", "fdAT"], // what moves
  ...["gAMA", "cHRM", "sRGB", "cICP", "sBIT", "bKGD"], // numbers about colours
]);
const CRC = 4; // bytes after a chunk's data

/**
 * Tells whether a PNG has more than one frame.
 * @param {Uint8Array} bytes
 * @returns {boolean} false for what is no PNG, or is cut off
 */
export const isMovingPng = (bytes) =>
  starts(bytes, 0, PNG_HEAD) && isWholeAnd(() => countPngFrames(bytes) > 1);

/** @param {Uint8Array} bytes @throws {RangeError} if it is cut off before the first picture */
function countPngFrames(bytes) {
  const view = viewOf(bytes);
  for (const { type, data, end } of pngChunks(bytes, view)) {
    if (type === "IDAT") return 1; // as decoders read it: the number of frames comes before
    if (type === "acTL") return end - data >= 8 + CRC ? view.getUint32(data) : 1;
  }
  return 0;
}

/**
 * Returns a PNG without its metadata.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {RangeError} if it is not a whole PNG
 */
export function withoutPngMetadata(bytes) {
  if (!starts(bytes, 0, PNG_HEAD)) throw new RangeError("not a PNG");
  const parts = [bytes.subarray(0, PNG_HEAD.length)];
  for (const { type, begin, end } of pngChunks(bytes, viewOf(bytes))) {
    if (parts.length === 1 && type !== "IHDR") throw new RangeError("a PNG without a header");
    if (PNG_KEPT.has(type)) parts.push(bytes.subarray(begin, end));
  }
  return joined(parts);
}

/** The chunks up to the last one, which must be there; what comes after it is no picture.
 * @param {Uint8Array} bytes @param {DataView} view @returns {Generator<Chunk>} */
function* pngChunks(bytes, view) {
  for (let begin = PNG_HEAD.length; ; ) {
    const length = view.getUint32(begin);
    const data = begin + 8;
    const end = data + length + CRC;
    if (end > bytes.length) throw new RangeError("a PNG that is cut off");
    const type = nameAt(bytes, begin + 4);
    yield { type, begin, data, end };
    if (type === "IEND") return;
    begin = end;
  }
}

// --- WebP ---------------------------------------------------------------------------------------

const WEBP_HEAD = 12; // bytes: RIFF, length, WEBP
const WEBP_KEPT = new Set(["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF"]);
const FRAME_KEPT = new Set(["VP8 ", "VP8L", "ALPH"]);
const FRAME_HEAD = 16; // bytes of a frame before its own chunks
const [MOVES, ALPHA] = [0x02, 0x10]; // flags of VP8X that stay true

/**
 * Tells whether a WebP is an animation.
 * @param {Uint8Array} bytes
 * @returns {boolean} false for what is no WebP, or is cut off
 */
export const isMovingWebp = (bytes) => isWebp(bytes) && isWholeAnd(() => hasWebpFrames(bytes));

/** @param {Uint8Array} bytes @throws {RangeError} if it is cut off before the first picture */
function hasWebpFrames(bytes) {
  const view = viewOf(bytes);
  for (const { type, data, end } of webpChunks(bytes, view, WEBP_HEAD, bytes.length)) {
    if (type === "ANMF") return true;
    if (type === "VP8X" && end > data) return (view.getUint8(data) & MOVES) !== 0;
  }
  return false;
}

/**
 * Returns a WebP without its metadata.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {RangeError} if it is not a whole WebP
 */
export function withoutWebpMetadata(bytes) {
  if (!isWebp(bytes)) throw new RangeError("not a WebP");
  const view = viewOf(bytes);
  const end = WEBP_HEAD - 4 + view.getUint32(4, true);
  if (end > bytes.length) throw new RangeError("a WebP that is cut off");
  const kept = [];
  for (const chunk of webpChunks(bytes, view, WEBP_HEAD, end)) {
    if (WEBP_KEPT.has(chunk.type)) kept.push(withoutSecrets(bytes, view, chunk));
  }
  const body = joined(kept);
  return joined([asciiOf("RIFF"), uint32(4 + body.length), asciiOf("WEBP"), body]);
}

/** @param {Uint8Array} bytes @param {DataView} view @param {Chunk} chunk */
function withoutSecrets(bytes, view, { type, begin, data, end }) {
  if (type === "VP8X") {
    const head = bytes.slice(begin, end);
    head[data - begin] &= MOVES | ALPHA;
    return head;
  }
  return type === "ANMF" ? frame(bytes, view, data) : bytes.subarray(begin, end);
}

/** A frame has chunks of its own. @param {Uint8Array} bytes @param {DataView} view
 * @param {number} data where it begins */
function frame(bytes, view, data) {
  const size = view.getUint32(data - 4, true);
  if (size < FRAME_HEAD) throw new RangeError("a frame that is cut off");
  const parts = [bytes.subarray(data, data + FRAME_HEAD)];
  for (const chunk of webpChunks(bytes, view, data + FRAME_HEAD, data + size)) {
    if (FRAME_KEPT.has(chunk.type)) parts.push(bytes.subarray(chunk.begin, chunk.end));
  }
  const body = joined(parts); // every part is even, and so is their sum
  return joined([asciiOf("ANMF"), uint32(body.length), body]);
}

/** @param {Uint8Array} bytes */
const isWebp = (bytes) => starts(bytes, 0, "RIFF") && starts(bytes, 8, "WEBP");

/** @param {Uint8Array} bytes @param {DataView} view @param {number} from @param {number} to
 * @returns {Generator<Chunk>} */
function* webpChunks(bytes, view, from, to) {
  for (let begin = from; begin < to; ) {
    const length = view.getUint32(begin + 4, true);
    const data = begin + 8;
    const end = data + length + (length % 2); // with the byte that makes it even
    if (end > to) throw new RangeError("a WebP that is cut off");
    yield { type: nameAt(bytes, begin), begin, data, end };
    begin = end;
  }
}

/** False for a file that is cut off: what can be decoded of it is drawn anew.
 * @param {() => boolean} check */
function isWholeAnd(check) {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

// --- bytes --------------------------------------------------------------------------------------

/** @param {Uint8Array} bytes */
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** @param {Uint8Array} bytes @param {number} at */
const nameAt = (bytes, at) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** @param {string} text */
const asciiOf = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** @param {number} n */
function uint32(n) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n, true);
  return bytes;
}
