/** Writes down what this browser keeps of a room: words for people, signed rows as the proof. */

import { applyChanges } from "../messages/apply-changes.js";
import { MessageDecoder } from "../messages/decode-message.js";

const EVERYTHING = 1_000_000; // rows; more than a browser keeps

/**
 * @param {import("../account/account.js").Account} me
 * @param {import("./room-session.js").RoomSession} session
 * @returns {Promise<string>} JSON
 */
export async function exportKept(me, session) {
  const { id, profile, state } = session;
  const rows = await me.store.messages.lastRows(id, EVERYTHING);
  const decoder = new MessageDecoder(me, session);
  const reads = await Promise.all(rows.map((row) => decoder.decode(row)));
  const lines = applyChanges(reads.filter(({ good }) => good).map(({ message }) => message));
  const said = lines.filter(({ kind }) => kind === "message");
  const report = {
    sotto: "kept",
    v: 1,
    room: id,
    name: profile.name,
    by: { uid: me.uid, name: me.name, kid: me.kid },
    at: Math.floor(me.clock.now()),
    log: { seq: state.seq, hash: state.hash },
    exit: state.exits?.get(me.uid) ?? null,
    messages: said.map(({ seq, ts, author, text }) => ({ seq, ts, by: author.name, text })),
    unsent: await unsentTexts(me, id),
    rows,
  };
  return `${JSON.stringify(report, null, 1)}\n`;
}

/** The words that were not sent: messages that wait or failed, and the draft.
 * @param {import("../account/account.js").Account} me @param {string} room @returns {Promise<string[]>} */
async function unsentTexts({ store }, room) {
  const [queued, drafts] = await Promise.all([store.outbox.unsentTexts(), store.drafts.all()]);
  return [...queued, ...drafts].filter((one) => one.room === room).map(({ text }) => text);
}
