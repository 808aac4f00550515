/** Pages of a room's messages: the server's, or those of this browser where the server gives none. */

import { loadCode } from "../load-code.js";

/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */

/** Messages that the server is asked for when a room opens: as many as fill most views, of one line each. */
export const PAGE = 30;
/** Those kept here that a room opens with. */
export const KEPT_PAGE = 50;
/** Those of a page on the way to other messages. */
export const LARGE_PAGE = 100;

/** The path of a room's newest page. @param {string} room */
export const newestPage = (room) =>
  /** @type {`chatrooms/${string}/messages?limit=${number}`} */ (
    `chatrooms/${room}/messages?limit=${PAGE}`
  );

/** Messages that this browser keeps are shown without either. */
export const loadReader = () => loadCode(() => import("./history-reader.js"));
const loadKeptHistory = () => loadCode(() => import("./kept-history.js"));

/** The server's pages; those of this browser where the server gives none. */
export class RoomHistory {
  #me;
  #session;
  /** @type {import("./history-reader.js").HistoryReader | null} */
  #server = null;
  /** @type {import("./kept-history.js").KeptHistory | null} */
  #kept = null;

  /** @param {import("../account/account.js").Account} me
   * @param {import("../room/room-session.js").RoomSession} session */
  constructor(me, session) {
    this.#me = me;
    this.#session = session;
  }

  /** True if pages are of what this browser keeps. */
  get isKept() {
    const { isOut, state } = this.#session;
    return isOut || state.ended;
  }

  async #reader() {
    if (!this.isKept) {
      const { HistoryReader } = await loadReader();
      this.#server ??= new HistoryReader(this.#me, this.#session.id);
      return this.#server;
    }
    const { KeptHistory } = await loadKeptHistory();
    this.#kept ??= new KeptHistory(this.#me, this.#session.id);
    return this.#kept;
  }

  /** See `HistoryReader.page`. @param {string} query @param {number} [limit]
   * @returns {Promise<import("./history-reader.js").HistoryPage>} */
  async page(query, limit) {
    return (await this.#reader()).page(query, limit);
  }

  /** See `HistoryReader.changes`. @param {import("./message-window.js").Span} span */
  async changes(span) {
    return (await this.#reader()).changes(span);
  }

  /** See `HistoryReader.one`. @param {number} seq */
  async one(seq) {
    return (await this.#reader()).one(seq);
  }
}

/**
 * The rows from a number on that a response lacks, or of which it gives other bytes.
 * @param {StoredMessage[]} kept @param {StoredMessage[]} given @param {number} from seq
 */
export function missingFrom(kept, given, from) {
  const there = new Map(given.map((row) => [row.seq, row]));
  return kept.filter((row) => row.seq >= from && !isSame(row, there.get(row.seq)));
}

/** @param {StoredMessage} row @param {StoredMessage | undefined} other */
const isSame = (row, other) =>
  other !== undefined &&
  signed.every((name) => Reflect.get(row, name) === Reflect.get(other, name));

const signed = ["h", "iv", "ct", "sha", "sig"];
