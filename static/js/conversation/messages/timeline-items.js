/**
 * A room's conversation as items to render: stored and unsent messages with their changes applied
 * and the messages they answer, and log events at their positions.
 */

import { mentionsOf } from "../../crypto/content-parts.js";
import { countsAsUnread } from "../counting.js";
import { applyChanges } from "./apply-changes.js";
import { contentFields } from "./decode-message.js";

/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("../room/activity-log.js").LogEntry} LogEntry */
/** @typedef {import("../../store/outbox.js").OutboxEntry} OutboxEntry */
/**
 * @typedef {Omit<Message, "kind" | "reactions" | "votes"> & {
 *   kind: Message["kind"] | "system" | "blocked" | "lost", count?: number,
 *   reactions?: Choice[], poll?: Poll, quote?: Quote, mentions?: string[], forMe?: boolean,
 *   bot?: boolean,
 *   counts?: boolean}} TimelineItem
 *   `lost` stands before messages that the server no longer has: `count` of them
 *   `counts`: whether it is unread after the read mark; `mentions` are names in the text; `forMe`: one of them is the reader's;
 *   `bot`: its author is a program
 * @typedef {{label: string, names: string[], mine: boolean}} Choice who chose an emoji or option
 * @typedef {{options: Choice[], multi: boolean, voters: number}} Poll
 * @typedef {{seq: number, name: string, text: string, gone: boolean}} Quote the message that is
 *   answered; without a name it is not loaded
 *
 * @typedef {object} TimelineInput
 * @property {{uid: string, name: string, kid: string}} me
 * @property {Message[]} items stored messages, in order
 * @property {OutboxEntry[]} entries unsent ones
 * @property {boolean} leads whether the reader is owner or moderator
 * @property {import("./lost-messages.js").Batch[]} [lost] what the server no longer has
 * @property {LogEntry[]} log verified events, oldest first
 * @property {{name: string, kid: string, ts: number}[]} [newKeys] members who ask to be let in with new
 *   keys
 * @property {number[]} [accepted] when the person went on with the server's version of the room, ms
 * @property {boolean} hasOlder whether earlier messages are not loaded
 * @property {boolean} [hasNewer] whether later messages are not loaded
 * @property {(seq: number) => boolean} [shows] whether a number is in the window; all by default
 * @property {(line: {key: string, author: {uid: string}}) => boolean} isHidden whether its author
 *   is not to be heard
 * @property {(uid: string) => boolean} [isBot] whether a member is a program, by the server's word
 * @property {(uid: string) => string} nameOf
 */

/** @type {Record<OutboxEntry["state"], Message["state"]>} */
const STATES = { queued: "sending", acked: "sent", failed: "failed" };
/** Events that a conversation shows; the log in words has all of them. */
const EVENTS = new Set([
  "join",
  "add",
  "remove",
  "leave",
  "role",
  "ban",
  "successor",
  "succeed",
  "policy",
  "epoch",
  "reset",
  "close",
  "disclose",
]);
/** Kinds of lines that stand for a message. */
const COUNTED = new Set(["message", "locked", "newer"]);
const QUOTED = 1000; // characters
const WENT_ON =
  "The room had stopped, and you went on with the server’s version. What the server did not have was taken away in this browser.";
/** The mark of a room in this browser: when the person went on with the server's version, ms each. */
export const ACCEPTED = "accepted";

/** @param {TimelineInput} scene @returns {TimelineItem[]} */
export function timelineItems(scene) {
  const known = new Set(scene.items.map(({ key }) => key));
  const pending = scene.entries
    .map((entry) => unsent(scene, entry))
    .filter(({ key }) => !known.has(key));
  const lost = withoutRecovered(scene);
  const all = [...scene.items, ...lost.flatMap(changesOf), ...pending];
  const lines = applyChanges(all, { allChanges: true }).filter((line) => isShown(line, scene));
  const events = withEvents(withLost(toItems(lines, scene), lost, scene), scene);
  const items = withAccepted(events, scene);
  return scene.hasNewer || items.length === 0 ? items : [...items, ...newKeyLines(scene)];
}

/** Marks where the person went on with the server's version of a room that had stopped. Only this
 * browser knows of it. @param {TimelineItem[]} items @param {TimelineInput} scene */
function withAccepted(items, { accepted = [], hasOlder, hasNewer }) {
  const all = [...items];
  for (const at of accepted) {
    const before = all.findLastIndex(({ seq, ts }) => seq !== null && ts <= at);
    const isOutside = before < 0 ? hasOlder : hasNewer && before === all.length - 1;
    if (!isOutside) all.splice(before + 1, 0, systemLine(`accepted:${at}`, at, WENT_ON));
  }
  return all;
}

/** Members who wait to be let in with new keys. The log has no event of it: each stands at the end until
 * somebody has decided. @param {TimelineInput} scene */
const newKeyLines = ({ newKeys = [] }) =>
  newKeys.map(({ name, kid, ts }) =>
    systemLine(`keys:${kid}`, ts, `${name} has new keys and asks to be let in with them.`),
  );

/** Leaves out what stands outside of the window: it is here for what it changes.
 * @param {Message} line @param {TimelineInput} scene */
const isShown = ({ seq }, { shows, hasNewer }) =>
  seq === null ? !hasNewer : (shows?.(seq) ?? true);

/** @param {Message[]} lines @param {TimelineInput} scene @returns {TimelineItem[]} */
function toItems(lines, scene) {
  const bySeq = new Map(lines.map((line) => [line.seq, line]));
  return lines.map((line) => toItem(line, bySeq, scene));
}

