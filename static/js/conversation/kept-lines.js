/**
 * The lines of the room list as they were shown last, sealed: names, order, counts and previews stand
 * there before the server answers. Everything in them was verified here, or was counted by the server.
 */

/** @typedef {import("./room-list.js").KeptLine} KeptLine */

const LINES = "lines"; // the setting's name
const SAVE_AFTER = 1000; // ms; the list changes many times while it is described

export class KeptLines {
  #settings;
  #lines;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #closed = false;

  /** @param {Pick<import("../store/settings.js").SettingStore, "sealedSetting" | "saveSealedSetting">} settings
   * @param {() => KeptLine[]} lines those to be kept */
  constructor(settings, lines) {
    this.#settings = settings;
    this.#lines = lines;
  }

  /** @returns {Promise<KeptLine[]>} none, too, where the browser's storage fails */
  async load() {
    const kept = await this.#settings.sealedSetting(LINES).catch(() => null);
    return /** @type {KeptLine[] | null} */ (kept) ?? [];
  }

  /** Saves them in a moment. */
  saveSoon() {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => this.save(), SAVE_AFTER);
  }

  /** Saves them now. Never rejects: without storage there are none at the next visit. */
  async save() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#settings.saveSealedSetting(LINES, this.#lines()).catch(() => {});
  }

  /** Saves nothing more. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
