/** One account's part of the database: its records, the key that seals them, and whether there is space. */

import { openAtRest, sealAtRest } from "./at-rest.js";

/** @typedef {import("./at-rest.js").Sealed} Sealed */
/** @typedef {import("../../vendor/idb/index.js").IDBPDatabase<import("./database.js").Records>} Database */

/** @typedef {"messages" | "keys" | "draft" | "unsent"} Kind of what is kept: `messages` stands for
 *   everything that the server has, too */

/** Something that exists only here could not be kept. */
export class FullStorageError extends Error {
  /** @override */
  name = "FullStorageError";

  /** @param {unknown} cause */
  constructor(cause) {
    super(
      "This browser’s storage is full. Free some space on this device, then try again. Nothing was lost on the server.",
      { cause },
    );
  }
}

/** @param {unknown} error */
const isFull = (error) =>
  error instanceof FullStorageError ||
  (error instanceof Error && error.name === "QuotaExceededError");

/** Events: `full` (`lacking` has changed). */
export class StorageSpace extends EventTarget {
  /** Kinds of what could not be kept in this visit. @type {Set<Kind>} */
  lacking = new Set();

  /**
   * Keeps what can be had again. Where the storage is full, the page goes on without.
   * @param {Kind} kind @param {() => Promise<unknown>} write
   * @returns {Promise<boolean>} whether it is kept
   * @throws {Error} that of `write`, if it failed for another reason
   */
  async keep(kind, write) {
    try {
      await write();
      return true;
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#note(kind);
      return false;
    }
  }

  /**
   * Keeps what exists only here.
   * @template Result
   * @param {Kind} kind @param {() => Promise<Result>} write
   * @returns {Promise<Result>}
   * @throws {FullStorageError} where the storage is full
   */
  async require(kind, write) {
    try {
      return await write();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#note(kind);
      throw new FullStorageError(error);
    }
  }

  /** @param {Kind} kind */
  #note(kind) {
    if (this.lacking.has(kind)) return;
    this.lacking.add(kind);
    this.dispatchEvent(new Event("full"));
  }
}

export class Scope {
  db;
  uid;
  space = new StorageSpace();
  /** @type {CryptoKey | undefined} the account's device key; undefined before its keys exist */
  deviceKey;

  /** @param {Database} db @param {string} uid of the account */
  constructor(db, uid) {
    this.db = db;
    this.uid = uid;
  }

  /**
   * Returns the range of this account's records, or of those whose key begins with `rest`.
   * @param {...(string | number)} rest
   * @returns {IDBKeyRange}
   */
  range(...rest) {
    return IDBKeyRange.bound([this.uid, ...rest], [this.uid, ...rest, []]);
  }

  get #key() {
    if (!this.deviceKey) throw new Error("no account in this browser");
    return this.deviceKey;
  }

  /**
   * Seals bytes under the device key.
   * @param {Uint8Array} bytes
   * @returns {Promise<Sealed>}
   * @throws {Error} if this browser has no account
   */
  seal(bytes) {
    return sealAtRest(this.#key, bytes);
  }

  /**
   * Opens bytes that `seal` sealed.
   * @param {Sealed} sealed
   * @returns {Promise<Uint8Array>}
   * @throws {Error} if this browser has no account
   */
  open(sealed) {
    return openAtRest(this.#key, sealed);
  }

  /**
   * Seals a JSON value under the device key.
   * @param {unknown} value
   * @returns {Promise<Sealed>}
   * @throws {Error} if this browser has no account
   */
  sealJson(value) {
    return this.seal(toBytes(value));
  }

  /**
   * Opens a JSON value that `sealJson` sealed.
   * @template [Value=unknown] the shape of what was sealed, which the caller knows
   * @param {Sealed} sealed
   * @returns {Promise<Value>}
   * @throws {Error} if this browser has no account
   */
  async openJson(sealed) {
    return fromBytes(await this.open(sealed));
  }
}

/**
 * Encodes a value as JSON in UTF-8.
 * @param {unknown} value
 * @returns {Uint8Array}
 */
export const toBytes = (value) => new TextEncoder().encode(JSON.stringify(value));

/**
 * Decodes what `toBytes` encoded.
 * @template [Value=unknown] the shape of what was encoded, which the caller knows
 * @param {Uint8Array} bytes
 * @returns {Value}
 */
export const fromBytes = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