/** Removes messages that the server has again from the lost ones. @param {TimelineInput} scene */
function withoutRecovered({ lost = [], items }) {
  const here = new Set(items.map(({ id }) => id));
  return lost.map(({ after, items }) => ({
    after,
    items: items.filter(({ id }) => !here.has(id)),
  }));
}

/** Lost edits, deletions and reactions still apply to the remaining messages.
 * @param {import("./lost-messages.js").Batch} batch @returns {Message[]} */
const changesOf = ({ items }) =>
  items.filter(({ kind }) => kind === "change").map((item) => ({ ...item, seq: null }));

/** Places each batch after the message that it once followed, if that is loaded. Its numbers no
 * longer count: the server may have given them to other messages.
 * @param {TimelineItem[]} lines @param {import("./lost-messages.js").Batch[]} batches @param {TimelineInput} scene
 * @returns {TimelineItem[]} */
function withLost(lines, batches, scene) {
  const all = [...lines];
  for (const { after, items } of batches) {
    const before = scene.items.filter(({ seq }) => Number(seq) <= after);
    if (items.length === 0 || (before.length === 0 && scene.hasOlder)) continue;
    if (scene.hasNewer && !scene.shows?.(after)) continue;
    const told = toItems(applyChanges([...before, ...items]), scene).filter(
      ({ seq }) => Number(seq) > after,
    );
    /** @type {TimelineItem[]} */
    const kept = told.map((line) => ({ ...line, key: `lost:${line.key}`, seq: null, lost: true }));
    const at = all.findLastIndex(({ seq, lost }) => !lost && seq !== null && seq <= after) + 1;
    all.splice(at, 0, lostMark(items, kept.length), ...kept);
  }
  return all;
}

/** @param {Message[]} items lost ones @param {number} count of those that are messages
 * @returns {TimelineItem} */
const lostMark = ([{ reactions: _reactions, votes: _votes, ...first }], count) => ({
  ...first,
  key: `lost:${first.id}:mark`,
  seq: null,
  kind: "lost",
  content: null,
  text: "",
  count,
  lost: true,
});

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
    reactions: reactions?.map(([emoji, uids]) => choice(emoji, uids, scene)),
    poll: content?.t === "poll" ? poll(content, votes ?? {}, scene) : undefined,
    quote: re ? quote(re, bySeq, scene) : undefined,
    mentions: at.map(scene.nameOf).filter(Boolean),
    forMe: at.includes(scene.me.uid),
    bot: scene.isBot?.(line.author.uid) ?? false,
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

/** @param {string} label @param {string[]} uids @param {TimelineInput} scene @returns {Choice} */
const choice = (label, uids, { me, nameOf }) => ({
  label,
  names: uids.map(nameOf),
  mine: uids.includes(me.uid),
});

/** @param {import("../../crypto/content.js").PollContent} content
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
  const gone = kind !== "message" || scene.isHidden(found);
  return { seq, name: author.name, text: gone ? "" : text.slice(0, QUOTED), gone };
}

/** Places each event before the first message whose author had seen it.
 * @param {TimelineItem[]} lines @param {TimelineInput} scene @returns {TimelineItem[]} */
function withEvents(lines, { log, hasOlder, hasNewer }) {
  if (lines.length === 0) return [];
  const from = hasOlder ? lines[0].lh : -1;
  const events = log.filter(({ seq, t }) => EVENTS.has(t) && seq > from);
  /** @type {TimelineItem[]} */
  const all = [];
  let next = 0;
  for (const line of lines) {
    const before = next;
    while (next < events.length && events[next].seq <= line.lh) next += 1;
    all.push(...groupEvents(events.slice(before, next)), line);
  }
  return hasNewer ? all : [...all, ...groupEvents(events.slice(next))];
}

/** Merges consecutive events of one kind into one line.
 * @param {LogEntry[]} events @returns {TimelineItem[]} */
function groupEvents(events) {
  /** @type {LogEntry[][]} */
  const groups = [];
  for (const event of events) {
    const group = groups.at(-1);
    if (group && group[0].t === event.t && GROUPED[event.t]) group.push(event);
    else groups.push([event]);
  }
  return groups.map((group) => system(group));
}

/** @type {Record<string, (by: string[]) => string>} */
const GROUPED = {
  join: (by) => `${joinNames(by)} joined by a link.`,
  leave: (by) => `${joinNames(by)} left.`,
  epoch: (by) => `The room’s key was renewed ${by.length} times.`,
};

/** @param {string[]} names */
function joinNames(names) {
  const shown = [...new Set(names)];
  const others = shown.length - 3;
  if (others > 1) return `${shown.slice(0, 3).join(", ")} and ${others} others`;
  return new Intl.ListFormat("en").format(shown);
}

/** @param {LogEntry[]} events @returns {TimelineItem} */
function system(events) {
  const { seq, ts, t, text } = events[0];
  const said = events.length > 1 ? GROUPED[t](events.map(({ by }) => by)) : text;
  return { ...systemLine(`log:${seq}`, ts, said), lh: seq };
}

/** @param {string} key @param {number} ts @param {string} text @returns {TimelineItem} */
const systemLine = (key, ts, text) => ({
  key,
  seq: null,
  id: "",
  kind: "system",
  content: null,
  author: { uid: "", name: "", kid: "" },
  mine: false,
  leads: false,
  lh: Number.POSITIVE_INFINITY,
  ts,
  text,
  state: "received",
});
