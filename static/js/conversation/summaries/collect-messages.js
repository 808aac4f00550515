/** Collects the messages of a range for a summary. */

import { filesOf } from "../../crypto/content-parts.js";
import { applyChanges } from "../messages/apply-changes.js";
import { factOf, MessageDecoder } from "../messages/decode-message.js";
import { inOrder } from "../messages/history-reader.js";

/** @typedef {import("../messages/decode-message.js").DecodedMessage} DecodedMessage */
/**
 * @typedef {object} SummaryRange a stretch that ends with the newest message
 * @property {number} [after] the seq before its first message
 * @property {number} [since] ms
 * @property {number} [most] messages
 *
 * @typedef {{seq: number, e: number, name: string, ts: number, text: string}} SummaryLine
 *
 * @typedef {object} CollectedMessages
 * @property {SummaryLine[]} said in order
 * @property {number} hidden messages that are left out: of people who were blocked
 * @property {number} locked those whose key is not here
 * @property {boolean} cut whether older ones were left out because there are too many
 */

const PAGE = 200;

/**
 * Reads a range from its end back to its beginning: verified messages with their edits, without
 * deleted ones.
 * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
 * @param {SummaryRange} wanted
 * @param {{limit: number, isHidden?: (uid: string) => boolean, signal?: AbortSignal}} how `limit`:
 *   messages that are taken at most, the newest ones
 * @returns {Promise<CollectedMessages>}
 */
export async function collectMessages(
  me,
  session,
  wanted,
  { limit, isHidden = () => false, signal },
) {
  const { after = 0, since = 0, most = Number.POSITIVE_INFINITY } = wanted;
  const reader = new MessageDecoder(me, session);
  const enough = Math.min(most, limit + 1);
  /** @type {DecodedMessage[]} */
  let reads = [];
  for (let more = true; more; ) {
    signal?.throwIfAborted();
    const before = reads.length > 0 ? `&before=${reads[0].stored.seq}` : "";
    const path = /** @type {const} */ (`chatrooms/${session.id}/messages?limit=${PAGE}${before}`);
    const { messages, first } = await me.api.get(path);
    const page = await reader.decodeAll(inOrder(messages));
    reads = [...page, ...reads];
    const [oldest] = page;
    more =
      oldest !== undefined &&
      oldest.stored.seq > Math.max(first, after + 1) &&
      (oldest.header?.ts ?? since) >= since &&
      texts(session, reads).length < enough;
  }
  const inside = texts(session, reads).filter(({ seq, ts }) => seq > after && ts >= since);
  const heard = inside.filter(({ uid }) => !isHidden(uid));
  const said = heard.slice(-Math.min(most, limit)).map(({ uid: _uid, ...rest }) => rest);
  const begin = said[0]?.seq ?? 0;
  return {
    said,
    hidden: inside.filter(({ uid, seq }) => isHidden(uid) && seq >= begin).length,
    locked: reads.filter(
      ({ message: item, stored: row }) => item.kind === "locked" && row.seq > after,
    ).length,
    cut: heard.length > said.length && said.length < most,
  };
}

/** The messages that the room accepts, by all that was seen of it.
 * @param {import("../room/room-session.js").RoomSession} session @param {DecodedMessage[]} reads in order */
function texts({ seen }, reads) {
  const facts = reads.map(factOf);
  seen.note(facts);
  const accepted = reads.filter((_, at) => seen.accepts(facts[at]));
  const epochs = new Map(accepted.map(({ stored: row, header }) => [row.seq, header?.e ?? 0]));
  return applyChanges(accepted.map(({ message: item }) => item))
    .filter(({ kind }) => kind === "message")
    .map((line) => ({
      seq: Number(line.seq),
      e: epochs.get(Number(line.seq)) ?? 0,
      uid: line.author.uid,
      name: line.author.name,
      ts: line.ts,
      text: wordsOf(line),
    }))
    .filter(({ text }) => text !== "");
}

/** The text of a message: with the options of a poll, and the names of files.
 * @param {import("../messages/decode-message.js").Message} line */
function wordsOf({ text, content }) {
  const options = content?.t === "poll" ? content.options : [];
  const files = filesOf(content).map(({ name }) => `[${name}]`);
  return [text, ...options.map((option) => `– ${option}`), ...files].filter(Boolean).join("\n");
}
