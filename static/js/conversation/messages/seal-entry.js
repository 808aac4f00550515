/** Seals an unsent message for the room's present state. */

import { fileIdsOf, refsOf, searchableText, writeContent } from "../../crypto/content.js";
import { sealMessage } from "../../crypto/message.js";
import { searchKey } from "../../crypto/roomkeys.js";
import { tokensFor } from "../search/search-terms.js";

/** @typedef {import("../../store/outbox.js").OutboxEntry} OutboxEntry */
/** @typedef {import("../../store/outbox.js").DeviceChain} DeviceChain */

const LONGEST = 65_535; // bytes that a message can hold

/** Returns why a content can never be sent; "" if it can. @param {object} content */
export function unsendable(content) {
  try {
    return writeContent(content).length > LONGEST
      ? "The message is too long. Divide it into parts."
      : "";
  } catch {
    return "The message has invalid characters. Remove them and send it again.";
  }
}

/**
 * Seals an unsent message as the next of this browser's chain.
 * @param {import("../account/account.js").Account} me
 * @param {import("../room/room-session.js").RoomSession} session
 * @param {OutboxEntry} entry
 * @param {DeviceChain | undefined} kept this browser's last message in the room
 * @param {[number, string]} highest the newest message that this tab holds
 * @returns {Promise<{sealed: import("../../store/outbox.js").SealedEntry, chain: DeviceChain} |
 *   null>} null without the room's present key
 */
export async function sealEntry(me, session, { cid, content }, kept, highest) {
  const { id: room, state, keys } = session;
  const key = keys.get(state.e);
  if (!key) return null;
  const { dev, n: before, pm } = kept ?? { dev: me.dev, n: 0, pm: "" };
  const n = before + 1;
  // Another tab may have seen newer messages than this one, and `sh` may not decrease.
  const sh = kept && kept.sh[0] > highest[0] ? kept.sh : highest;
  const lh = /** @type {[number, string]} */ ([state.seq, state.hash]);
  const { uid, kid } = me;
  const ts = Math.floor(me.clock.now());
  const about = { room, e: state.e, uid, kid, dev, n, pm, lh, sh, cid, ts };
  const bytes = await sealMessage(about, key, me.keys.ed.privateKey, content);
  const beside = await plainFields(session, content);
  return {
    sealed: { ...bytes, beside, dev, n, pm, lh: lh[0], sh },
    chain: { dev, n, pm: bytes.id, lh: lh[0], sh },
  };
}

/**
 * Returns the unsealed fields of the frame: the messages that this one changes and erases, its
 * files, and the blind tokens of its words.
 * @param {import("../room/room-session.js").RoomSession} session
 * @param {import("../../crypto/content.js").Content} content
 */
async function plainFields({ id, state, keys }, content) {
  /** @type {import("../../crypto/content.js").PlainFields} */
  const fields = {};
  const re = refsOf(content).map(([seq]) => seq);
  if (re.length > 0) fields.re = re;
  if (content.t === "delete") fields.erase = re;
  const files = fileIdsOf(content);
  if (files.length > 0) fields.files = files;
  const key = keys.get(state.g);
  if (state.policy.search === "server" && key) {
    // Also without words: the index then distinguishes an empty message from one without tokens.
    const sk = await searchKey(key, id, state.g);
    fields.tokens = await tokensFor(sk, searchableText(content), state.g);
  }
  return fields;
}
