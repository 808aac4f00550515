/** The beginning of a timeline: what stands above the first message. */

import { peerOf } from "../conversation/room/names.js";
import { strings } from "../ui/strings.js";

/**
 * Returns what is known of the time before the first message.
 * @param {Pick<import("./conversation.js").Parts, "me" | "chat" | "room">} parts
 * @param {boolean} empty whether no message is shown
 * @returns {import("../ui/timeline/message.js").Start}
 */
export function startOf({ me, chat, room }, empty) {
  const { session, timeline } = room;
  const { state, isOut } = session;
  const written = chat.serverRoom(session.id)?.msg ?? 0;
  const over = isOut || state.ended;
  const late = empty ? over || (written > 0 && !timeline.hasOlder) : timeline.startsLate;
  const { ttl } = state.policy;
  // Nothing was written after the event that ended it.
  if (late && over && !(empty && session.hasEnded(state.ts))) return { kind: "kept" };
  if (late) return ttl > 0 ? { kind: "expired", days: ttl } : { kind: "lost" };
  if (state.kind !== "direct") return { kind: "beginning" };
  return { kind: "beginning", text: strings.startDirect(peerOf(session, me.uid)?.name ?? "") };
}
