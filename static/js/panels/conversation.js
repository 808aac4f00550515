/** What a room's timeline, outbox and log hold, on the page as one conversation. */

import { timelineItems } from "../conversation/messages/timeline-items.js";
import { peerOf } from "../conversation/room/direct.js";
import { leads } from "../crypto/log.js";
import { byId } from "../pages/bootstrap.js";
import { announce } from "../ui/dom.js";
import { drawPins, pinPanel } from "../ui/pins.js";
import { strings } from "../ui/strings.js";
import { createTimeline } from "../ui/timeline.js";
import { actionsFor, react, vote } from "./message-actions.js";

/** @typedef {import("../conversation/messages/decode-message.js").Message} Message */
/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */

const LINKED = /^#m(\d+)$/;

/**
 * @param {import("../conversation/account/account.js").Account} me
 * @param {import("../conversation/chat.js").Chat} chat
 * @param {import("../conversation/chat.js").OpenRoom} room
 * @param {ReturnType<typeof import("./room-panels.js").startPanels>} panels
 * @param {import("../conversation/messages/files.js").Files} files
 * @param {(mode: import("../ui/composer.js").Mode) => void} onWrite answer or correct a message
 */
export function startConversation(me, chat, room, panels, files, onWrite) {
  const { session, timeline, outbox } = room;
  const { id } = session;
  const { activityLog } = panels.about;
  /** @type {Map<number, Message>} by seq */
  const items = new Map();
  /** @type {Set<string>} keys of blocked people's messages that are shown all the same */
  const revealed = new Set();
  /** @type {TimelineItem[]} */
  let lines = [];
  let unreadAfter = chat.readMark(id);
  let loaded = false;
  const view = createTimeline(byId("timeline"), byId("to-newest"), {
    onNeedOlder: (until) => timeline.older(until),
    onSeen: (seq) => chat.markRead(id, seq),
    onRetry: (cid) => outbox.retry(cid),
    onDiscard: (cid) => outbox.discard(cid),
    onJump: (seq) => jump(seq),
    onReact: (line, emoji) => react(outbox, line, emoji),
    onVote: (line, picks) => vote(outbox, line, picks),
    showsPictures: () => chat.serverRoom(id)?.accepted !== false,
    openFile: (file, progress) => files.open(file, { progress }),
    onReveal: ({ key }) => {
      revealed.add(key);
      draw();
    },
    actionsFor: (line) => actionsFor({ me, session, outbox, panels, onWrite }, line),
  });

  /** @param {string} uid */
  const nameOf = (uid) =>
    session.state.members.get(uid)?.name ??
    [...session.identities.values()].find((identity) => identity.uid === uid)?.name ??
    "";

  function draw() {
    if (!loaded) return;
    const stored = [...items.values()].sort((a, b) => Number(a.seq) - Number(b.seq));
    const blocked = chat.blocks.uids;
    lines = timelineItems({
      me,
      items: stored,
      lost: timeline.lost,
      entries: outbox.entries,
      leads: Boolean(session.mine && leads(session.mine)),
      log: activityLog.entries,
      hasOlder: timeline.hasOlder,
      isHidden: (item) => blocked.has(item.author.uid) && !revealed.has(item.key),
      nameOf,
    });
    const newest = stored.at(-1)?.seq ?? 0;
    const gone = timeline.startsLate ? session.state.policy.ttl : -1;
    const { hasOlder } = timeline;
    view.show(lines, { hasOlder, unreadAfter, newest, startText: startText(), gone });
    drawPins(byId("pins"), lines.filter(isPinned), openPins);
  }

  const startText = () =>
    session.state.kind === "direct"
      ? strings.startDirect(peerOf(session, me.uid)?.name ?? "")
      : undefined;

  const isPinned = (/** @type {TimelineItem} */ { pinned, kind, lost }) =>
    pinned && kind === "message" && !lost;

  /** @param {HTMLElement} from */
  function openPins(from) {
    const nodes = pinPanel(lines.filter(isPinned), (seq) => {
      if (matchMedia("(max-width: 640px)").matches) panels.panel.close();
      jump(seq);
    });
    panels.panel.open(from, strings.pins.title, nodes, "pins");
  }

  /** @param {number} seq */
  async function jump(seq) {
    announce(strings.seeking);
    if (!(await view.seek(seq))) announce(strings.notFound);
  }

  /** The log's events belong between the messages, as far back as those go. */
  async function tellLog() {
    const oldest = [...items.values()].reduce(
      (least, { lh }) => Math.min(least, lh),
      session.state.seq,
    );
    await activityLog.update(timeline.hasOlder ? oldest : 0).catch(() => {}); // with the next event
    draw();
  }

  timeline.addEventListener("items", (event) => {
    const { detail } = /** @type {CustomEvent<Message[]>} */ (event);
    const older = detail.some(({ seq }) => Number(seq) < Math.min(...items.keys()));
    for (const item of detail) items.set(Number(item.seq), item);
    draw();
    panels.summaries.setNewest(timeline.newest);
    if (older && loaded) tellLog();
  });
  timeline.addEventListener("reset", () => items.clear());
  timeline.addEventListener("lost", () => {
    draw();
    announce(strings.lostNow);
  });
  outbox.addEventListener("changed", draw);
  session.addEventListener("changed", () => loaded && tellLog());
  chat.blocks.addEventListener("changed", draw);
  chat.addEventListener("accepted", draw); // pictures may be loaded now

  /** Show the first page, then keep up. Says on the page what went wrong, and tries again. */
  async function load() {
    try {
      await timeline.load();
    } catch (/** @type {any} */ error) {
      view.problem(error.message, load);
      return;
    }
    loaded = true;
    // What comes while one reads is not what one had missed.
    if (![...items.values()].some(({ seq, mine }) => Number(seq) > unreadAfter && !mine))
      unreadAfter = -1;
    draw();
    chat.goLive();
    panels.summaries.start(jump);
    await tellLog();
    await jumpToLinked();
  }

  async function jumpToLinked() {
    const linked = LINKED.exec(location.hash);
    if (linked) await jump(Number(linked[1]));
  }

  addEventListener("hashchange", jumpToLinked);

  return {
    load,
    jump,
    /** What is here of what was said, as it is shown now.
     * @returns {import("../conversation/messages/decode-message.js").Message[]} */
    lines: () =>
      /** @type {any[]} */ (
        lines.filter(({ kind, lost }) => !lost && (kind === "message" || kind === "deleted"))
      ),
    follow: view.follow,
    close: view.close,
    /** One's own newest message that can be corrected. */
    ownLast: () => lines.findLast(({ mine, seq, content }) => mine && seq && content?.t === "text"),
  };
}
