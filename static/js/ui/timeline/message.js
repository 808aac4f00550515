/** One line of the conversation: a message, a placeholder, or a divider. */

import { h, icon } from "../dom.js";
import { lateFiles } from "../files/late-files.js";
import { FILES } from "../limits.js";
import { avatar } from "../people/avatar.js";
import { strings } from "../strings.js";
import { messagePart, messageText } from "../text/late-text.js";
import { clock, day, full } from "../time.js";

/** @typedef {import("../../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {import("./group-messages.js").Shown} Shown */
/** @typedef {import("../types.js").MessageCallbacks} MessageCallbacks */

/** @param {Shown} shown with an item @param {MessageCallbacks} callbacks @returns {HTMLElement} */
export function messageElement({ item, first }, callbacks) {
  const line = /** @type {TimelineItem} */ (item);
  const instead = INSTEAD[line.kind];
  return instead ? instead(line, callbacks) : message(line, callbacks, first);
}

/** Lines other than messages.
 * @type {Record<string, (line: TimelineItem, callbacks: MessageCallbacks) => HTMLElement>} */
const INSTEAD = {
  refused: () => quietLine("refused", strings.refused),
  erased: () => quietLine("refused", strings.erased),
  deleted: ({ deletedBy, author }) =>
    quietLine(
      "deleted",
      deletedBy && deletedBy !== author.name ? strings.deletedBy(deletedBy) : strings.deleted,
    ),
  lost: ({ count = 0 }) =>
    quietLine("lost", icon("warning", "small"), h("span", {}, strings.lost(count))),
  system: ({ text, ts }) => quietLine("system", h("span", { title: full(ts) }, text)),
  blocked: (line, { onReveal }) =>
    quietLine(
      "blocked",
      strings.blockedMessage,
      h(
        "button",
        { class: "link-button", type: "button", onclick: () => onReveal(line) },
        strings.showBlocked,
      ),
    ),
  change: (line, callbacks) => {
    const t = /** @type {keyof typeof strings.changeNotSent} */ (line.content?.t);
    const text = /** @type {Record<string, string>} */ (strings.changeNotSent)[t];
    return quietLine("failed", failure(line, callbacks, text));
  },
};

/** @param {string} kind @param {...(Node | string)} content */
const quietLine = (kind, ...content) => h("li", { class: `timeline-line ${kind}` }, ...content);

/** @param {TimelineItem} line @param {MessageCallbacks} callbacks @param {boolean} [first] */
function message(line, callbacks, first) {
  const { author, mine, state, ts, seq, key, forMe, quote } = line;
  const classes = ["message", (first || quote) && "first", mine && "mine", forMe && "for-me"];
  const spoken = h("span", { class: "visually-hidden" }, `${author.name}, ${clock(ts)}: `);
  const parts =
    first || quote
      ? [avatar(author.uid), head(line)]
      : [when(ts, { class: "message-when", "aria-hidden": "true" }), spoken];
  return h(
    "li",
    {
      class: classes.filter(Boolean).join(" "),
      id: seq && `m${seq}`,
      tabindex: "-1",
      "data-state": state,
      "data-seq": seq,
      "data-key": key,
    },
    ...parts,
    body(line, callbacks),
  );
}

/** @param {TimelineItem} line @param {MessageCallbacks} callbacks */
function body(line, callbacks) {
  const { kind, author, otherView, quote, reactions = [] } = line;
  const readable = kind === "message";
  const files = (line.content?.t === "text" ? (line.content.files ?? []) : []).slice(0, FILES);
  const instead = kind === "newer" ? strings.newer : strings.locked;
  return h(
    "div",
    { class: "message-body" },
    ...(readable && quote
      ? messagePart(({ quoteElement }) => quoteElement(quote, callbacks.onJump))
      : []),
    readable ? content(line, callbacks) : h("p", { class: "message-instead" }, instead),
    readable &&
      files.length > 0 &&
      lateFiles(
        files,
        callbacks.openFile,
        callbacks.showsPictures(),
        `${author.name}, ${full(line.ts)}`,
      ),
    status(line, callbacks),
    otherView && h("p", { class: "message-note" }, strings.otherView(author.name)),
    ...(reactions.length > 0
      ? messagePart(({ reactionRow }) =>
          reactionRow(reactions, !line.lost, (emoji) => callbacks.onReact(line, emoji)),
        )
      : []),
  );
}

/** @param {TimelineItem} line @param {MessageCallbacks} callbacks */
function content(line, callbacks) {
  const { text, mentions, poll, edited, pinned } = line;
  if (!text && !poll && !edited && !pinned) return null; // only files
  const marks = [edited && strings.edited, pinned && strings.pinned].filter(Boolean);
  return h(
    "div",
    { class: "message-text" },
    ...messageText(`${line.key}:${text.length}`, text, mentions),
    ...(poll
      ? messagePart(({ pollElement }) =>
          pollElement(poll, line.seq !== null, (picks) => callbacks.onVote(line, picks), line.key),
        )
      : []),
    marks.length > 0 && h("span", { class: "message-marks" }, marks.join(" · ")),
  );
}

