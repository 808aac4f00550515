/** One stored row as people see it. What fails becomes a grey line and never shows its text. */

import { decryptMessage, MessageError, openHeader, verifyMessage } from "../crypto/message.js";

/** @typedef {import("../crypto/message.js").Row} Row */
/** @typedef {import("../crypto/message.js").Header} Header */
/**
 * @typedef {object} Item
 * @property {string} key stable; an unsent message keeps its key when it is stored
 * @property {number | null} seq
 * @property {"message" | "refused" | "newer" | "locked"} kind
 * @property {{uid: string, name: string, kid: string}} author
 * @property {boolean} mine
 * @property {number} ts ms
 * @property {string} text
 * @property {"sending" | "sent" | "failed" | "received"} state
 * @property {string} [error]
 * @property {boolean} [gap] something is missing before it
 * @property {boolean} [otherView] its author saw a different conversation
 *
 * @typedef {object} Read a row, judged by itself
 * @property {Row} row
 * @property {string} id "" if there is none to be read
 * @property {Header} [header]
 * @property {boolean} good whether header, signature and membership are right, and it opens
 * @property {Item} item
 */

/** @param {Row} row @returns {Item} */
export const refused = ({ seq }) => ({
  key: `seq:${seq}`,
  seq,
  kind: "refused",
  author: { uid: "", name: "", kid: "" },
  mine: false,
  ts: 0,
  text: "",
  state: "received",
});

export class Reader {
  #me;
  #session;

  /** @param {import("./me.js").Me} me @param {import("./room-session.js").RoomSession} session */
  constructor(me, session) {
    this.#me = me;
    this.#session = session;
  }

  /** Verify and open a row. @param {Row} row @returns {Promise<Read>} */
  async read(row) {
    let opened;
    try {
      opened = await openHeader(row);
      await this.#verify(row, opened);
    } catch (error) {
      if (isFault(error)) throw error;
      const { id = "", header } = opened ?? {};
      return { row, id, header, good: false, item: refused(row) };
    }
    const { id, header } = opened;
    const item = await this.#open(row, header);
    return { row, id, header, good: item.kind !== "refused", item };
  }

  /** A message may know of log events that have not come here yet.
   * @param {Row} row @param {import("../crypto/message.js").OpenedHeader} opened */
  async #verify(row, opened) {
    const session = this.#session;
    try {
      await verifyMessage(row, opened, session.state, session.identities);
    } catch (error) {
      if (!(error instanceof MessageError) || error.reason !== "ahead") throw error;
      await session.moved();
      await verifyMessage(row, opened, session.state, session.identities);
    }
  }

  /** @param {Row} row @param {Header} header @returns {Promise<Item>} */
  async #open(row, header) {
    const item = this.#about(row, header);
    const key = this.#session.keys.get(header.e);
    if (!key) return { ...item, kind: "locked" };
    try {
      const content = await decryptMessage(row, header, key);
      return content.t === "text" ? { ...item, text: content.body } : { ...item, kind: "newer" };
    } catch {
      return refused(row);
    }
  }

  /** @param {Row} row @param {Header} header @returns {Item} */
  #about(row, { uid, kid, cid, ts }) {
    const mine = uid === this.#me.uid;
    return {
      key: `${uid}:${cid}`,
      seq: row.seq,
      kind: "message",
      author: { uid, kid, name: this.#session.identities.get(kid)?.name ?? "" },
      mine,
      ts,
      text: "",
      state: mine ? "sent" : "received",
    };
  }
}

/** The server could not be reached: nothing is known of the message yet. @param {any} error */
const isFault = (error) => error instanceof Error && error.name === "ApiError";
