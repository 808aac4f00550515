/** What this browser keeps for one account. Every write is done when its promise resolves. */

import { newDeviceKey, openAtRest, sealAtRest } from "./at-rest.js";
import { openDatabase, STORE_NAMES } from "./database.js";

/**
 * @typedef {object} AccountRecord
 * @property {string} uid
 * @property {string} name
 * @property {string} kid
 * @property {import("../crypto/identity.js").Keys} keys
 * @property {CryptoKey} deviceKey
 * @property {string} dev
 * @property {boolean} kitSaved
 * @property {string[]} [past] one's keys from before a reset, by kid
 * @property {PublishedIdentity[]} [chain] the account's identities, oldest first
 *
 * @typedef {{kid: string, body: string, sig: string}} PublishedIdentity an identity as it is published
 *
 * @typedef {object} PendingKeys keys that were made here and that the server may not have yet
 * @property {string} uid
 * @property {string} name
 * @property {string} kid
 * @property {import("../crypto/identity.js").Keys} keys
 * @property {string} dev
 * @property {string[]} past
 * @property {PublishedIdentity[]} chain
 * @property {CryptoKey} deviceKey
 * @property {import("./at-rest.js").Sealed} kit the recovery kit's file
 *
 * @typedef {object} Pin whose key is believed
 * @property {string} uid
 * @property {string} [name] missing in pins of older versions
 * @property {number} n
 * @property {string} kid
 * @property {string[]} past the keys that came before
 * @property {Record<string, Record<string, number>>} [stood] by older kid: how far each room's
 *   log was verified when the next key was approved, by room
 * @property {string} verified the kid whose number was compared, or ""
 *
 * @typedef {object} NameRecord who bears a user name
 * @property {string} name
 * @property {string} first the uid that it was seen with first
 * @property {Record<string, "new" | "accepted" | "refused">} others what was decided about
 *   further uids
 *
 * @typedef {object} DeviceChain this browser's last message in a room
 * @property {string} dev
 * @property {number} n
 * @property {string} pm its id
 * @property {number} lh the newest log event that it named: the next may not name an older one
 * @property {[number, string]} sh the newest message that it named, likewise
 *
 * @typedef {object} OutboxEntry an unsent message, in the order of `at`
 * @property {string} room
 * @property {string} cid
 * @property {number} at
 * @property {any} content
 * @property {any} [sealed] the bytes to send, the same ones again after a lost answer
 * @property {"queued" | "failed" | "acked"} state
 * @property {string} [error]
 * @property {number} [seq] once acked
 *
 * @typedef {object} SummaryRequest a summary that was asked for here
 * @property {string} rid
 * @property {string} reply b64, the key of the answer
 * @property {number} dis
 * @property {number} from
 * @property {number} to
 * @property {number} a
 * @property {number} b
 * @property {number} base the `dis` of the summary that it goes on from, or 0
 * @property {[string, string][]} names what stands for whom, where names were replaced
 */

const KEPT_ROWS = 2000;
/** @param {any} value */
const bytesOf = (value) => new TextEncoder().encode(JSON.stringify(value));
/** @param {Uint8Array} bytes */
const jsonOf = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

export class Store {
  /** @type {import("../../vendor/idb/index.js").IDBPDatabase<any>} */
  #db;
  #uid;
  /** @type {CryptoKey | undefined} */
  #deviceKey;

  /** @param {any} database @param {string} uid */
  constructor(database, uid) {
    this.#db = database;
    this.#uid = uid;
  }

  /** @param {string} uid */
  static async open(uid) {
    const store = new Store(await openDatabase(), uid);
    const account = await store.account();
    store.#deviceKey = account?.deviceKey;
    return store;
  }

  close() {
    this.#db.close();
  }

  // --- the account -------------------------------------------------------------------------

  /** @returns {Promise<AccountRecord | undefined>} */
  account() {
    return this.#db.get("accounts", this.#uid);
  }

