/** The notice of a room whose owner's account has ended, or that of the other person of a direct room,
 * with what members can do. */

import { createRoom } from "../conversation/room/create.js";
import { createInvitation } from "../conversation/room/invitations.js";
import { ownerOf, takeOver } from "../conversation/room/members.js";
import { attempt, troublePlace } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { lateStrings as strings } from "../ui/strings/late.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/chat.js").Chat} Chat */
/** @typedef {import("../conversation/room/room-session.js").RoomSession} RoomSession */
/** @typedef {import("../conversation/messages/outbox.js").Outbox} Outbox */

const LINK_HOURS = 720;

export class OwnerEnded {
  #me;
  #chat;
  #session;
  #outbox;
  #place;
  /** The person whose account has ended, as the server said when the room was opened; "" for none. */
  #ended;
  /** @type {"deleted" | "disabled"} */
  #how;

  /** @param {Account} me @param {Chat} chat @param {RoomSession} session @param {Outbox} outbox
   * @param {import("./notices.js").RoomNotice} place where it is shown */
  constructor(me, chat, session, outbox, place) {
    this.#place = place;
    this.#me = me;
    this.#chat = chat;
    this.#session = session;
    this.#outbox = outbox;
    const { ended = {} } = chat.serverRoom(session.id) ?? {};
    this.#how = ended[this.#present];
    this.#ended = Object.hasOwn(ended, this.#present) ? this.#present : "";
  }

  /** The member without whom a room does not go on as before: its owner; of two the other one. */
  get #present() {
    const { state, peer } = this.#session;
    return peer ? peer.uid : ownerOf(state);
  }

  /** Shows the notice if that person's account has ended. */
  draw() {
    const { state } = this.#session;
    const { name: owner } = state.members.get(this.#ended) ?? {};
    if (owner === undefined || this.#present !== this.#ended || state.ended) return;
    const words = strings.ownerEnded;
    if (state.kind === "direct") this.#place.show(notice(words.direct(owner, this.#how)));
    else if (state.successor === this.#me.uid)
      this.#place.show(
        notice(words.mine(owner), words.takeOver, (progress) => this.#takeOver(progress)),
      );
    else if (state.successor)
      this.#place.show(notice(words.others(owner, state.members.get(state.successor)?.name ?? "")));
    else this.#place.show(notice(words.nobody(owner), words.newRoom, () => this.#newRoom()));
  }

  /** @param {(done: number) => void} progress */
  async #takeOver(progress) {
    await takeOver(this.#me, this.#session, progress);
    this.#place.show();
  }

  /** Creates a room like this one, and posts its link here. */
  async #newRoom() {
    const { profile, state } = this.#session;
    const { policy } = state;
    const { name, topic } = profile;
    const id = await createRoom(this.#me, { name: name || strings.unnamed, topic, policy });
    const terms = { hours: LINK_HOURS, max: Math.min(1000, state.members.size) };
    const fresh = await this.#chat.session(id);
    const { url } = await createInvitation(this.#me, fresh, terms, location.origin);
    await this.#outbox.add({ t: "text", body: strings.ownerEnded.link(url) });
    this.#place.show(notice(strings.ownerEnded.made));
  }
}

/** @param {string} text @param {string} [label]
 * @param {(progress: (done: number) => void) => Promise<unknown>} [act] */
function notice(text, label, act) {
  if (!label || !act) return h("div", { class: "notice" }, h("p", {}, text));
  const trouble = troublePlace();
  const button = h("button", { class: "button small", type: "button" }, label);
  button.addEventListener("click", () => attempt(button, act, trouble));
  return h(
    "div",
    { class: "notice" },
    h("p", {}, text),
    h("div", { class: "row" }, button),
    trouble,
  );
}