/** @param {Shown} line of a day, the unread mark or a gap
 * @param {Pick<MessageCallbacks, "onPickDay" | "mayCatchUp" | "onCatchUp">} callbacks
 * @returns {HTMLElement} */
export function dividerElement({ line, ts }, { onPickDay, mayCatchUp, onCatchUp }) {
  if (line === "gap")
    return h("li", { class: "timeline-line gap" }, icon("warning", "small"), strings.gap);
  if (line === "unread") {
    const onclick = (/** @type {Event} */ { currentTarget }) =>
      onCatchUp(/** @type {HTMLElement} */ (currentTarget));
    const catchUp = mayCatchUp() && [
      h("button", { class: "link-button", type: "button", onclick }, strings.catchUp),
    ];
    return h("li", { class: "timeline-unread" }, strings.newMessages, ...(catchUp || []));
  }
  const at = /** @type {number} */ (ts);
  const pick = h(
    "button",
    {
      class: "link-button day-button",
      type: "button",
      tabindex: "-1",
      title: strings.pickDay.title,
      "aria-label": `${day(at)}. ${strings.pickDay.title}`,
      onclick: () => onPickDay(at),
    },
    day(at),
  );
  return h("li", { class: "timeline-day" }, pick);
}

/**
 * @typedef {object} Start what is known of the time before the first message
 * @property {"beginning" | "expired" | "lost" | "kept"} kind `beginning`: nothing was before; `expired`:
 *   the room's rules have deleted it; `lost`: the server no longer has it; `kept`: this browser shows
 *   what it keeps
 * @property {number} [days] after which messages are deleted
 * @property {string} [text] what an empty room says
 */

/** @param {Start} start */
function startText({ kind, days = 0 }) {
  if (kind === "expired") return strings.expired(days);
  if (kind === "kept") return strings.keptStart;
  return kind === "lost" ? strings.olderGone : strings.start;
}

/** A room without messages. @param {Start} start */
function emptyRoom(start) {
  const { kind, days = 0, text = strings.startText } = start;
  const why = { beginning: text, expired: strings.expiredHere(days), lost: strings.olderGone };
  const [picture, title] =
    kind === "beginning" ? ["bubble", strings.start] : ["clock", strings.allGone];
  return h(
    "li",
    { class: "empty timeline-start", "data-start": kind },
    icon(picture, "large"),
    h("h2", {}, title),
    h("p", {}, { ...why, kept: strings.keptNothing }[kind]),
  );
}

/**
 * The text above the first message.
 * @param {string} state "more", "loading", "failed", "start" or "empty"
 * @param {{onOlder: () => void, onStart: () => void}} go to earlier messages, to the first one
 * @param {Start} [start]
 * @returns {HTMLElement}
 */
export function leadElement(state, { onOlder, onStart }, start = { kind: "beginning" }) {
  if (state === "empty") return emptyRoom(start);
  const about = { class: "timeline-older", "data-state": state };
  if (state === "start") return h("li", about, startText(start));
  if (state === "loading") return h("li", about, strings.older);
  const failed = state === "failed";
  const button = h(
    "button",
    { class: "link-button", type: "button", onclick: onOlder },
    failed ? strings.tryAgain : strings.showOlder,
  );
  const toStart = h(
    "button",
    { class: "link-button", type: "button", onclick: onStart },
    strings.toStart,
  );
  return h("li", about, failed && strings.olderFailed, button, " ", toStart);
}

/** @param {number} ts @param {Record<string, string>} [attributes] */
const when = (ts, attributes = {}) =>
  h("time", { ...attributes, datetime: new Date(ts).toISOString(), title: full(ts) }, clock(ts));

/** @param {TimelineItem} line */
const head = ({ author, ts, bot, deleted }) =>
  h(
    "div",
    { class: "message-head" },
    h("span", { class: "message-author", dir: "auto" }, author.name),
    bot && h("span", { class: "bot-tag", title: strings.botText }, strings.bot),
    deleted &&
      h("span", { class: "bot-tag", title: strings.accountDeletedText }, strings.accountDeleted),
    when(ts),
  );

/** @param {TimelineItem} line @param {MessageCallbacks} callbacks */
function status(line, callbacks) {
  const { state } = line;
  if (state === "failed") return failure(line, callbacks, strings.notSent);
  if (state !== "sending" && state !== "sent") return null;
  const [name, text] = state === "sent" ? ["check", strings.sent] : ["clock", strings.sending];
  return h(
    "p",
    { class: "message-state", title: text },
    icon(name, "small"),
    h("span", { class: "visually-hidden" }, text),
  );
}

/** @param {TimelineItem} line @param {MessageCallbacks} callbacks @param {string} what */
function failure({ error, key }, { onRetry, onDiscard }, what) {
  const cid = key.split(":")[1];
  return h(
    "p",
    { class: "message-failed", role: "alert" },
    icon("warning", "small"),
    h("span", {}, error ? `${what} ${error}` : what),
    h("button", { type: "button", onclick: () => onRetry(cid) }, strings.retry),
    h("button", { type: "button", onclick: () => onDiscard(cid) }, strings.discard),
  );
}
