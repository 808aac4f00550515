/** Redraws pictures before they are sent, so that no camera, place or time is left in them. */

import { withoutGifMetadata } from "./picture-file.js";

/** Types that are shown inline; files of any other type are only saved. */
export const SHOWN = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);
const REDRAWN = new Set(["image/png", "image/jpeg", "image/webp"]);
const LONGEST = 4096; // pixels
const QUALITY = 0.9;

/**
 * @param {File} file
 * @returns {Promise<{blob: Blob, about: {name: string, type: string, w?: number, h?: number}}>}
 *   what is to be sent; a file that is no picture goes as it is
 */
export async function prepare(file) {
  const plain = { blob: file, about: { name: file.name || "file", type: file.type || ANY } };
  if (!SHOWN.has(file.type)) return plain;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return { ...plain, about: { ...plain.about, type: ANY } }; // it only claims to be one
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const w = Math.max(1, Math.round(bitmap.width * scale));
  const h = Math.max(1, Math.round(bitmap.height * scale));
  const drawn = REDRAWN.has(file.type) && (await redraw(bitmap, w, h, file.type));
  bitmap.close();
  // Redrawing an animation would keep one frame only.
  const blob = drawn || (await withoutMetadata(file));
  if (!blob) return { ...plain, about: { ...plain.about, type: ANY } };
  return { blob, about: { ...plain.about, w, h } };
}

/** A GIF without comments and other metadata; null if it is incomplete.
 * @param {File} file
 * @returns {Promise<Blob | null>} */
async function withoutMetadata(file) {
  try {
    const bytes = withoutGifMetadata(new Uint8Array(await file.arrayBuffer()));
    return new Blob([bytes], { type: file.type });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const ANY = "application/octet-stream";

/** @param {ImageBitmap} bitmap @param {number} w @param {number} h @param {string} type
 * @returns {Promise<Blob>} */
function redraw(bitmap, w, h, type) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [w, h];
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(bitmap, 0, 0, w, h);
  return new Promise((resolve, reject) => {
    const done = (/** @type {Blob | null} */ blob) =>
      blob ? resolve(blob) : reject(new Error("This picture could not be read."));
    canvas.toBlob(done, type, QUALITY);
  });
}
