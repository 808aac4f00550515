/** What a conversation says once its edits, deletions, reactions, pins and votes are applied. */

/** @typedef {import("./decode-message.js").Ref} Ref */
/**
 * @typedef {Omit<import("./decode-message.js").Item, "kind"> & {
 *   kind: import("./decode-message.js").Item["kind"] | "deleted",
 *   edited?: boolean, pinned?: boolean, deletedBy?: string,
 *   reactions?: Reaction[], votes?: Record<string, number[]>, edits?: Ref[]}} Line
 *   `votes` are a poll's chosen options by uid; `edits` name the messages that a deletion has to
 *   erase, too
 * @typedef {[string, string[]]} Reaction an emoji and the uids of those who chose it
 * @typedef {import("./decode-message.js").Item} Item
 */

/**
 * Texts and polls in order, and lines for what cannot be shown. A change that was not sent is
 * there as well, because somebody has to decide about it.
 * @param {Item[]} items in the order of seq, unsent ones last
 * @returns {Line[]}
 */
export function fold(items) {
  const view = new View(items);
  for (const item of items) CHANGES[item.content?.t]?.(view, item);
  return items.filter((item) => view.shows(item)).map((item) => view.now(item));
}

/** What a deletion of a line must name. @param {Line} line @returns {Ref[]} */
export const namedByDeletion = ({ seq, id, edits = [] }) => [[Number(seq), id], ...edits];

class View {
  /** @type {Map<number | null, Line>} by seq, as the changes so far leave them */
  #lines;
  #last;

  /** @param {Item[]} items */
  constructor(items) {
    this.#lines = new Map(items.filter(({ seq }) => seq !== null).map((item) => [item.seq, item]));
    this.#last = items.findLast(({ seq }) => seq !== null)?.seq ?? 0;
    // Deletions first: what is deleted changes nothing, wherever its deletion stands.
    for (const item of items)
      if (item.content?.t === "delete" && item.state !== "failed") this.#delete(item);
    for (const line of this.#lines.values()) this.#miss(line);
  }

  /** @param {Item} item @returns {Line} */
  now = (item) => this.#lines.get(item.seq) ?? item;

  /** @param {Line} line @param {Partial<Line>} what */
  set(line, what) {
    this.#lines.set(line.seq, { ...line, ...what });
  }

  /** The message a change names, if it is one, stood there before and has that id.
   * @param {Item} change @param {Ref} ref */
  named(change, [seq, id]) {
    const found = this.#lines.get(seq);
    const before = change.seq === null || seq < change.seq;
    return found && found.id === id && before ? found : null;
  }

  /** The text or poll that a change names, where the change itself was not deleted.
   * @param {Item} change @param {...string} types */
  target(change, ...types) {
    const found = this.named(change, change.content?.of);
    const counts = this.now(change).kind === "change" && change.state !== "failed";
    return counts && found?.kind === "message" && types.includes(found.content?.t) ? found : null;
  }

  /** @param {Item} change */
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

  /** The server erased it, and no member is known to have asked for that. @param {Line} line */
  #miss(line) {
    if (line.kind === "erased" && (line.erasedBy ?? 0) <= this.#last) this.set(line, { gap: true });
  }

  /** @param {Item} item */
  shows(item) {
    const { kind } = this.now(item);
    if (item.kind === "change") return kind === "change" && item.state === "failed";
    return item.kind !== "erased" || !item.changes || kind === "erased";
  }
}

/** @type {Record<string, (view: View, change: any) => void>} */
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