  /**
   * Make keys the account's. Keys that are here already give way only to ones that follow from
   * them by a reset; then what this browser has verified and holds stays, and it goes on writing
   * as a new device.
   * @param {Omit<AccountRecord, "deviceKey">} account whose identity the server has
   * @returns {Promise<boolean>} false where they were the account's before
   * @throws where other keys are here
   */
  async installAccount(account) {
    const { kid, past = [] } = account;
    const fresh = await newDeviceKey();
    const names = ["accounts", "pending", "chains", "outbox"];
    const transaction = this.#db.transaction(names, "readwrite");
    const before = await transaction.objectStore("accounts").get(this.#uid);
    const changes = before?.kid !== kid;
    const allowed = !before || !changes || past.includes(before.kid);
    const deviceKey = before?.deviceKey ?? fresh;
    if (allowed && changes) transaction.objectStore("accounts").put({ ...account, deviceKey });
    if (allowed && changes && before) await this.#becomeNewDevice(transaction);
    if (allowed) await this.#dropPending(transaction.objectStore("pending"), kid, past.length);
    await transaction.done;
    if (!allowed)
      throw new Error("This browser has other keys of this account. They were kept, and stay.");
    this.#deviceKey = deviceKey;
    return changes;
  }

  /** What was sealed and not taken is sealed anew. @param {any} transaction */
  async #becomeNewDevice(transaction) {
    transaction.objectStore("chains").delete(this.#range());
    const outbox = transaction.objectStore("outbox");
    for (const { sealed, ...entry } of await outbox.getAll(this.#range())) {
      outbox.put(entry.state === "acked" ? { ...entry, sealed } : entry);
    }
  }

  /** Pending keys are done with once they are the account's, or a later reset was published.
   * @param {any} pending @param {string} kid @param {number} resets */
  async #dropPending(pending, kid, resets) {
    for (const one of await pending.getAll(this.#range())) {
      if (one.kid === kid || one.past.length < resets) pending.delete([this.#uid, one.kid]);
    }
  }

  /** Keys made here whose identity was not seen at the server yet. @returns {Promise<PendingKeys[]>} */
  pendingKeys() {
    return this.#db.getAll("pending", this.#range());
  }

  /** Keep new keys beside those of the account, with their kit until they are published.
   * @param {Omit<PendingKeys, "deviceKey" | "kit">} made @param {string} file the kit's
   * @returns {Promise<PendingKeys>} */
  async savePendingKeys(made, file) {
    const deviceKey = await newDeviceKey();
    const kit = await sealAtRest(deviceKey, bytesOf(file));
    const pending = { ...made, deviceKey, kit };
    await this.#db.put("pending", { ...pending, me: this.#uid });
    return pending;
  }

  /** The recovery kit's file of pending keys. @param {PendingKeys} pending @returns {Promise<string>} */
  async kitOf({ deviceKey, kit }) {
    return jsonOf(await openAtRest(deviceKey, kit));
  }

  async confirmKit() {
    const account = await this.account();
    if (account) await this.#db.put("accounts", { ...account, kitSaved: true });
  }

  /** Erase everything that this browser has of the account. */
  async eraseAccount() {
    const transaction = this.#db.transaction(STORE_NAMES, "readwrite");
    for (const name of STORE_NAMES) {
      transaction.objectStore(name).delete(name === "accounts" ? this.#uid : this.#range());
    }
    await transaction.done;
  }

  /** The range of this account's records, or of one room's. @param {...(string | number)} rest */
  #range(...rest) {
    return IDBKeyRange.bound([this.#uid, ...rest], [this.#uid, ...rest, []]);
  }

  get #key() {
    if (!this.#deviceKey) throw new Error("no account in this browser");
    return this.#deviceKey;
  }

  // --- who others are ------------------------------------------------------------------------

  /** @param {string} uid @returns {Promise<Pin | undefined>} */
  async pin(uid) {
    const kept = await this.#db.get("pins", [this.#uid, uid]);
    return kept && { past: [], verified: "", ...kept };
  }

  /** @param {Pin} pin */
  async savePin(pin) {
    await this.#db.put("pins", { ...pin, me: this.#uid });
  }

  /** @returns {Promise<Map<string, Pin>>} by uid */
  async pins() {
    const kept = await this.#db.getAll("pins", this.#range());
    return new Map(kept.map((pin) => [pin.uid, { past: [], verified: "", ...pin }]));
  }

  /** @returns {Promise<Map<string, NameRecord>>} by name */
  async names() {
    const kept = await this.#db.getAll("names", this.#range());
    return new Map(kept.map((record) => [record.name, record]));
  }

  /** @param {NameRecord} record */
  async saveName(record) {
    await this.#db.put("names", { ...record, me: this.#uid });
  }

  /**
   * Pin people who have no pin yet, and note further ones of a known name. Another tab may meet
   * somebody else first: what is there stays.
   * @param {{uid: string, name: string}} self whose own name it is
   * @param {Pin[]} found
   */
  async pinPeople(self, found) {
    const transaction = this.#db.transaction(["pins", "names"], "readwrite");
    const [pins, names] = ["pins", "names"].map((name) => transaction.objectStore(name));
    for (const pin of [self, ...found]) {
      if (pin !== self && !(await pins.get([this.#uid, pin.uid])))
        pins.put({ ...pin, me: this.#uid });
      const name = /** @type {string} */ (pin.name);
      const known = await names.get([this.#uid, name]);
      if (!known) names.put({ me: this.#uid, name, first: pin.uid, others: {} });
      else if (known.first !== pin.uid && !known.others[pin.uid])
        names.put({ ...known, others: { ...known.others, [pin.uid]: "new" } });
    }
    await transaction.done;
  }

  /** How far each room's log was verified. @returns {Promise<Record<string, number>>} seq by room */
  async verifiedHeads() {
    const logs = await this.#db.getAll("logs", this.#range());
    return Object.fromEntries(logs.map(({ room, state }) => [room, state.seq]));
  }

  // --- rooms -----------------------------------------------------------------------------------

  /** @param {string} room @returns {Promise<{state: any, identities: Map<string, any>} | undefined>} */
  log(room) {
    return this.#db.get("logs", [this.#uid, room]);
  }

  /** Keep a verified log; another tab may have verified more of it already.
   * @param {string} room @param {any} state @param {Map<string, any>} identities */
  async saveLog(room, state, identities) {
    const transaction = this.#db.transaction("logs", "readwrite");
    const kept = await transaction.store.get([this.#uid, room]);
    if (!(kept?.state.seq > state.seq)) {
      transaction.store.put({ me: this.#uid, room, state, identities });
    }
    await transaction.done;
  }

  /**
   * Forget what was verified of a room and begin again as a new device; what is unsent stays,
   * and what the server had acknowledged is unsent again.
   * @param {string} room @param {string} dev
   */
  async resetRoom(room, dev) {
    const names = ["logs", "rows", "chains", "outbox", "archive", "marks"];
    const transaction = this.#db.transaction(names, "readwrite");
    transaction.objectStore("logs").delete([this.#uid, room]);
    for (const name of ["rows", "archive", "marks"])
      transaction.objectStore(name).delete(this.#range(room));
    const chain = { dev, n: 0, pm: "", lh: 0, sh: [0, ""], me: this.#uid, room };
    transaction.objectStore("chains").put(chain);
    const outbox = transaction.objectStore("outbox");
    for (const { sealed: _old, seq: _gone, ...entry } of await outbox.getAll(this.#range(room))) {
      outbox.put({ ...entry, state: entry.state === "acked" ? "failed" : entry.state });
    }
    await transaction.done;
  }

  /** A key that the log no longer commits to. @param {string} room @param {number} e */
  async dropKey(room, e) {
    await this.#db.delete("keys", [this.#uid, room, e]);
  }

  /** Everything kept of a room, gone: after leaving it. @param {string} room */
  async dropRoom(room) {
    const whole = ["logs", "chains", "drafts"];
    const names = [...whole, "keys", "outbox", "rows", "asks", "archive", "marks"];
    const transaction = this.#db.transaction(names, "readwrite");
    for (const name of names) {
      const range = whole.includes(name) ? [this.#uid, room] : this.#range(room);
      await transaction.objectStore(name).delete(range);
    }
    await transaction.done;
  }

  /** @param {string} room @returns {Promise<Map<number, Uint8Array>>} keys by epoch */
  async keys(room) {
    const found = new Map();
    for (const { e, sealed } of await this.#db.getAll("keys", this.#range(room))) {
      found.set(e, await openAtRest(this.#key, sealed));
    }
    return found;
  }

  /** @param {string} room @param {number} e @param {Uint8Array} key */
  async saveKey(room, e, key) {
    const sealed = await sealAtRest(this.#key, key);
    await this.#db.put("keys", { me: this.#uid, room, e, sealed });
  }

  // --- messages as they came ---------------------------------------------------------------------

  /** @param {string} room @param {any[]} rows */
  async saveRows(room, rows) {
    const transaction = this.#db.transaction("rows", "readwrite");
    for (const row of rows) transaction.store.put({ ...row, me: this.#uid, room });
    await transaction.done;
  }

  /** The newest rows kept, ascending. @param {string} room @param {number} limit */
  async lastRows(room, limit) {
    const rows = [];
    let cursor = await this.#db.transaction("rows").store.openCursor(this.#range(room), "prev");
    while (cursor && rows.length < limit) {
      const { me: _me, room: _room, ...row } = cursor.value;
      if (rows.length > 0 && row.seq !== rows[0].seq - 1) break;
      rows.unshift(row);
      cursor = await cursor.continue();
    }
    return rows;
  }

  /** The rows kept of a room from one number to another, ascending. @param {string} room
   * @param {number} from seq @param {number} to seq, included */
  async rowsBetween(room, from, to) {
    if (from > to) return [];
    const range = IDBKeyRange.bound([this.#uid, room, from], [this.#uid, room, to]);
    const found = await this.#db.getAll("rows", range);
    return found.map(({ me: _me, room: _room, ...row }) => row);
  }

  /** Drop the rows after a number: the server has other ones. @param {string} room
   * @param {number} last seq that stays */
  async dropRowsAfter(room, last) {
    const range = IDBKeyRange.bound([this.#uid, room, last], [this.#uid, room, []], true);
    await this.#db.delete("rows", range);
  }

  /** Keep only the newest rows of a room. @param {string} room @param {number} newest seq */
  async trimRows(room, newest) {
    const range = IDBKeyRange.bound([this.#uid, room], [this.#uid, room, newest - KEPT_ROWS]);
    await this.#db.delete("rows", range);
  }

  // --- messages to be sent -------------------------------------------------------------------------

  /** @param {string} room @returns {Promise<DeviceChain | undefined>} */
  chain(room) {
    return this.#db.get("chains", [this.#uid, room]);
  }

  /** @param {string} room @returns {Promise<OutboxEntry[]>} in the order they were written */
  async outbox(room) {
    const records = await this.#db.getAll("outbox", this.#range(room));
    const entries = await Promise.all(
      records.map(async ({ me: _me, content, ...entry }) => ({
        ...entry,
        content: jsonOf(await openAtRest(this.#key, content)),
      })),
    );
    return entries.sort((a, b) => a.at - b.at);
  }

  /** The rooms in which something waits to be sent. @returns {Promise<string[]>} */
  async unsentRooms() {
    const records = await this.#db.getAll("outbox", this.#range());
    const queued = records.filter(({ state }) => state === "queued");
    return [...new Set(queued.map(({ room }) => room))];
  }

  /** @param {OutboxEntry} entry */
  async addEntry(entry) {
    const content = await sealAtRest(this.#key, bytesOf(entry.content));
    await this.#db.put("outbox", { ...entry, content, me: this.#uid });
  }

  /**
   * Change an unsent message, its content apart; with `chain`, in the same transaction as the
   * place it takes. Another tab may have seen it arrive: then nothing is written.
   * @param {OutboxEntry} entry @param {DeviceChain} [chain]
   * @returns {Promise<boolean>} whether it was there
   */
  async updateEntry({ content: _kept, ...entry }, chain) {
    const transaction = this.#db.transaction(["outbox", "chains"], "readwrite");
    const outbox = transaction.objectStore("outbox");
    const record = await outbox.get([this.#uid, entry.room, entry.cid]);
    if (record) {
      outbox.put({ ...entry, content: record.content, me: this.#uid });
      if (chain) {
        transaction.objectStore("chains").put({ ...chain, me: this.#uid, room: entry.room });
      }
    }
    await transaction.done;
    return record !== undefined;
  }

  /** The server has it, as number `seq`. @param {string} room @param {string} cid
   * @param {number} seq */
  async ackEntry(room, cid, seq) {
    const transaction = this.#db.transaction("outbox", "readwrite");
    const record = await transaction.store.get([this.#uid, room, cid]);
    if (record) transaction.store.put({ ...record, state: "acked", seq });
    await transaction.done;
  }

  /** @param {string} room @param {string} cid */
  async dropEntry(room, cid) {
    await this.#db.delete("outbox", [this.#uid, room, cid]);
  }

  // --- drafts --------------------------------------------------------------------------------------

  /** @param {string} room @returns {Promise<string>} */
  async draft(room) {
    const found = await this.#db.get("drafts", [this.#uid, room]);
    return found ? jsonOf(await openAtRest(this.#key, found.sealed)) : "";
  }

  /** @param {string} room @param {string} text */
  async saveDraft(room, text) {
    if (text === "") {
      await this.#db.delete("drafts", [this.#uid, room]);
      return;
    }
    const sealed = await sealAtRest(this.#key, bytesOf(text));
    await this.#db.put("drafts", { me: this.#uid, room, sealed });
  }

  // --- summaries asked for, and what was allowed about them ------------------------------------------

  /** What is needed to open the answers that are waited for. @param {string} room
   * @returns {Promise<(SummaryRequest & {room: string})[]>} */
  async summaryRequests(room) {
    const kept = await this.#db.getAll("asks", this.#range(room));
    return Promise.all(
      kept.map(async ({ rid, sealed }) => ({
        rid,
        room,
        ...jsonOf(await openAtRest(this.#key, sealed)),
      })),
    );
  }

  /** @param {string} room @param {SummaryRequest} ask */
  async saveSummaryRequest(room, { rid, ...rest }) {
    const sealed = await sealAtRest(this.#key, bytesOf(rest));
    await this.#db.put("asks", { me: this.#uid, room, rid, sealed });
  }

  /** @param {string} room @param {string} rid */
  async dropSummaryRequest(room, rid) {
    await this.#db.delete("asks", [this.#uid, room, rid]);
  }

  /** What was decided in this browser, or undefined. @param {string} name @returns {Promise<any>} */
  async setting(name) {
    return (await this.#db.get("settings", [this.#uid, name]))?.value;
  }

  /** @param {string} name @param {any} value */
  async saveSetting(name, value) {
    await this.#db.put("settings", { me: this.#uid, name, value });
  }

  // --- what is kept for searching --------------------------------------------------------------------

  /** How far something has come in a room. @param {string} room @param {string} what
   * @returns {Promise<any>} undefined for not begun */
  async progress(room, what) {
    return (await this.#db.get("marks", [this.#uid, room, what]))?.value;
  }

  /** @param {string} room @param {string} what @param {any} value */
  async saveProgress(room, what, value) {
    await this.#db.put("marks", { me: this.#uid, room, what, value });
  }

  /** What `saveArchive` has kept of a room, segment by segment. @param {string} room
   * @returns {Promise<any[]>} */
  async archive(room) {
    const kept = await this.#db.getAll("archive", this.#range(room));
    return Promise.all(kept.map(async ({ sealed }) => jsonOf(await openAtRest(this.#key, sealed))));
  }

  /** Keep segments of a room's messages, sealed, and how far they go, in one transaction.
   * @param {string} room @param {Map<number, any>} segments by number; null drops one
   * @param {any} mark */
  async saveArchive(room, segments, mark) {
    const sealed = await Promise.all(
      [...segments].map(async ([segment, value]) => ({
        segment,
        sealed: value && (await sealAtRest(this.#key, bytesOf(value))),
      })),
    );
    const transaction = this.#db.transaction(["archive", "marks"], "readwrite");
    const archive = transaction.objectStore("archive");
    for (const one of sealed) {
      if (one.sealed) archive.put({ me: this.#uid, room, ...one });
      else archive.delete([this.#uid, room, one.segment]);
    }
    transaction.objectStore("marks").put({ me: this.#uid, room, what: "archive", value: mark });
    await transaction.done;
  }

  /** @param {string} room */
  async dropArchive(room) {
    const transaction = this.#db.transaction(["archive", "marks"], "readwrite");
    transaction.objectStore("archive").delete(this.#range(room));
    transaction.objectStore("marks").delete([this.#uid, room, "archive"]);
    await transaction.done;
  }
}
