/**
 * A room's conversation as items to render: stored and unsent messages with the messages they answer.
 * timeline-lines.js applies changes and places what stands between them.
 */

import { mentionsOf } from "../../crypto/content-parts.js";
import { countsAsUnread } from "../counting.js";
import { contentFields, namesMentioned } from "./decode-message.js";

/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("../../store/outbox.js").OutboxEntry} OutboxEntry */
/** @typedef {import("./types.js").Choice} Choice */
/** @typedef {import("./types.js").Poll} Poll */
/** @typedef {import("./types.js").Quote} Quote */
/** @typedef {import("./types.js").TimelineInput} TimelineInput */
/** @typedef {import("./types.js").TimelineItem} TimelineItem */

/** @type {Record<OutboxEntry["state"], Message["state"]>} */
const STATES = { queued: "sending", acked: "sent", failed: "failed" };
/** Kinds of lines that stand for a message. */
const COUNTED = new Set(["message", "locked", "newer"]);
const QUOTED = 1000; // characters
const BLOCKED = "somebody you blocked";
/** The mark of a room in this browser: when the person went on with the server's version, ms each. */
export const ACCEPTED = "accepted";

/** Tells whether something changes messages, or stands for an erased one.
 * @param {TimelineInput} scene */
export const hasChanges = ({ items, entries, lost = [] }) =>
  lost.length > 0 ||
  items.some(({ kind }) => isChange(kind)) ||
  entries.some(({ content }) => isChange(contentFields(content).kind));

/** @param {Message["kind"]} kind */
const isChange = (kind) => kind === "change" || kind === "erased";

/** Tells whether something changes messages or stands between them. @param {TimelineInput} scene */
export const hasLines = (scene) => {
  const { log, newKeys = [], accepted = [] } = scene;
  return hasChanges(scene) || log.length + newKeys.length + accepted.length > 0;
};

/**
 * @param {TimelineInput} scene
 * @param {typeof import("./timeline-lines.js") | null} [lines] what applies changes and places lines
 *   between the messages; without it there are no lines, and the scene may have no changes
 * @returns {TimelineItem[]}
 */
export function timelineItems(scene, lines = null) {
  const known = new Set(scene.items.map(({ key }) => key));
  const pending = scene.entries
    .map((entry) => unsent(scene, entry))
    .filter(({ key }) => !known.has(key));
  const all = [...scene.items, ...(lines?.lostChanges(scene) ?? []), ...pending];
  const applied = lines?.applyChanges(all, { allChanges: true }) ?? unchanged(all);
  const changed = applied.filter((line) => isShown(line, scene));
  const items = toItems(changed, scene);
  return lines?.withLines(items, scene) ?? items;
}

/** Requires that nothing is to be applied: what was deleted would show.
 * @param {Message[]} all @throws {TypeError} */
function unchanged(all) {
  if (all.some(({ kind }) => isChange(kind))) throw new TypeError("changes that nothing applies");
  return all;
}

/** Leaves out what stands outside of the window: it is here for what it changes.
 * @param {Message} line @param {TimelineInput} scene */
const isShown = ({ seq }, { shows, hasNewer }) =>
  seq === null ? !hasNewer : (shows?.(seq) ?? true);

/** Messages as they are drawn.
 * @param {Message[]} lines @param {TimelineInput} scene @returns {TimelineItem[]} */
export function toItems(lines, scene) {
  const bySeq = new Map(lines.map((line) => [line.seq, line]));
  return lines.map((line) => toItem(line, bySeq, scene));
}

/** An unsent message as a timeline item.
 * @param {TimelineInput} scene @param {OutboxEntry} entry @returns {Message} */
const unsent = ({ me: { uid, name, kid }, leads }, { cid, at, content, state, error }) => ({
  key: `${uid}:${cid}`,
  seq: null,
  id: "",
  author: { uid, name, kid },
  mine: true,
  leads,
  lh: Number.POSITIVE_INFINITY,
  ts: at,
  state: STATES[state],
  error,
  ...contentFields(content),
});

/** @param {Message} line
 * @param {Map<number | null, Message>} bySeq @param {TimelineInput} scene
 * @returns {TimelineItem} */
function toItem(line, bySeq, scene) {
  if (line.kind === "refused") return /** @type {TimelineItem} */ (line);
  if (scene.isHidden(line)) return hidden(line);
  const { reactions, votes, ...rest } = line;
  const { content } = line;
  const re = content?.t === "text" && content.re;
  const at = mentionsOf(content);
  return {
    ...rest,
    reactions: reactions && shownReactions(reactions, scene),
    poll: content?.t === "poll" ? poll(content, votes ?? {}, scene) : undefined,
    quote: re ? quote(re, bySeq, scene) : undefined,
    mentions: namesMentioned(content, scene.nameOf),
    forMe: at.includes(scene.me.uid),
    bot: scene.isBot?.(line.author.uid) ?? false,
    deleted: scene.isDeleted?.(line.author.uid) ?? false,
    counts: countsAsUnread({ mine: line.mine, hidden: false, change: !COUNTED.has(line.kind) }),
  };
}

/** @param {Message} line @returns {TimelineItem} */
const hidden = ({ reactions: _reactions, votes: _votes, ...line }) => ({
  ...line,
  kind: "blocked",
  text: "",
  content: null,
});

/** Reactions, without those of blocked people.
 * @param {[string, string[]][]} reactions @param {TimelineInput} scene @returns {Choice[]} */
const shownReactions = (reactions, scene) =>
  reactions
    .map(([emoji, uids]) => choice(emoji, uids.filter(isHeard(scene)), scene))
    .filter(({ names }) => names.length > 0);

/** @param {TimelineInput} scene @returns {(uid: string) => boolean} whether somebody is not blocked */
const isHeard =
  ({ isBlocked }) =>
  (uid) =>
    !isBlocked?.(uid);

/** @param {string} label @param {string[]} uids @param {TimelineInput} scene @returns {Choice} */
const choice = (label, uids, { me, nameOf, isBlocked }) => ({
  label,
  names: uids.map((uid) => (isBlocked?.(uid) ? BLOCKED : nameOf(uid))),
  mine: uids.includes(me.uid),
});

/** Votes of blocked people count, without their names: others see the same result.
 * @param {import("../../crypto/content.js").PollContent} content
 * @param {Record<string, number[]>} votes by uid @param {TimelineInput} scene @returns {Poll} */
function poll({ options, multi }, votes, scene) {
  const voters = Object.entries(votes).filter(([, picks]) => picks.length > 0);
  const chose = (/** @type {number} */ at) =>
    voters.filter(([, picks]) => picks.includes(at)).map(([uid]) => uid);
  return {
    options: options.map((option, at) => choice(option, chose(at), scene)),
    multi: multi === 1,
    voters: voters.length,
  };
}

/** @param {import("./decode-message.js").Ref} ref
 * @param {Map<number | null, Message>} bySeq @param {TimelineInput} scene
 * @returns {Quote} */
function quote([seq, id], bySeq, scene) {
  const found = bySeq.get(seq);
  if (!found || found.id !== id) return { seq, name: "", text: "", gone: found !== undefined };
  const { author, kind, text } = found;
  if (scene.isHidden(found)) return { seq, name: "", text: "", gone: true, blocked: true };
  const gone = kind !== "message";
  const mentions = namesMentioned(found.content, scene.nameOf);
  return { seq, name: author.name, text: gone ? "" : text.slice(0, QUOTED), mentions, gone };
}
