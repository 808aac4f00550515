/** The words and buttons of a room where writing has ended: what happened, what is kept, what to do. */

import { senderOf } from "../conversation/counting.js";
import { declines } from "../conversation/room/room-end.js";
import { ask } from "../ui/dialog.js";
import { download } from "../ui/files/download.js";
import { go, reload } from "../ui/go.js";
import { endNodes } from "../ui/rooms/end-bar.js";
import { lateStrings as strings } from "../ui/strings/late.js";
import { full } from "../ui/time.js";
import { loginAddress } from "./sidebar.js";

/** @typedef {import("../conversation/room/room-end.js").EndKind} EndKind */
/** @typedef {import("../ui/rooms/end-bar.js").EndAction} EndAction */
/** @typedef {{isEmpty: boolean, isSilent: boolean}} Kept `isEmpty`: this browser keeps no message of the room;
 *   `isSilent`: none of the person who was asked to talk and is gone */

const LOOKED_AT = 200; // messages, for one of the other person
const ANSWER_WITHIN = 2000; // ms

/** @param {number} ms @returns {Promise<null>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms, null));

export class EndDetails {
  #context;

  /** @param {import("./room-end.js").EndContext} context */
  constructor(context) {
    this.#context = context;
  }

  /** @param {import("./room-end.js").End} end @returns {Promise<Node[]>} */
  async nodes({ kind, who, at, unsent, draft, kept }) {
    const [{ isEmpty, isSilent }, isDeleted] = await Promise.all([
      this.#look(kept),
      kind === "alone" && this.#peerIsDeleted(),
    ]);
    const direct = this.#isDirect;
    const { what, next, declined, deletedPeer } = strings.ends;
    const when = at > 0 ? full(at) : "";
    return endNodes({
      kind,
      what: isSilent ? declined.what(who, when) : what[kind](who, when, direct),
      next: isDeleted
        ? deletedPeer
        : isSilent
          ? declined.next
          : next[kind](who, "", direct, isEmpty),
      unsent: unsent > 0 ? strings.ends.unsent(unsent) : "",
      draft,
      actions: this.#actions({ kind, who, kept, isDeleted }),
    });
  }

  /** Tells whether this browser has no message of the room.
   * @param {number} [many] of the newest ones that are looked at @param {string} [uid] and none of this person */
  async #keepsNothing(many = 1, uid = "") {
    const { me, session } = this.#context;
    const rows = await me.store.messages.lastRows(session.id, many).catch(() => null);
    return rows !== null && !rows.some(({ h }) => uid === "" || senderOf(h) === uid);
  }

  /** @param {boolean} kept @returns {Promise<Kept>} */
  async #look(kept) {
    const { me, session } = this.#context;
    const { peer, state } = session;
    const mayDecline = peer !== null && declines(state, { asker: me.uid, asked: peer.uid });
    const isSilent = mayDecline && (await this.#keepsNothing(LOOKED_AT, peer.uid));
    return { isEmpty: kept && (await this.#keepsNothing()), isSilent };
  }

  /** Asks whether the account of the other person was deleted: the list of rooms does not say it of who left. */
  async #peerIsDeleted() {
    const { me, session } = this.#context;
    const asked = me.api.get(`chatrooms/${session.id}`).catch(() => null);
    const found = await Promise.race([asked, pause(ANSWER_WITHIN)]); // the bar waits no longer for it
    return found?.ended?.[session.peer?.uid ?? ""] === "deleted";
  }

  get #isDirect() {
    return this.#context.session.state.kind === "direct";
  }

  /** @param {{kind: EndKind, who: string, kept: boolean, isDeleted: boolean}} end @returns {EndAction[]} */
  #actions({ kind, who, kept, isDeleted }) {
    const { chat, session } = this.#context;
    const words = strings.ends;
    const { peer } = session;
    if (kind === "signed-out") return [{ label: words.login, href: loginAddress() }];
    if (kind === "replaced") return [{ label: words.keys, href: "/keys/" }];
    if (kind === "newer") return [{ label: words.reload, run: reload }];
    if (kind === "not-let-in") return [{ label: words.askAgain, run: () => this.#askAgain() }];
    if (kind === "blocked" && peer)
      return [{ label: words.unblock(who), run: () => chat.block(peer.uid, false) }];
    if (kind === "alone")
      return [
        ...(isDeleted ? [] : [{ label: words.begin, href: "/rooms/new/" }]),
        { label: strings.direct.leave, quiet: true, run: () => this.#leave() },
      ];
    if (!kept) return [];
    return [
      { label: words.exportKept, run: () => this.#export() },
      { label: words.remove, quiet: true, run: () => this.#remove() },
    ];
  }

  /** Asks once more to be let in with the present keys. */
  async #askAgain() {
    const { knockAfterReset } = await import("../conversation/room/knocks.js");
    const { me, chat, session } = this.#context;
    await knockAfterReset(me, session.id);
    await chat.loadRooms();
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
    const title = removeTitle(this.#isDirect);
    if (!(await ask({ title, text: removeText, confirm: remove, danger: true }))) return;
    if (chat.serverRoom(session.id)) await me.api.delete(`chatrooms/${session.id}`);
    await chat.forgetRoom(session.id);
    go("/rooms/", { replace: true });
  }
}
