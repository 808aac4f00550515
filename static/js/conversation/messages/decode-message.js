/** Verifies and decrypts stored messages. One that fails never shows its text. */

import { isKnown, mentionsOf } from "../../crypto/content-parts.js";
import { isTombstone } from "../../crypto/message-row.js";
import { atLog } from "../../crypto/room-state.js";
import { LateOpener } from "./late-opener.js";

/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("../../crypto/message.js").Header} Header */
/** @typedef {import("../../crypto/open-message.js").OpenedMessage} OpenedMessage */
/** @typedef {import("../../crypto/content.js").Ref} Ref */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").DecodedMessage} DecodedMessage */

/** @param {StoredMessage} row @returns {Message} */
export const refusedMessage = ({ seq }) => ({
  key: `seq:${seq}`,
  id: "",
  seq,
  kind: "refused",
  content: null,
  author: { uid: "", name: "", kid: "" },
  mine: false,
  leads: false,
  lh: 0,
  ts: 0,
  text: "",
  state: "received",
});

/** The facts of a message that judge others.
 * @param {DecodedMessage} read @returns {import("./seen-messages.js").SeenMessage} */
export const factOf = ({ stored: { seq }, id, header, good, message: { kind } }) => ({
  ...{ seq, id, header, good },
  locked: kind === "locked",
});

const HERE = new LateOpener();

export class MessageDecoder {
  #me;
  #session;
  #opener;

  /** @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session */
  constructor(me, session) {
    this.#me = me;
    this.#session = session;
    this.#opener = me.opener ?? HERE;
  }

  /** Starts what opens many rows, beside what fetches them. */
  prepare() {
    this.#opener.prepare();
  }

  /**
   * Verifies and decrypts a row.
   * @param {StoredMessage} row
   * @param {OpenedMessage} [known] what this gave at an earlier visit (kept-results.js)
   * @returns {Promise<DecodedMessage>}
   */
  async decode(row, known) {
    const { outcome, id, header, content } = known ?? (await this.#opened(row));
    const good = header !== undefined && outcome !== "refused" && outcome !== "ahead";
    if (!good) return { stored: row, id, header, good, message: refusedMessage(row) };
    const item = this.#message(row, id, header);
    return {
      stored: row,
      id,
      header,
      good,
      message: { ...item, ...fieldsOf(row, outcome, content) },
    };
  }

  /** Decodes rows side by side. @param {StoredMessage[]} rows
   * @param {Map<number, OpenedMessage>} [known] by seq, as `decode` takes them
   * @returns {Promise<DecodedMessage[]>} in the same order */
  decodeAll(rows, known) {
    return Promise.all(rows.map((row) => this.decode(row, known?.get(row.seq))));
  }

  /** A message may refer to log events that are not fetched yet.
   * @param {StoredMessage} row @returns {Promise<OpenedMessage>} */
  async #opened(row) {
    const opened = await this.#opener.open(row, this.#session);
    if (opened.outcome !== "ahead") return opened;
    try {
      await this.#session.refresh();
    } catch (error) {
      if (isServerError(error)) throw error;
      return opened;
    }
    return this.#opener.open(row, this.#session);
  }

  /** @param {StoredMessage} row @param {string} id @param {Header} header @returns {Message} */
  #message(row, id, { uid, kid, cid, ts, lh }) {
    const mine = uid === this.#me.uid;
    const { role } = atLog(this.#session.state, lh[0], uid);
    return {
      key: `${uid}:${cid}`,
      seq: row.seq,
      id,
      kind: "message",
      content: null,
      author: { uid, kid, name: this.#session.identities.get(kid)?.name ?? "" },
      mine,
      leads: role === "owner" || role === "moderator",
      lh: lh[0],
      ts,
      text: "",
      state: mine ? "sent" : "received",
    };
  }
}

/** @param {StoredMessage} row
 * @param {import("../../crypto/open-message.js").OpenedMessage["outcome"]} outcome
 * @param {import("../../crypto/content.js").Content | {t: string}} [content]
 * @returns {Partial<Message>} */
function fieldsOf(row, outcome, content) {
  if (isTombstone(row)) return { kind: "erased", erasedBy: row.del, changes: row.re !== undefined };
  return outcome === "locked" || !content ? { kind: "locked" } : contentFields(content);
}

/**
 * Returns the parts of a message that follow from its content.
 * @param {import("../../crypto/content.js").Content | {t: string}} content
 * @returns {Pick<Message, "kind" | "content" | "text">}
 */
export function contentFields(content) {
  if (!isKnown(content)) return { kind: "newer", content: null, text: "" };
  if (content.t === "text" || content.t === "poll")
    return { kind: "message", content, text: content.body };
  return { kind: "change", content, text: "" };
}

/** The names that stand out in a text: of the people that its sender's client says it mentions.
 * @param {import("../../crypto/content.js").Content | null} content
 * @param {(uid: string) => string} nameOf "" for unknown people */
export const namesMentioned = (content, nameOf) => mentionsOf(content).map(nameOf).filter(Boolean);

/** Tells whether the server was unreachable, which says nothing about the message.
 * @param {unknown} error */
const isServerError = (error) =>
  error instanceof Error && ["ApiError", "MissingCodeError"].includes(error.name);
