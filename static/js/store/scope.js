/** One account's part of the database: its records, and the key that seals them. */

import { openAtRest, sealAtRest } from "./at-rest.js";

/** @typedef {import("./at-rest.js").Sealed} Sealed */
/** @typedef {import("../../vendor/idb/index.js").IDBPDatabase<import("./database.js").Records>} Database */

export class Scope {
  db;
  uid;
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
   * @param {Sealed} sealed
   * @returns {Promise<any>} what was sealed here; the caller knows its shape
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
 * @param {Uint8Array} bytes
 * @returns {any}
 */
export const fromBytes = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
