/** The actions on a message, and what they send. */

import { reactionKey, refsToDelete } from "../conversation/messages/apply-changes.js";
import { leads } from "../crypto/room-state.js";
import { announce } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";
import { lateStrings as strings } from "../ui/strings/late.js";
import { mentionedIn } from "../ui/text/text.js";

/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {import("../conversation/messages/outbox.js").Outbox} Outbox */
/** @typedef {import("../ui/timeline/actions.js").Action} Action */
/**
 * @typedef {object} ActionContext
 * @property {import("../conversation/account/account.js").Account} me
 * @property {import("../conversation/room/room-session.js").RoomSession} session
 * @property {Outbox} outbox
 * @property {import("./room-panels.js").RoomPanels} panels
 * @property {(mode: import("../ui/composer/composer.js").Mode) => void} onWrite
 */

/** The reference by which other messages name one.
 * @param {Pick<TimelineItem, "seq" | "id">} line @returns {import("../crypto/content.js").Ref} */
const refOf = ({ seq, id }) => [Number(seq), id];

/** @param {Outbox} outbox @param {TimelineItem} line @param {string} emoji */
export function react(outbox, line, emoji) {
  const key = reactionKey(emoji);
  if (!key) return undefined; // several, picked by what was typed
  const mine = line.reactions?.find(({ label }) => reactionKey(label) === key)?.mine;
  return outbox.add({ t: "react", of: refOf(line), emoji, on: mine ? 0 : 1 });
}

/** @param {Outbox} outbox @param {TimelineItem} line @param {number[]} picks */
export const vote = (outbox, line, picks) => outbox.add({ t: "vote", of: refOf(line), picks });

/**
 * Sends the composer's text: a message, a reply or an edit.
 * @param {ActionContext["session"]} session @param {Outbox} outbox @param {string} body
 * @param {import("../ui/composer/composer.js").Mode | null} mode
 * @param {import("../conversation/messages/files.js").RoomFile[]} [files] that are at the server already
 */
export function sendMessage(session, outbox, body, mode, files = []) {
  const at = mentioned(session, body);
  const more = at.length > 0 ? { at } : {};
  if (mode?.kind === "edit") {
    if (body === mode.line.text) return undefined;
    return outbox.add({ t: "edit", of: refOf(mode.line), body, ...more });
  }
  const re = mode?.kind === "answer" ? { re: refOf(mode.line) } : {};
  const attached = files.length > 0 ? { files } : {};
  return outbox.add({ t: "text", body, ...re, ...more, ...attached });
}

/** The uids of members whose names occur in a text.
 * @param {ActionContext["session"]} session
 * @param {string} body */
function mentioned({ state }, body) {
  if (!body.includes("@")) return [];
  const uids = new Map([...state.members].map(([uid, { name }]) => [name, uid]));
  return mentionedIn(body, [...uids.keys()]).map((name) => /** @type {string} */ (uids.get(name)));
}

/** @param {ActionContext} scene @param {TimelineItem} line @returns {Action[]} */
export function actionsFor(scene, line) {
  const { session } = scene;
  const { kind, seq, mine, content } = line;
  if (line.lost && kind === "message") return [allActions(scene).copy];
  if (seq === null || !["message", "locked", "newer"].includes(kind)) return [];
  const readable = kind === "message";
  const may = Boolean(session.mine) && session.writable;
  const leading = Boolean(session.mine && leads(session.mine));
  const own = mine && line.author.kid === scene.me.kid;
  const all = allActions(scene);
  return [
    ...(readable && may ? [all.react, all.reply] : []),
    ...(own && may && content?.t === "text" ? [all.edit] : []),
    ...(readable && may ? [line.pinned ? all.unpin : all.pin] : []),
    ...(readable ? [all.copy] : []),
    ...(readable && isTouch() ? [all.select] : []),
    all.link,
    ...(readable && session.state.policy.ai !== "off" ? [all.summarise] : []),
    all.stored,
    ...(readable && !mine && session.isMember ? [all.report] : []),
    ...(may && (mine || leading) ? [all.remove] : []),
  ];
}

/** @param {ActionContext} scene @returns {Record<string, Action>} */
function allActions({ outbox, panels, onWrite }) {
  const words = strings.actions;
  /** @param {0 | 1} on */
  const pin = (on) => (/** @type {TimelineItem} */ line) =>
    outbox.add({ t: "pin", of: refOf(line), on });
  return {
    react: { id: "react", icon: "smile", label: words.react, quick: true, key: "+", run: () => {} },
    reply: {
      id: "reply",
      icon: "reply",
      label: words.reply,
      quick: true,
      key: "r",
      run: (line) => onWrite({ kind: "answer", line }),
    },
    edit: {
      id: "edit",
      icon: "edit",
      label: words.edit,
      key: "e",
      run: (line) => onWrite({ kind: "edit", line }),
    },
    pin: { id: "pin", icon: "pin", label: words.pin, run: pin(1) },
    unpin: { id: "unpin", icon: "pin", label: words.unpin, run: pin(0) },
    copy: {
      id: "copy",
      icon: "copy",
      label: words.copy,
      run: ({ text }) => copy(text, strings.copied),
    },
    select: { id: "select", icon: "copy", label: words.select, run: selectText },
    link: {
      id: "link",
      icon: "link",
      label: words.link,
      run: (line) => copy(linkTo(line), strings.linkCopied),
    },
    summarise: {
      id: "summarise",
      icon: "summary",
      label: strings.summary.from,
      run: ({ seq, ts }, from) => panels.openSummaries(from, { seq: Number(seq), ts }),
    },
    stored: {
      id: "stored",
      icon: "server",
      label: words.stored,
      run: ({ seq }, from) => panels.showStored(Number(seq), from),
    },
    report: {
      id: "report",
      icon: "warning",
      label: words.report,
      run: (line) => panels.report(line),
    },
    remove: {
      id: "remove",
      icon: "trash",
      label: words.remove,
      danger: true,
      key: "delete",
      run: (line) => remove(outbox, line),
    },
  };
}

const isTouch = () => globalThis.matchMedia?.("(pointer: coarse)").matches;

/** Selects a message's words, which a finger alone cannot begin to: a long press opens the menu.
 * @param {TimelineItem} line */
function selectText({ seq }) {
  const words = document.getElementById(`m${seq}`)?.querySelector(".message-text");
  words?.classList.add("selectable");
  if (words) getSelection()?.selectAllChildren(words);
}

/** @param {TimelineItem} line */
const linkTo = ({ seq }) => new URL(`#m${seq}`, location.href).href;

/** @param {string} text @param {string} said */
async function copy(text, said) {
  await navigator.clipboard.writeText(text);
  announce(said);
}

/** @param {Outbox} outbox @param {TimelineItem} line */
async function remove(outbox, line) {
  const dialog = await loadPart(() => import("../ui/dialog.js"));
  if (!(await dialog?.ask({ ...strings.deleteAsk, danger: true }))) return;
  await outbox.add({ t: "delete", of: refsToDelete(line) });
}
