/** The storage of one account in this browser. Every write is durable when its promise resolves; where
 * the storage is full, what the server has, too, is left out (scope.js). */

import { AccountStore } from "./accounts.js";
import { openDatabase, STORE_NAMES } from "./database.js";
import { DraftStore } from "./drafts.js";
import { MessageStore } from "./messages.js";
import { OutboxStore } from "./outbox.js";
import { PeopleStore } from "./people.js";
import { RoomStore } from "./rooms.js";
import { Scope } from "./scope.js";
import { SettingStore } from "./settings.js";

export class Store {
  #scope;

  /** @param {Scope} scope */
  constructor(scope) {
    this.#scope = scope;
    this.space = scope.space;
    this.accounts = new AccountStore(scope);
    this.people = new PeopleStore(scope);
    this.rooms = new RoomStore(scope);
    this.messages = new MessageStore(scope);
    this.outbox = new OutboxStore(scope);
    this.drafts = new DraftStore(scope);
    this.settings = new SettingStore(scope);
  }

  /**
   * Opens the database for an account.
   * @param {string} uid
   * @returns {Promise<Store>}
   * @throws {DOMException} if the browser has no storage for this page
   */
  static async open(uid) {
    const scope = new Scope(await openDatabase(), uid);
    const store = new Store(scope);
    scope.deviceKey = (await store.accounts.current())?.deviceKey;
    return store;
  }

  /**
   * A part of the storage that few pages need. The module that needs it imports its class.
   * @template Part
   * @param {new (scope: Scope) => Part} Part such as `ArchiveStore`
   * @returns {Part}
   */
  part(Part) {
    return new Part(this.#scope);
  }

  /** Closes the database. */
  close() {
    this.#scope.db.close();
  }

  /** Erases everything that this browser has of the account. @returns {Promise<void>} */
  async eraseAccount() {
    const { db, uid } = this.#scope;
    const transaction = db.transaction(STORE_NAMES, "readwrite");
    for (const name of STORE_NAMES) {
      transaction.objectStore(name).delete(name === "accounts" ? uid : this.#scope.range());
    }
    await transaction.done;
  }
}
