/** Beside the messages of a conversation: changes of them, and lines between them, which are log events,
 * messages that the server lost, and what only this browser knows of. Pure. */

import { applyChanges } from "./apply-changes.js";
import { toItems } from "./timeline-items.js";

export { applyChanges };

/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("./lost-messages.js").Batch} Batch */
/** @typedef {import("./timeline-items.js").TimelineInput} TimelineInput */
/** @typedef {import("./timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {import("../room/activity-log.js").LogEntry} LogEntry */

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
/** @param {boolean} [direct] whether the room is a conversation of two */
const wentOn = (direct) =>
  `The ${direct ? "conversation" : "room"} had stopped, and you went on with the server’s version. What the server did not have was taken away in this browser.`;
const SUMMARISED = "The summary is there now, under Summaries.";
const ENDED = "The server says that the account was deleted.";

/** Changes that the server lost still apply to the remaining messages.
 * @param {TimelineInput} scene @returns {Message[]} */
export const lostChanges = (scene) => withoutRecovered(scene).flatMap(changesOf);

/** Places all lines. @param {TimelineItem[]} items the messages @param {TimelineInput} scene
 * @returns {TimelineItem[]} */
export function withLines(items, scene) {
  const lost = withoutRecovered(scene);
  const all = withAccepted(withEvents(withLost(items, lost, scene), scene), scene);
  return scene.hasNewer || all.length === 0 ? all : [...all, ...newKeyLines(scene)];
}

/** Marks where the person went on with the server's version of a room that had stopped. Only this
 * browser knows of it. @param {TimelineItem[]} items @param {TimelineInput} scene */
function withAccepted(items, { accepted = [], hasOlder, hasNewer, direct }) {
  const all = [...items];
  for (const at of accepted) {
    const before = all.findLastIndex(({ seq, ts }) => seq !== null && ts <= at);
    const isOutside = before < 0 ? hasOlder : hasNewer && before === all.length - 1;
    if (!isOutside) all.splice(before + 1, 0, systemLine(`accepted:${at}`, at, wentOn(direct)));
  }
  return all;
}

/** Members who wait to be let in with new keys. The log has no event of it: each stands at the end until
 * somebody has decided. @param {TimelineInput} scene */
const newKeyLines = ({ newKeys = [] }) =>
  newKeys.map(({ name, kid, ts }) =>
    systemLine(`keys:${kid}`, ts, `${name} has new keys and asks to be let in with them.`),
  );

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

/** Places each event before the first message whose author had seen it.
 * @param {TimelineItem[]} lines @param {TimelineInput} scene @returns {TimelineItem[]} */
function withEvents(lines, scene) {
  if (lines.length === 0) return [];
  const { log, hasOlder, hasNewer } = scene;
  const from = hasOlder ? lines[0].lh : -1;
  const events = log.filter(({ seq, t }) => EVENTS.has(t) && seq > from);
  /** @type {TimelineItem[]} */
  const all = [];
  let next = 0;
  for (const line of lines) {
    const before = next;
    while (next < events.length && events[next].seq <= line.lh) next += 1;
    all.push(...groupEvents(events.slice(before, next), scene), line);
  }
  return hasNewer ? all : [...all, ...groupEvents(events.slice(next), scene)];
}

/** Merges consecutive events of one kind into one line, but for those that more is known of.
 * @param {LogEntry[]} events @param {TimelineInput} scene @returns {TimelineItem[]} */
function groupEvents(events, scene) {
  /** @type {LogEntry[][]} */
  const groups = [];
  for (const event of events) {
    const group = groups.at(-1);
    const joins = group?.[0].t === event.t && GROUPED[event.t] && !sequel(event, scene);
    if (joins && !sequel(group[0], scene)) group.push(event);
    else groups.push([event]);
  }
  return groups.map((group) => system(group, scene));
}

/** A sentence on how an event went on; "" if nothing is known.
 * @param {LogEntry} event @param {TimelineInput} scene */
function sequel({ t, seq, uid }, { summarised, isDeleted }) {
  if (t === "disclose") return summarised?.has(seq) ? SUMMARISED : "";
  return t === "leave" && isDeleted?.(uid) ? ENDED : "";
}

/** @type {Record<string, (by: string[], direct?: boolean) => string>} */
const GROUPED = {
  join: (by) => `${joinNames(by)} joined by a link.`,
  leave: (by) => `${joinNames(by)} left.`,
  epoch: (by, direct) =>
    `The ${direct ? "conversation" : "room"}’s key was renewed ${by.length} times.`,
};

/** @param {string[]} names */
function joinNames(names) {
  const shown = [...new Set(names)];
  const others = shown.length - 3;
  if (others > 1) return `${shown.slice(0, 3).join(", ")} and ${others} others`;
  return new Intl.ListFormat("en").format(shown);
}

/** @param {LogEntry[]} events @param {TimelineInput} scene @returns {TimelineItem} */
function system(events, scene) {
  const { seq, ts, t, text } = events[0];
  const told = [text, sequel(events[0], scene)].filter(Boolean).join(" ");
  const said =
    events.length > 1
      ? GROUPED[t](
          events.map(({ by }) => by),
          scene.direct,
        )
      : told;
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
