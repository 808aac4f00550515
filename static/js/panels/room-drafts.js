/**
 * The draft of a room: kept as it is typed, with what it answers or corrects, and shared with the
 * account's other tabs, which show the same.
 */

/** @typedef {import("../ui/composer/composer.js").Draft} Draft */
/** @typedef {import("../store/drafts.js").DraftStore} DraftStore */

/** @type {Draft} */
const NONE = { text: "" };

/** Drafts that could not be stored, by account and room: they live as long as the page.
 * @type {Map<string, Draft>} */
const unstored = new Map();

/** Has the browser ask before the page is left while it has such drafts. */
async function holdPage() {
  const { noteOnlyHere } = await import("../ui/unfinished.js");
  noteOnlyHere(unstored, unstored.size > 0);
}

export class RoomDrafts {
  #store;
  #room;
  #key;
  #channel;
  #onOther;
  #at = 0;
  /** @type {Draft | null} */
  #next = null;
  #saving = false;
  #closed = false;

  /**
   * @param {{uid: string, store: {drafts: Pick<DraftStore, "draft" | "saveDraft">}}} me
   * @param {string} room
   * @param {(draft: Draft) => void} onOther another tab has changed it
   * @param {(name: string) => BroadcastChannel} [makeChannel] to the other tabs
   */
  constructor({ uid, store }, room, onOther, makeChannel = (name) => new BroadcastChannel(name)) {
    this.#store = store.drafts;
    this.#room = room;
    this.#key = `${uid} ${room}`;
    this.#onOther = onOther;
    this.#channel = makeChannel(`sotto:draft:${uid}:${room}`);
    this.#channel.onmessage = ({ data }) => this.#onTabMessage(Number(data));
  }

  /** @returns {Promise<Draft>} an empty one, too, where the browser's storage fails */
  async load() {
    return (
      unstored.get(this.#key) ?? (await this.#store.draft(this.#room).catch(() => null)) ?? NONE
    );
  }

  /** Keeps a draft at once; of those that come while one is written the last.
   * @param {Draft} draft */
  save(draft) {
    this.#at = Math.max(Date.now(), this.#at + 1);
    this.#next = draft;
    if (!this.#saving) this.#write();
  }

  async #write() {
    this.#saving = true;
    try {
      while (this.#next) {
        const [draft, at] = [this.#next, this.#at];
        this.#next = null;
        await this.#keep(draft);
        if (!this.#closed) this.#channel.postMessage(at);
      }
    } catch {
      // Without storage the draft lives as long as its page.
    } finally {
      this.#saving = false;
    }
  }

  /** @param {Draft} draft @throws {Error} if it could not be stored */
  async #keep(draft) {
    try {
      await this.#store.saveDraft(this.#room, isEmpty(draft) ? null : draft);
      this.#noteUnstored(NONE);
    } catch (error) {
      this.#noteUnstored(draft);
      throw error;
    }
  }

  /** @param {Draft} draft an empty one for none */
  #noteUnstored(draft) {
    const before = unstored.size;
    if (isEmpty(draft)) unstored.delete(this.#key);
    else unstored.set(this.#key, draft);
    if (before !== unstored.size) holdPage().catch(() => {}); // the draft is in the page all the same
  }

  /** Begins to write the newest draft although another one is being written: the page may end now.
   * It is written once more after that one, which could end later. */
  flush() {
    const draft = this.#next;
    if (draft) this.#store.saveDraft(this.#room, isEmpty(draft) ? null : draft).catch(() => {});
  }

  /** @param {number} at ms; an older change than this tab's own says nothing new */
  async #onTabMessage(at) {
    if (!(at > this.#at)) return;
    this.#at = at;
    this.#noteUnstored(NONE); // the other tab has stored a newer one
    const draft = await this.load();
    if (this.#at === at) this.#onOther(draft);
  }

  /** Ends the exchange with other tabs; what is saved later is kept all the same. */
  close() {
    this.#closed = true;
    this.#channel.close();
  }
}

/** @param {Draft} draft */
const isEmpty = ({ text, mode }) => text === "" && !mode;
