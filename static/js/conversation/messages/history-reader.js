/** Reads pages of a room's messages, with the later messages that change what is in them. */

import { integer } from "../../crypto/body.js";
import { WireError } from "../../crypto/bytes.js";
import { checkStoredMessage } from "../../crypto/check-row.js";
import { KEPT_PAGE, PAGE } from "./room-history.js";

/** @typedef {import("../../crypto/message.js").StoredMessage} StoredMessage */
/** @typedef {import("./message-window.js").Span} Span */
/**
 * @typedef {object} HistoryPage
 * @property {StoredMessage[]} messages ascending, each number once
 * @property {StoredMessage[]} changes later messages that change some of these, as far as the
 *   server names them
 * @property {number} first seq of the oldest message that the server has, 0 for none
 * @property {number} head seq of the newest
 * @property {number} around the message in the middle, 0 for pages that have none
 */

const wholeNumber = integer();

export class HistoryReader {
  #me;
  #id;

  /** @param {import("../account/account.js").Account} me @param {string} id of the room */
  constructor(me, id) {
    this.#me = me;
    this.#id = id;
  }

  /**
   * Reads a page, all of its later changes included. Nothing of it may be shown before these are
   * applied.
   * @param {string} query which page: "", "&before=…", "&after=…", "&around=…" or "&at=…"
   * @param {number} [limit]
   * @returns {Promise<HistoryPage>}
   * @throws {Error} if the answer has another shape or is about another message, or the server cannot
   *   be reached
   */
  async page(query, limit = PAGE) {
    const answer = await this.#me.api.get(`chatrooms/${this.#id}/messages?limit=${limit}${query}`);
    const { messages, refs = [], more_refs: more = null } = answer;
    const place = placeOf(answer, query);
    const rows = inOrder(messages);
    checkPlaces(rows, query, limit, place.around);
    if (rows.length === 0) return { messages: rows, changes: [], ...place };
    /** @type {Span} */
    const span = [rows[0].seq, rows[rows.length - 1].seq];
    const changes = more === null ? [] : await this.#changesBelow(span, more);
    return { messages: rows, changes: inOrder([...refs, ...changes]), ...place };
  }

  /** Reads the later messages that change some others, as far as the server names them.
   * @param {Span} span the numbers of these @returns {Promise<StoredMessage[]>}
   * @throws {Error} as `page` does */
  async changes(span) {
    return inOrder(await this.#changesBelow(span, Number.MAX_SAFE_INTEGER));
  }

  /** @param {Span} span @param {number} most below which seq @returns {Promise<StoredMessage[]>} */
  async #changesBelow([first, last], most) {
    const found = [];
    for (let below = most; ; ) {
      const page = await this.#me.api.get(
        `chatrooms/${this.#id}/refs?first=${first}&last=${last}&before=${below}`,
      );
      found.push(...page.refs);
      const next = page.more_refs ?? null;
      if (next === null) return found;
      if (!(next < below)) throw new WireError("an answer of another shape");
      below = next;
    }
  }

  /** Reads one message, if it is there. @param {number} seq
   * @returns {Promise<{row: StoredMessage | undefined, first: number, messages: StoredMessage[]}>} */
  async one(seq) {
    const path = `chatrooms/${this.#id}/messages?limit=1&after=${seq - 1}`;
    const { messages, first } = await this.#me.api.get(
      /** @type {`chatrooms/${string}/messages?limit=1&after=${number}`} */ (path),
    );
    wholeNumber(first);
    const [row] = inOrder(messages);
    return { row: row?.seq === seq ? row : undefined, first, messages };
  }
}

/**
 * Reads what is missing among rows that came; what the server does not have stays a gap.
 * @param {{page(query: string, limit: number): Promise<HistoryPage>}} reader
 * @param {StoredMessage[]} rows ascending, at least one
 * @param {number} after the number before which nothing is missing
 * @returns {Promise<StoredMessage[]>} ascending
 */
export async function fillGaps(reader, rows, after) {
  const all = new Map(rows.map((row) => [row.seq, row]));
  const last = rows[rows.length - 1].seq;
  for (let seq = after + 1; seq < last; seq += 1) {
    if (all.has(seq)) continue;
    const { messages } = await reader.page(`&after=${seq - 1}`, KEPT_PAGE);
    for (const row of messages) all.set(row.seq, row);
    if (messages.length === 0) break;
    seq = messages[0].seq;
  }
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

/**
 * The checked numbers of an answer. A server that answers for another message than the one asked
 * for would choose what is shown and what counts as read.
 * @param {{first: number, head: number, around?: number | null}} answer @param {string} query
 * @returns {{first: number, head: number, around: number}}
 */
function placeOf({ first, head, around }, query) {
  wholeNumber(first);
  wholeNumber(head);
  const [, by, asked] = /^&(around|at)=(\d+)$/.exec(query) ?? [];
  if (by === undefined) return { first, head, around: 0 };
  wholeNumber(around);
  const middle = Number(around);
  if (by === "around" && middle !== Math.min(Math.max(Number(asked), first), head))
    throw new WireError("an answer about another message");
  return { first, head, around: middle };
}

/**
 * Checks that rows stand where a page was asked for. A server that gives others would have everything
 * between them count as read.
 * @param {StoredMessage[]} rows @param {string} query @param {number} limit @param {number} around
 * @throws {WireError} if one stands elsewhere
 */
function checkPlaces(rows, query, limit, around) {
  const [, by, asked] = /^&(before|after)=(\d+)$/.exec(query) ?? [];
  let [low, high] = [1, Number.POSITIVE_INFINITY];
  if (around > 0) low = around - Math.floor(limit / 2);
  if (around > 0) high = low + limit - 1;
  if (by === "before") high = Number(asked) - 1;
  if (by === "after") low = Number(asked) + 1;
  if (rows.some(({ seq }) => seq < low || seq > high))
    throw new WireError("messages that were not asked for");
}

/** Checked rows by rising number; of two with one number the first counts.
 * @param {StoredMessage[]} given @returns {StoredMessage[]} */
export function inOrder(given) {
  const bySeq = new Map();
  for (const row of given) {
    checkStoredMessage(row);
    if (!bySeq.has(row.seq)) bySeq.set(row.seq, row);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** The numbers that a page answers for: the one in its middle was asked for, whether it came or not.
 * @param {HistoryPage} page @returns {Span} */
export function spanOf({ messages, around, first, head }) {
  const seqs = messages.map(({ seq }) => seq);
  if (around >= Math.max(first, 1) && around <= head) seqs.push(around);
  return [Math.min(...seqs), Math.max(0, ...seqs)];
}
