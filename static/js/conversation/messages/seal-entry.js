/** Sealing an unsent message for the room as it is now. */

import { refsOf, writeContent } from "../../crypto/content.js";
import { sealMessage } from "../../crypto/message.js";
import { searchKey } from "../../crypto/roomkeys.js";
import { tokensFor } from "../../crypto/tokens.js";

/** @typedef {import("../../store/outbox.js").OutboxEntry} OutboxEntry */
/** @typedef {import("../../store/outbox.js").DeviceChain} DeviceChain */

const LONGEST = 65_535; // bytes that a message can hold

/** Why a content can never be sent; "" if it can. @param {object} content */
export function unsendable(content) {
  try {
    return writeContent(content).length > LONGEST ? "It is too long. Divide it into parts." : "";
  } catch {
    return "It has characters that are none.";
  }
}

/**
 * @param {import("../account/account.js").Account} me
 * @param {import("../room/room-session.js").RoomSession} session
 * @param {OutboxEntry} entry
 * @param {DeviceChain | undefined} kept this browser's last message in the room
 * @param {[number, string]} highest the newest message that this tab holds
 * @returns {Promise<{sealed: any, chain: DeviceChain} | null>} null where the key is not there yet
 */
export async function sealEntry(me, session, { cid, content }, kept, highest) {
  const { id: room, state, keys } = session;
  const key = keys.get(state.e);
  if (!key) return null;
  const { dev, n: before, pm } = kept ?? { dev: me.dev, n: 0, pm: "" };
  const n = before + 1;
  // Another tab may have seen more than this one; what one has named may not fall.
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

/** What the server gets unsealed: which messages this one changes, which it has erased, and the
 * blind tokens of its words.
 * @param {import("../room/room-session.js").RoomSession} session @param {any} content */
async function plainFields({ id, state, keys }, content) {
  /** @type {Record<string, any>} */
  const beside = {};
  const re = refsOf(content).map(([seq]) => seq);
  if (re.length > 0) beside.re = re;
  if (content.t === "delete") beside.erase = re;
  if (content.files?.length > 0)
    beside.files = content.files.map((/** @type {{id: string}} */ { id: file }) => file);
  const key = keys.get(state.g);
  if (state.policy.search === "server" && key)
    // Of no word, too: whoever asks how far the index reaches can tell it from a message without.
    beside.tokens = await tokensFor(await searchKey(key, id, state.g), content.body ?? "", state.g);
  return beside;
}
