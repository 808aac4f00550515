/**
 * Attachments: files under keys of their own, sealed and opened a chunk at a time.
 *
 *   const { sealed, file } = await sealFile(blob);  // send `sealed` to …/files/{file.id}
 *   const content = { t: "text", body, files: [{ ...file, name: blob.name, type: blob.type }] };
 *   const blob = await openFile(response.body, content.files[0]);
 *
 * Of a large file one chunk is in memory: what is made of it goes into a Blob, which browsers keep
 * elsewhere. Both throw WireError for what the protocol refuses, and `signal`'s reason once it
 * aborts; `progress(done, total)` counts bytes of the file.
 */

import { sha256 } from "../../vendor/@noble/hashes/sha2.js";
import { gcmOpen, gcmSeal } from "./box.js";
import { b64, concat, newId, randomBytes, unb64, unhex, WireError } from "./bytes.js";

/** @typedef {{id: string, key: string, size: number, sha: string}} FileSecrets of the protocol's
 *   `file`, what is not about its looks: `size` is the file's, `sha` of what the server has */
/** @typedef {{progress?: (done: number, total: number) => void, signal?: AbortSignal}} Progress */

const CHUNK = 65_536;
const TAG = 16;

/** @param {number} size of a file */
const chunks = (size) => Math.max(1, Math.ceil(size / CHUNK));

/**
 * Returns the size of a file once it is sealed.
 * @param {number} size bytes
 * @returns {number} bytes
 */
export const sealedSize = (size) => size + TAG * chunks(size);

/**
 * A file under a fresh key; `sealed` is what the server may have.
 * @param {Blob} blob @param {{id?: string} & Progress} [options]
 * @returns {Promise<{sealed: Blob, file: FileSecrets}>}
 */
export async function sealFile(blob, { id = newId(), progress, signal } = {}) {
  const key = randomBytes(32);
  const parts = [];
  const hash = sha256.create();
  for await (const chunk of sealChunks(blob, key, id)) {
    signal?.throwIfAborted();
    hash.update(chunk);
    parts.push(new Blob([/** @type {BlobPart} */ (chunk)]));
    progress?.(Math.min(parts.length * CHUNK, blob.size), blob.size);
  }
  const file = { id, key: b64(key), size: blob.size, sha: b64(hash.digest()) };
  return { sealed: new Blob(parts), file };
}

/**
 * Yields the sealed chunks of a file, in order. A key seals one file only.
 * @param {Blob} blob
 * @param {Uint8Array} key 32 bytes
 * @param {string} id hex, 16 bytes
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 * @throws {WireError} if `id` is not hex
 */
export async function* sealChunks(blob, key, id) {
  const many = chunks(blob.size);
  const aad = unhex(id);
  for (let i = 0; i < many; i += 1) {
    const plain = await blob.slice(i * CHUNK, (i + 1) * CHUNK).arrayBuffer();
    yield gcmSeal(key, ivOf(i, many), new Uint8Array(plain), aad);
  }
}

/**
 * Opens a sealed file: whole, unchanged and as long as its message says. The Blob has no type,
 * because the message's is its sender's claim, to be checked before it is used.
 * @param {ReadableStream<Uint8Array> | Blob} sealed
 * @param {FileSecrets} file
 * @param {Progress} [progress]
 * @returns {Promise<Blob>}
 * @throws {WireError} if it is another file, or was changed
 */
export async function openFile(sealed, { id, key, size, sha }, { progress, signal } = {}) {
  const many = chunks(size);
  const secret = unb64(key, 32);
  const aad = unhex(id);
  const hash = sha256.create();
  const parts = [];
  for await (const chunk of cut(sealed, sealedSize(size))) {
    signal?.throwIfAborted();
    hash.update(chunk);
    const plain = await gcmOpen(secret, ivOf(parts.length, many), chunk, aad);
    parts.push(new Blob([/** @type {BlobPart} */ (plain)]));
    progress?.(Math.min(parts.length * CHUNK, size), size);
  }
  if (b64(hash.digest()) !== sha) throw new WireError("another file");
  return new Blob(parts);
}

/** Sealed chunks out of pieces of any size; never more of them than a file of `total` bytes has.
 * @param {ReadableStream<Uint8Array> | Blob} sealed @param {number} total */
async function* cut(sealed, total) {
  let held = new Uint8Array(0);
  let left = total;
  for await (const piece of pieces(sealed)) {
    left -= piece.length;
    if (left < 0) throw new WireError("a file too long");
    held = concat(held, piece);
    let at = 0;
    for (; held.length - at >= CHUNK + TAG; at += CHUNK + TAG) {
      yield held.subarray(at, at + CHUNK + TAG);
    }
    held = held.slice(at);
  }
  if (left > 0) throw new WireError("a file too short");
  if (held.length > 0) yield held;
}

/** Not `for await` over the stream itself, which Safari does not know.
 * @param {ReadableStream<Uint8Array> | Blob} sealed */
async function* pieces(sealed) {
  const stream = sealed instanceof Blob ? sealed.stream() : sealed;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

/** @param {number} i @param {number} many chunks that the file has */
function ivOf(i, many) {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(7, i);
  iv[11] = i === many - 1 ? 1 : 0;
  return iv;
}
