/** Applies edits, deletions, reactions, pins and votes to a conversation's messages. Pure. */

import { reactionKey } from "./reaction-key.js";

/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("../../crypto/content.js").Ref} Ref */
/** @typedef {import("../../crypto/content.js").Content} Content */
/** @typedef {[string, string[]]} Reaction an emoji and the uids of those who chose it */
/**
 * @template {Content["t"]} Type
 * @typedef {Message & {content: Extract<Content, {t: Type}>}} Of a message with that content
 */

const DELETABLE = new Set(["message", "change", "locked", "newer", "erased"]);

/**
 * Returns texts and polls as later messages changed them, and placeholders for what cannot be
 * shown. A change that could not be sent is kept as well, because the person has to decide about
 * it.
 * @param {Message[]} messages in the order of seq, unsent ones last
 * @param {{allChanges?: boolean}} [about] whether every later change is among them: no deletion is
 *   still to come then that a tombstone names
 * @returns {Message[]}
 */
export function applyChanges(messages, { allChanges = false } = {}) {
  const view = new MessageView(messages, allChanges);
  for (const message of messages) applyChange(view, message);
  return messages.filter((one) => view.shows(one)).map((one) => view.current(one));
}

/** Returns what a deletion of a message must name: it and its edits.
 * @param {Pick<Message, "seq" | "id" | "edits">} message @returns {Ref[]} */
export const refsToDelete = ({ seq, id, edits = [] }) => [[Number(seq), id], ...edits];

class MessageView {
  /** @type {Map<number | null, Message>} by seq, as the changes so far leave them */
  #messages;
  #last;

  /** @param {Message[]} messages @param {boolean} allChanges */
  constructor(messages, allChanges) {
    const stored = messages.filter(({ seq }) => seq !== null);
    this.#messages = new Map(stored.map((one) => [one.seq, one]));
    this.#last = allChanges ? Number.POSITIVE_INFINITY : (stored.at(-1)?.seq ?? 0);
    // Deletions first: a deleted message changes nothing, wherever its deletion is.
    for (const one of messages)
      if (one.content?.t === "delete" && one.state !== "failed") this.#delete(one, one.content.of);
    for (const one of this.#messages.values()) this.#markUnexplained(one);
  }

  /** @param {Message} message @returns {Message} */
  current = (message) => this.#messages.get(message.seq) ?? message;

  /** @param {Message} message @param {Partial<Message>} change */
  set(message, change) {
    this.#messages.set(message.seq, { ...message, ...change });
  }

  /** Returns the message that a change names, if it comes before the change and has that id.
   * @param {Message} change @param {Ref} ref */
  #named(change, [seq, id]) {
    const found = this.#messages.get(seq);
    const before = change.seq === null || seq < change.seq;
    return found && found.id === id && before ? found : null;
  }

  /**
   * Returns the message that a change names, unless the change itself was deleted.
   * @template {Content["t"]} Type
   * @param {Message} change @param {Ref} ref @param {...Type} types that it may have
   * @returns {Of<Type> | null}
   */
  target(change, ref, ...types) {
    const found = this.#named(change, ref);
    const counts = this.current(change).kind === "change" && change.state !== "failed";
    if (!counts || found?.kind !== "message" || !found.content) return null;
    const fits = types.includes(/** @type {Type} */ (found.content.t));
    return fits ? /** @type {Of<Type>} */ (found) : null;
  }

  /** @param {Message} deletion @param {Ref[]} refs */
  #delete(deletion, refs) {
    for (const ref of refs) {
      const found = this.#named(deletion, ref);
      if (!found || !DELETABLE.has(found.kind)) continue;
      const may = found.author.uid === deletion.author.uid || deletion.leads;
      if (!may || found.content?.t === "delete") continue;
      const deletedBy = deletion.author.name;
      this.set(found, { kind: "deleted", content: null, text: "", deletedBy });
    }
  }

  /** Marks a tombstone as a gap if no known deletion accounts for it.
   * @param {Message} message */
  #markUnexplained(message) {
    if (message.kind === "erased" && (message.erasedBy ?? 0) <= this.#last)
      this.set(message, { gap: true });
  }

  /** @param {Message} message */
  shows(message) {
    const { kind } = this.current(message);
    if (message.kind === "change") return kind === "change" && message.state === "failed";
    return message.kind !== "erased" || !message.changes || kind === "erased";
  }
}

/** @param {MessageView} view @param {Message} change */
function applyChange(view, change) {
  switch (change.content?.t) {
    case "edit":
      return edit(view, change, change.content);
    case "react":
      return react(view, change, change.content);
    case "pin":
      return pin(view, change, change.content);
    case "vote":
      return vote(view, change, change.content);
  }
}

/** @param {MessageView} view @param {Message} change
 * @param {import("../../crypto/content.js").EditContent} content */
function edit(view, change, { of, body, at }) {
  const found = view.target(change, of, "text");
  if (!found) return;
  const { uid, kid } = found.author;
  if (change.author.uid !== uid || change.author.kid !== kid) return;
  const { at: _before, ...kept } = found.content;
  /** @type {Ref[]} */
  const own = change.seq === null ? [] : [[change.seq, change.id]];
  view.set(found, {
    content: { ...kept, body, ...(at && { at }) },
    text: body,
    edited: true,
    ...((found.edits || own.length > 0) && { edits: [...(found.edits ?? []), ...own] }),
  });
}

/** @param {MessageView} view @param {Message} change
 * @param {import("../../crypto/content.js").ReactContent} content */
function react(view, change, { of, emoji, on }) {
  const found = view.target(change, of, "text", "poll");
  const key = reactionKey(emoji);
  if (!found || !key) return;
  const { uid } = change.author;
  const before = found.reactions ?? [];
  const known = before.some(([one]) => reactionKey(one) === key);
  /** @type {Reaction[]} */
  const all = known ? before : [...before, [emoji, []]];
  const reactions = all.map(([one, uids]) => {
    const others = uids.filter((other) => other !== uid);
    const next = reactionKey(one) !== key ? uids : on ? [...others, uid] : others;
    return /** @type {Reaction} */ ([one, next]);
  });
  view.set(found, { reactions: reactions.filter(([, uids]) => uids.length > 0) });
}

/** @param {MessageView} view @param {Message} change
 * @param {import("../../crypto/content.js").PinContent} content */
function pin(view, change, { of, on }) {
  const found = view.target(change, of, "text", "poll");
  if (found) view.set(found, { pinned: on === 1 });
}

/** @param {MessageView} view @param {Message} change
 * @param {import("../../crypto/content.js").VoteContent} content */
function vote(view, change, { of, picks: given }) {
  const found = view.target(change, of, "poll");
  if (!found) return;
  const { options, multi } = found.content;
  const picks = [...new Set(given)].sort((a, b) => a - b);
  if (picks.some((pick) => pick >= options.length) || (picks.length > 1 && !multi)) return;
  view.set(found, { votes: { ...found.votes, [change.author.uid]: picks } });
}
