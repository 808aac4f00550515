/** Read marks of the user, sent to the server now or after the next connection, also that of a later page. */

const UNSENT = "read-marks";

/** @typedef {Pick<import("../store/settings.js").SettingStore, "setting" | "saveSetting">} Settings */

export class ReadMarks {
  #list;
  #send;
  #settings;
  /** @type {Map<string, number>} seq by room, not sent yet */
  #unsent = new Map();

  /** @param {import("./room-list.js").RoomList} list
   * @param {(frame: import("../net/frames.js").ClientFrame) => boolean} send
   * @param {Settings} [settings] keep what is not sent yet */
  constructor(list, send, settings) {
    this.#list = list;
    this.#send = send;
    this.#settings = settings;
  }

  /**
   * Marks everything up to a message as read.
   * @param {string} room @param {number} seq
   * @returns {boolean} whether that is new
   */
  mark(room, seq) {
    // Before the person accepts a request, a read mark would reveal that they looked.
    if (this.#list.room(room)?.accepted === false) return false;
    if (!this.#list.read(room, seq)) return false;
    if (!this.#send({ type: "read", room, seq })) this.#keep(room, seq);
    return true;
  }

  /** @param {string} room @param {number} seq */
  #keep(room, seq) {
    this.#unsent.set(room, seq);
    this.#save().catch(() => {}); // sent as long as this page is there
  }

  async #save() {
    await this.#settings?.saveSetting(UNSENT, await this.#waiting());
  }

  /** All marks that wait, also those of an earlier page. @returns {Promise<Record<string, number>>} seq by
   * room */
  async #waiting() {
    const kept = await this.#settings?.setting(UNSENT);
    const all = { .../** @type {Record<string, number> | undefined} */ (kept) };
    for (const [room, seq] of this.#unsent) all[room] = Math.max(seq, all[room] ?? 0);
    return all;
  }

  /** Sends the marks that wait. Never rejects: those that cannot be sent wait on. */
  async flush() {
    const all = await this.#waiting().catch(() => Object.fromEntries(this.#unsent));
    const left = Object.entries(all).filter(([room, seq]) => !this.#sendOne(room, seq));
    if (left.length > 0 || Object.keys(all).length === 0) return;
    for (const [room, seq] of this.#unsent) if (all[room] >= seq) this.#unsent.delete(room);
    await this.#settings?.saveSetting(UNSENT, {}).catch(() => {}); // sent again, which changes nothing
  }

  /** @param {string} room @param {number} seq @returns {boolean} whether it could */
  #sendOne(room, seq) {
    this.#list.read(room, seq);
    return this.#send({ type: "read", room, seq });
  }
}
