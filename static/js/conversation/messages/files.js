/** A room's attachments: sealed before upload, opened after download. */

import { FileTransfer } from "../../net/file-transfer.js";

/** @typedef {import("../../crypto/attachment.js").Progress} Progress */
/** @typedef {import("../../crypto/attachment.js").FileSecrets} FileSecrets */
/** @typedef {FileSecrets &
 *   {name: string, type: string, w?: number, h?: number, ms?: number,
 *   thumb?: import("../../crypto/content.js").Thumb}} RoomFile as messages name it */

/**
 * @typedef {object} SendOptions
 * @property {(done: number) => void} [progress] from 0 to 1
 * @property {AbortSignal} [signal]
 * @property {{blob: Blob, w: number, h: number}} [thumb] a smaller picture, uploaded as well
 */

/** Loads what seals and opens files with the first one: most pages show none. */
const loadSealing = () => import("../../crypto/attachment.js");

const SEALING = 0.2; // share of the progress; the rest is the network's

export class Files {
  #me;
  #room;
  #transfer;
  /** @type {Map<string, Promise<Blob>>} by id: what was opened is not fetched again */
  #opened = new Map();

  /** @param {Pick<import("../account/account.js").Account, "api">} me @param {string} room
   * @param {Pick<FileTransfer, "put" | "get">} [transfer] */
  constructor(me, room, transfer = new FileTransfer(me.api)) {
    this.#me = me;
    this.#room = room;
    this.#transfer = transfer;
  }

  /** @param {string} id */
  #path(id) {
    return `chatrooms/${this.#room}/files/${id}`;
  }

  /**
   * Seals and uploads a file; a message then names the result. A retry calls this again and seals
   * under another key, because a key seals one file only.
   * @param {Blob} blob @param {{name: string, type: string, w?: number, h?: number}} about
   * @param {SendOptions} [options]
   * @returns {Promise<RoomFile>}
   */
  async send(blob, about, { progress, signal, thumb } = {}) {
    await this.#checkRoomFor(blob, thumb?.blob);
    if (!thumb) return { ...(await this.#upload(blob, { progress, signal })), ...about };
    const { w, h, blob: small } = thumb;
    const part = { ...(await this.#upload(small, { signal })), type: small.type, w, h };
    return { ...(await this.#upload(blob, { progress, signal })), ...about, thumb: part };
  }

  /** @param {Blob} blob @param {Pick<SendOptions, "progress" | "signal">} watch */
  async #upload(blob, { progress, signal }) {
    const { sealFile } = await loadSealing();
    const { sealed, file } = await sealFile(blob, {
      signal,
      progress: (done, total) => progress?.((SEALING * done) / Math.max(1, total)),
    });
    await this.#transfer.put(this.#path(file.id), sealed, {
      signal,
      progress: (done, total) => progress?.(SEALING + ((1 - SEALING) * done) / total),
    });
    this.#opened.set(file.id, Promise.resolve(blob));
    return file;
  }

  /** Checks size and storage before anything is sent. @param {Blob} blob @param {Blob} [thumb] */
  async #checkRoomFor({ size }, thumb) {
    const { sealedSize } = await loadSealing();
    const {
      most,
      left,
      room_left: inRoom,
    } = await this.#me.api.get(`chatrooms/${this.#room}/files`);
    if (sealedSize(size) > most) throw new Error("The file is too large for this server.");
    const both = sealedSize(size) + (thumb ? sealedSize(thumb.size) : 0);
    if (both > left)
      throw new Error("Your files take all the room they may on this server. Delete some first.");
    if (both > (inRoom ?? both))
      throw new Error(
        "The files here take all the storage that they may. Delete some here first, or ask the administrator.",
      );
  }

  /** Downloads and verifies the file that a message names. Throws WireError if it differs.
   * @param {FileSecrets} file @param {Progress} [watch] @returns {Promise<Blob>} without a type */
  open(file, watch) {
    const known = this.#opened.get(file.id) ?? this.#fetch(file, watch);
    this.#opened.set(file.id, known);
    known.catch(() => this.#opened.delete(file.id));
    return known;
  }

  /** @param {FileSecrets} file @param {Progress} [watch] */
  async #fetch(file, watch) {
    const { openFile } = await loadSealing();
    return openFile(await this.#transfer.get(this.#path(file.id), watch?.signal), file, watch);
  }
}
