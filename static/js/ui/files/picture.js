/** Makes pictures ready to be sent: no camera, place or time is left in them. */

import { mayShow, pictureType, pixelSize, SHOWN, withoutGifMetadata } from "./picture-file.js";
import {
  isMovingPng,
  isMovingWebp,
  withoutPngMetadata,
  withoutWebpMetadata,
} from "./picture-metadata.js";

const MOST = 4096 * 3072; // pixels of all: a long picture of words stays wide enough to be read
const LONGEST = 16_383; // pixels: a WebP has no more
const THUMB = 840; // pixels: a picture in a message, on a dense screen
const WORTH = 150_000; // bytes; smaller pictures need no thumbnail
const QUALITY = 0.9;
const ANY = "application/octet-stream";
const SIGNATURE = 12; // bytes that tell what a file is
const HEAD = 1_048_576; // bytes in which a picture says how large it is

/** @typedef {{name: string, type: string, w?: number, h?: number}} About
 * @typedef {{blob: Blob, w: number, h: number}} Drawn */

/**
 * Returns what is to be sent. Still pictures are drawn anew, and shrunk where they are huge. Moving
 * ones would stand still then: their metadata is cut out instead. Other files go as they are. The bytes
 * tell what a file is: its name or its system may say something else, or nothing.
 * @param {File} file
 * @param {{thumbs?: boolean}} [options] whether a large picture gets a thumbnail
 * @returns {Promise<{blob: Blob, about: About, thumb?: Drawn}>}
 */
export async function prepare(file, { thumbs = false } = {}) {
  const claims = SHOWN.has(file.type);
  const plain = { name: file.name || "file", type: claims ? ANY : file.type || ANY };
  const type = (await typeOf(file)) || (claims ? file.type : "");
  if (!type) return { blob: file, about: plain };
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([file], { type }));
  } catch {
    return { blob: file, about: plain }; // it only claims to be one
  }
  try {
    const moving = await movingWithoutMetadata(file, type);
    if (moving) {
      const { width: w, height: h } = bitmap;
      return { blob: moving, about: { ...plain, type, w, h } };
    }
    const { blob, w, h } = await redraw(bitmap, scaleOf(bitmap), type);
    const thumb = thumbs && blob.size > WORTH ? await smaller(bitmap, blob) : undefined;
    return { blob, about: { ...plain, type: blob.type, w, h }, thumb };
  } finally {
    bitmap.close();
  }
}

/** The type of a picture that is known here, by its bytes; "" for any other file, and for what belongs to
 * another kind of file, such as a sound. @param {File} file */
async function typeOf(file) {
  if (file.type !== "" && !file.type.startsWith("image/")) return "";
  return pictureType(new Uint8Array(await file.slice(0, SIGNATURE).arrayBuffer()));
}

/** A picture that moves, without its metadata; null for one that stands still, and for one that is cut
 * off: what can be decoded of it is drawn anew. @param {File} file @param {string} type
 * @returns {Promise<Blob | null>} */
async function movingWithoutMetadata(file, type) {
  const cut = CUTTERS[type];
  if (!cut) return null;
  try {
    const bytes = cut(new Uint8Array(await file.arrayBuffer()));
    return bytes && new Blob([bytes], { type });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** @type {Record<string, (bytes: Uint8Array) => Uint8Array<ArrayBuffer> | null>} */
const CUTTERS = {
  "image/gif": withoutGifMetadata, // browsers cannot write one
  "image/png": (bytes) => (isMovingPng(bytes) ? withoutPngMetadata(bytes) : null),
  "image/webp": (bytes) => (isMovingWebp(bytes) ? withoutWebpMetadata(bytes) : null),
};

/** The scale at which a picture is sent: huge ones are shrunk. @param {{width: number, height: number}} picture */
export const scaleOf = ({ width, height }) =>
  Math.min(1, LONGEST / Math.max(width, height), Math.sqrt(MOST / (width * height)));

/** A thumbnail, if it is worth its own file. @param {ImageBitmap} bitmap @param {Blob} whole
 * @returns {Promise<Drawn | undefined>} */
async function smaller(bitmap, whole) {
  // WebP keeps transparency; what cannot be written in it becomes a PNG, and may not be smaller.
  const type = whole.type === "image/jpeg" ? whole.type : "image/webp";
  const made = await redraw(bitmap, toFit(bitmap, THUMB), type);
  return made.blob.size < whole.size / 2 ? made : undefined;
}

/**
 * @param {ImageBitmap} bitmap @param {number} scale @param {string} type that is wished; a browser that
 *   cannot write it makes a PNG
 * @returns {Promise<Drawn>}
 */
async function redraw(bitmap, scale, type) {
  const canvas = drawn(bitmap, scale);
  const blob = await new Promise((resolve, reject) => {
    const done = (/** @type {Blob | null} */ made) =>
      made ? resolve(made) : reject(new Error("This picture could not be read."));
    canvas.toBlob(done, type, QUALITY);
  });
  return { blob, w: canvas.width, h: canvas.height };
}

/** The scale at which no side is longer. @param {ImageBitmap} bitmap @param {number} longest pixels */
const toFit = ({ width, height }, longest) => Math.min(1, longest / Math.max(width, height));

/** A picture on a canvas. @param {ImageBitmap} bitmap @param {number} scale */
function drawn(bitmap, scale) {
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
  try {
    const type = await typeOf(file);
    if (!type) return null;
    const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
    if (!mayShow(pixelSize(head))) return null;
    const bitmap = await createImageBitmap(new Blob([file], { type }));
    const canvas = drawn(bitmap, toFit(bitmap, longest));
    bitmap.close();
    return canvas;
  } catch {
    return null; // the tray shows its name
  }
}
