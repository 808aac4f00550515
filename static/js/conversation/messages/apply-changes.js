/** What a conversation says once its edits, deletions, reactions, pins and votes are applied. */

/** @typedef {import("./decode-message.js").Ref} Ref */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {[string, string[]]} Reaction an emoji and the uids of those who chose it */

/**
 * Texts and polls in order, and lines for what cannot be shown. A change that was not sent is
 * there as well, because somebody has to decide about it.
 * @param {Message[]} items in the order of seq, unsent ones last
 * @returns {Message[]}
 */
export function applyChanges(items) {
  const view = new MessageView(items);
  for (const item of items) CHANGES[item.content?.t]?.(view, item);
  return items.filter((item) => view.shows(item)).map((item) => view.current(item));
}

/** What a deletion of a line must name. @param {Message} line @returns {Ref[]} */
export const refsToDelete = ({ seq, id, edits = [] }) => [[Number(seq), id], ...edits];

class MessageView {
  /** @type {Map<number | null, Message>} by seq, as the changes so far leave them */
  #messages;
  #last;

  /** @param {Message[]} items */
  constructor(items) {
    this.#messages = new Map(
      items.filter(({ seq }) => seq !== null).map((item) => [item.seq, item]),
    );
    this.#last = items.findLast(({ seq }) => seq !== null)?.seq ?? 0;
    // Deletions first: what is deleted changes nothing, wherever its deletion stands.
    for (const item of items)
      if (item.content?.t === "delete" && item.state !== "failed") this.#delete(item);
    for (const line of this.#messages.values()) this.#markUnexplained(line);
  }

  /** @param {Message} item @returns {Message} */
  current = (item) => this.#messages.get(item.seq) ?? item;

  /** @param {Message} line @param {Partial<Message>} what */
  set(line, what) {
    this.#messages.set(line.seq, { ...line, ...what });
  }

  /** The message a change names, if it is one, stood there before and has that id.
   * @param {Message} change @param {Ref} ref */
  named(change, [seq, id]) {
    const found = this.#messages.get(seq);
    const before = change.seq === null || seq < change.seq;
    return found && found.id === id && before ? found : null;
  }

  /** The text or poll that a change names, where the change itself was not deleted.
   * @param {Message} change @param {...string} types */
  target(change, ...types) {
    const found = this.named(change, change.content?.of);
    const counts = this.current(change).kind === "change" && change.state !== "failed";
    return counts && found?.kind === "message" && types.includes(found.content?.t) ? found : null;
  }

  /** @param {Message} change */
  #delete(change) {
    for (const ref of change.content?.of ?? []) {
      const found = this.named(change, ref);
      if (!found || !["message", "change", "locked", "newer", "erased"].includes(found.kind))
        continue;
      const may = found.author.uid === change.author.uid || change.leads;
      if (may && found.content?.t !== "delete")
        this.set(found, {
          kind: "deleted",
          content: null,
          text: "",
          deletedBy: change.author.name,
        });
    }
  }

  /** The server erased it, and no member is known to have asked for that. @param {Message} line */
  #markUnexplained(line) {
    if (line.kind === "erased" && (line.erasedBy ?? 0) <= this.#last) this.set(line, { gap: true });
  }

  /** @param {Message} item */
  shows(item) {
    const { kind } = this.current(item);
    if (item.kind === "change") return kind === "change" && item.state === "failed";
    return item.kind !== "erased" || !item.changes || kind === "erased";
  }
}

/** @type {Record<string, (view: MessageView, change: any) => void>} */
const CHANGES = {
  edit(view, change) {
    const found = view.target(change, "text");
    const same = ["uid", "kid"].every(
      (key) => change.author[key] === found?.author[/** @type {"uid"} */ (key)],
    );
    if (!found || !same) return;
    const { at: _past, ...content } = /** @type {any} */ (found.content);
    const { body, at } = change.content;
    const edits =
      change.seq === null ? found.edits : [...(found.edits ?? []), [change.seq, change.id]];
    const text = { ...content, body, ...(at && { at }) };
    view.set(found, {
      content: text,
      text: body,
      edited: true,
      edits: /** @type {Ref[]} */ (edits),
    });
  },
  react(view, change) {
    const found = view.target(change, "text", "poll");
    if (!found) return;
    const { emoji, on } = change.content;
    const { uid } = change.author;
    const before = found.reactions ?? [];
    const there = before.some(([one]) => one === emoji) ? before : [...before, [emoji, []]];
    const now = /** @type {Reaction[]} */ (there).map(([one, uids]) => {
      if (one !== emoji) return /** @type {Reaction} */ ([one, uids]);
      const others = uids.filter((other) => other !== uid);
      return /** @type {Reaction} */ ([one, on ? [...others, uid] : others]);
    });
    view.set(found, { reactions: now.filter(([, uids]) => uids.length > 0) });
  },
  pin(view, change) {
    const found = view.target(change, "text", "poll");
    if (found) view.set(found, { pinned: change.content.on === 1 });
  },
  vote(view, change) {
    const found = view.target(change, "poll");
    if (!found) return;
    const { options, multi } = /** @type {any} */ (found.content);
    const picks = [...new Set(/** @type {number[]} */ (change.content.picks))].sort(
      (a, b) => a - b,
    );
    if (picks.some((pick) => pick >= options.length) || (picks.length > 1 && !multi)) return;
    view.set(found, { votes: { ...found.votes, [change.author.uid]: picks } });
  },
};
