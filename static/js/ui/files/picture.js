/** Makes pictures ready to be sent: no camera, place or time is left in them. */

import { mayShow, pixelSize, SHOWN, withoutGifMetadata } from "./picture-file.js";
import {
  isMovingPng,
  isMovingWebp,
  withoutPngMetadata,
  withoutWebpMetadata,
} from "./picture-metadata.js";

const LONGEST = 4096; // pixels
const THUMB = 840; // pixels: a picture in a message, on a dense screen
const WORTH = 150_000; // bytes; smaller pictures need no thumbnail
const QUALITY = 0.9;
const ANY = "application/octet-stream";
const HEAD = 1_048_576; // bytes in which a picture says how large it is

/** @typedef {{name: string, type: string, w?: number, h?: number}} About
 * @typedef {{blob: Blob, w: number, h: number}} Drawn */

/**
 * Returns what is to be sent. Still pictures are drawn anew, and shrunk where they are huge. Moving
 * ones would stand still then: their metadata is cut out instead. Other files go as they are.
 * @param {File} file
 * @param {{thumbs?: boolean}} [options] whether a large picture gets a thumbnail
 * @returns {Promise<{blob: Blob, about: About, thumb?: Drawn}>}
 */
export async function prepare(file, { thumbs = false } = {}) {
  const plain = { blob: file, about: { name: file.name || "file", type: file.type || ANY } };
  if (!SHOWN.has(file.type)) return plain;
  const unknown = { ...plain, about: { ...plain.about, type: ANY } }; // it only claims to be one
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return unknown;
  }
  try {
    const moving = await movingWithoutMetadata(file);
    if (moving) {
      const { width: w, height: h } = bitmap;
      return { blob: moving, about: { ...plain.about, w, h } };
    }
    const { blob, w, h } = await redraw(bitmap, LONGEST, file.type);
    const thumb = thumbs && blob.size > WORTH ? await smaller(bitmap, blob) : undefined;
    return { blob, about: { ...plain.about, w, h }, thumb };
  } catch (error) {
    if (error instanceof RangeError) return unknown;
    throw error;
  } finally {
    bitmap.close();
  }
}

/** A picture that moves, without its metadata; null for one that stands still.
 * @param {File} file @returns {Promise<Blob | null>} @throws {RangeError} if it is not a whole one */
async function movingWithoutMetadata(file) {
  const cut = CUTTERS[file.type];
  if (!cut) return null;
  const bytes = cut(new Uint8Array(await file.arrayBuffer()));
  return bytes && new Blob([bytes], { type: file.type });
}

/** @type {Record<string, (bytes: Uint8Array) => Uint8Array<ArrayBuffer> | null>} */
const CUTTERS = {
  "image/gif": withoutGifMetadata, // browsers cannot write one
  "image/png": (bytes) => (isMovingPng(bytes) ? withoutPngMetadata(bytes) : null),
  "image/webp": (bytes) => (isMovingWebp(bytes) ? withoutWebpMetadata(bytes) : null),
};

/** A thumbnail, if it is worth its own file. @param {ImageBitmap} bitmap @param {Blob} whole
 * @returns {Promise<Drawn | undefined>} */
async function smaller(bitmap, whole) {
  // WebP keeps transparency; what cannot be written in it becomes a PNG, and may not be smaller.
  const made = await redraw(bitmap, THUMB, whole.type === "image/jpeg" ? whole.type : "image/webp");
  return made.blob.size < whole.size / 2 ? made : undefined;
}

/**
 * @param {ImageBitmap} bitmap @param {number} longest pixels @param {string} type
 * @returns {Promise<Drawn>}
 */
async function redraw(bitmap, longest, type) {
  const canvas = drawn(bitmap, longest);
  const blob = await new Promise((resolve, reject) => {
    const done = (/** @type {Blob | null} */ made) =>
      made ? resolve(made) : reject(new Error("This picture could not be read."));
    canvas.toBlob(done, type, QUALITY);
  });
  return { blob, w: canvas.width, h: canvas.height };
}

/** A picture on a canvas, shrunk where it is larger. @param {ImageBitmap} bitmap
 * @param {number} longest pixels */
function drawn(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * Returns a small picture of a file that somebody chose here.
 * @param {File} file
 * @param {number} longest pixels
 * @returns {Promise<HTMLCanvasElement | null>} null for what is no picture, or too large a one
 */
export async function thumbnail(file, longest) {
  if (!SHOWN.has(file.type)) return null;
  try {
    const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
    if (!mayShow(pixelSize(head))) return null;
    const bitmap = await createImageBitmap(file);
    const canvas = drawn(bitmap, longest);
    bitmap.close();
    return canvas;
  } catch {
    return null; // the tray shows its name
  }
}
