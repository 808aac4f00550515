/** Applies edits, deletions, reactions, pins and votes to a conversation's messages. Pure. */

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

const LONGEST_EMOJI = 64; // UTF-16 units
/** Characters that are emoji by themselves, with what is free for new ones in their blocks. */
const SIGNS =
  "\\u00a9\\u00ae\\u203c\\u2049\\u2122\\u2139\\u2194-\\u2199\\u21a9-\\u21aa" +
  "\\u231a-\\u231b\\u2328\\u23cf\\u23e9-\\u23f3\\u23f8-\\u23fa\\u24c2\\u25aa-\\u25ab" +
  "\\u25b6\\u25c0\\u25fb-\\u25fe\\u2600-\\u2604\\u260e\\u2611\\u2614-\\u2615\\u2618" +
  "\\u261d\\u2620\\u2622-\\u2623\\u2626\\u262a\\u262e-\\u262f\\u2638-\\u263a\\u2640" +
  "\\u2642\\u2648-\\u2653\\u265f-\\u2660\\u2663\\u2665-\\u2666\\u2668\\u267b" +
  "\\u267e-\\u267f\\u2692-\\u2697\\u2699\\u269b-\\u269c\\u26a0-\\u26a1\\u26a7" +
  "\\u26aa-\\u26ab\\u26b0-\\u26b1\\u26bd-\\u26be\\u26c4-\\u26c5\\u26c8\\u26ce-\\u26cf" +
  "\\u26d1\\u26d3-\\u26d4\\u26e9-\\u26ea\\u26f0-\\u26f5\\u26f7-\\u26fa\\u26fd\\u2702" +
  "\\u2705\\u2708-\\u270d\\u270f\\u2712\\u2714\\u2716\\u271d\\u2721\\u2728" +
  "\\u2733-\\u2734\\u2744\\u2747\\u274c\\u274e\\u2753-\\u2755\\u2757\\u2763-\\u2764" +
  "\\u2795-\\u2797\\u27a1\\u27b0\\u27bf\\u2934-\\u2935\\u2b05-\\u2b07\\u2b1b-\\u2b1c" +
  "\\u2b50\\u2b55\\u3030\\u303d\\u3297\\u3299\\u{1f004}\\u{1f0cf}\\u{1f170}-\\u{1f171}" +
  "\\u{1f17e}-\\u{1f17f}\\u{1f18e}\\u{1f191}-\\u{1f19a}\\u{1f201}-\\u{1f202}\\u{1f21a}" +
  "\\u{1f22f}\\u{1f232}-\\u{1f23a}\\u{1f250}-\\u{1f251}\\u{1f300}-\\u{1f64f}" +
  "\\u{1f680}-\\u{1f6ff}\\u{1f7e0}-\\u{1f7ff}\\u{1f90c}-\\u{1f9ff}\\u{1fa70}-\\u{1faff}";
/** People, hands and other parts of them, which have colours of skin. */
const SKINNED =
  "\\u261d\\u26f9\\u270a-\\u270d\\u{1f385}\\u{1f3c2}-\\u{1f3c4}\\u{1f3c7}" +
  "\\u{1f3ca}-\\u{1f3cc}\\u{1f442}-\\u{1f443}\\u{1f446}-\\u{1f450}" +
  "\\u{1f466}-\\u{1f478}\\u{1f47c}\\u{1f481}-\\u{1f483}\\u{1f485}-\\u{1f487}" +
  "\\u{1f48f}\\u{1f491}\\u{1f4aa}\\u{1f574}-\\u{1f575}\\u{1f57a}\\u{1f590}" +
  "\\u{1f595}-\\u{1f596}\\u{1f645}-\\u{1f647}\\u{1f64b}-\\u{1f64f}\\u{1f6a3}" +
  "\\u{1f6b4}-\\u{1f6b6}\\u{1f6c0}\\u{1f6cc}\\u{1f90c}\\u{1f90f}\\u{1f918}-\\u{1f91f}" +
  "\\u{1f926}\\u{1f930}-\\u{1f939}\\u{1f93c}-\\u{1f93e}\\u{1f977}" +
  "\\u{1f9b5}-\\u{1f9b6}\\u{1f9b8}-\\u{1f9b9}\\u{1f9bb}\\u{1f9cd}-\\u{1f9cf}" +
  "\\u{1f9d1}-\\u{1f9dd}\\u{1fac3}-\\u{1fac5}\\u{1faf0}-\\u{1faff}";
const TONE = "[\\u{1f3fb}-\\u{1f3ff}]";
/** England, Scotland and Wales. */
const REGION =
  "\\u{1f3f4}\\u{e0067}\\u{e0062}(?:\\u{e0065}\\u{e006e}\\u{e0067}|" +
  "\\u{e0073}\\u{e0063}\\u{e0074}|\\u{e0077}\\u{e006c}\\u{e0073})\\u{e007f}";
const PICTURE = `(?:[${SKINNED}]${TONE}|[${SIGNS}])`;
/** An emoji: a flag, a key, or a picture with its colour and what is joined to it. */
const REACTION = new RegExp(
  `^(?:[\\u{1f1e6}-\\u{1f1ff}]{2}|[0-9#*]\\u20e3|${REGION}|${PICTURE}(?:\\u200d${PICTURE}){0,9})$`,
  "u",
);

/**
 * The reaction that a text stands for. Emoji that differ only in their presentation, U+FE0E or
 * U+FE0F, are one.
 * @param {string} emoji @returns {string} "" if the text is not one emoji
 */
export function reactionKey(emoji) {
  const key = emoji.replace(/[\ufe0e\ufe0f]/g, "");
  return key.length <= LONGEST_EMOJI && REACTION.test(key) ? key : "";
}
