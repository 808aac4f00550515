/** The end of writing in a room, where one would write: by the signed log, with what to do. */

import { factsOf, roomEnd } from "../conversation/room/room-end.js";
import { ask } from "../ui/dialog.js";
import { byId } from "../ui/dom.js";
import { download } from "../ui/download.js";
import { endNodes } from "../ui/end-bar.js";
import { go } from "../ui/go.js";
import { strings } from "../ui/strings.js";
import { full } from "../ui/time.js";
import { loginAddress } from "./sidebar.js";

/** @typedef {import("../conversation/room/room-end.js").EndKind} EndKind */
/** @typedef {import("../ui/end-bar.js").EndAction} EndAction */

const KEPT = new Set(["closed", "removed", "banned", "left", "succeeded", "missing"]);

/**
 * @typedef {import("./notices.js").NoticeContext & {
 *   outbox: import("../conversation/messages/outbox.js").Outbox,
 *   notice: import("./notices.js").RoomNotice}} EndContext
 */

export class RoomEndBar {
  #context;
  #place = byId("room-answer");
  #composer = byId("composer");
  #shown = "";

  /** @param {EndContext} context */
  constructor(context) {
    this.#context = context;
  }

  /**
   * Shows why nothing can be written, or nothing.
   * @param {string} draft what is being written
   * @returns {boolean} whether there is such a reason
   */
  draw(draft) {
    const { me, chat, session } = this.#context;
    const signedOut = chat.status === "signed-out";
    const { isHidden } = chat.blocks;
    const stopped = chat.serverRoom(session.id)?.stopped;
    const end = roomEnd(factsOf(me, session, { signedOut, stopped, isHidden }));
    this.#context.notice.showBlockReason(this.#context, end?.kind);
    this.#composer.hidden = end !== null;
    this.#place.hidden = end === null;
    if (end) this.#show(end, draft);
    else this.#clear();
    return end !== null;
  }

  #clear() {
    this.#shown = "";
    delete this.#place.dataset.end;
  }

  /** @param {import("../conversation/room/room-end.js").RoomEnd} end @param {string} draft */
  #show({ kind, who, at }, draft) {
    const { outbox } = this.#context;
    const unsent = KEPT.has(kind)
      ? outbox.entries.filter(({ state }) => state !== "acked").length
      : 0;
    const key = JSON.stringify([kind, who, at, unsent, draft]);
    if (key === this.#shown) return; // drawing again would take the focus
    this.#shown = key;
    this.#place.dataset.end = kind;
    this.#place.replaceChildren(
      ...endNodes({
        kind,
        what: strings.ends.what[kind](who, at > 0 ? full(at) : ""),
        next: strings.ends.next[kind](who, ""),
        unsent: unsent > 0 ? strings.ends.unsent(unsent) : "",
        draft,
        actions: this.#actions(kind, who),
      }),
    );
  }

  /** @param {EndKind} kind @param {string} who @returns {EndAction[]} */
  #actions(kind, who) {
    const { chat, session } = this.#context;
    const words = strings.ends;
    const { peer } = session;
    if (kind === "signed-out") return [{ label: words.login, href: loginAddress() }];
    if (kind === "newer") return [{ label: words.reload, run: () => location.reload() }];
    if (kind === "blocked" && peer)
      return [{ label: words.unblock(who), run: () => chat.block(peer.uid, false) }];
    if (kind === "alone") return [{ label: strings.leave, quiet: true, run: () => this.#leave() }];
    if (!KEPT.has(kind)) return [];
    return [
      { label: words.exportKept, run: () => this.#export() },
      { label: words.remove, quiet: true, run: () => this.#remove() },
    ];
  }

  async #leave() {
    const { goAway } = await import("./room-request.js");
    const { me, chat, session } = this.#context;
    await goAway(me, chat, session);
  }

  async #export() {
    const { exportKept } = await import("../conversation/room/export-kept.js");
    const { me, session } = this.#context;
    download(await exportKept(me, session), `sotto-${session.id}.json`);
  }

  async #remove() {
    const { chat, me, session } = this.#context;
    const { removeTitle, removeText, remove } = strings.ends;
    if (!(await ask({ title: removeTitle, text: removeText, confirm: remove, danger: true })))
      return;
    if (chat.serverRoom(session.id)) await me.api.delete(`chatrooms/${session.id}`);
    await chat.forgetRoom(session.id);
    go("/rooms/", { replace: true });
  }
}
