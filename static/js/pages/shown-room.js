/** A room that is open: what the view shows of its session. */

import { loadCode } from "../conversation/load-code.js";
import { peerOf } from "../conversation/room/names.js";
import { leads } from "../crypto/room-state.js";
import { Conversation } from "../panels/conversation.js";
import { OwnerNotice, showRequest } from "../panels/notices.js";
import { RoomComposer } from "../panels/room-composer.js";
import { RoomEndBar } from "../panels/room-end.js";
import { RoomPanels } from "../panels/room-panels.js";
import { byId, h } from "../ui/dom.js";
import { PREVIEW } from "../ui/limits.js";
import { loadPart } from "../ui/load-part.js";
import { safeName } from "../ui/people/names.js";
import { rulesInSight } from "../ui/rooms/rules-in-sight.js";
import { strings } from "../ui/strings.js";
import { takeDropped } from "./ahead.js";

/** @typedef {import("./types.js").Visit} Visit */

/** Its conversation, field, panels and notices. */
export class ShownRoom {
  #visit;
  #room;
  #ownerNotice;
  #endBar;
  #panels;
  /** @type {Promise<import("../panels/open-search.js").RoomSearch> | null} loaded when its button is pressed, or
   * once the room is shown */
  #search = null;

  /** @param {Visit} visit @param {import("../conversation/chat.js").OpenRoom} room
   * @param {import("../panels/notices.js").RoomNotice} notice */
  constructor(visit, room, notice) {
    this.#visit = visit;
    this.#room = room;
    const { me, chat, signal } = visit;
    const { session, outbox } = room;
    this.#panels = new RoomPanels(me, chat, session, outbox, signal);
    this.#ownerNotice = new OwnerNotice(me, chat, session, outbox, notice);
    const showSafety = (/** @type {string} */ uid) => this.#panels.showSafety(uid);
    this.#endBar = new RoomEndBar({ me, chat, session, outbox, showSafety, notice });
    const files = lateFilesOf(me, session.id);
    this.conversation = new Conversation({
      me,
      chat,
      room,
      panels: this.#panels,
      files,
      signal,
      onWrite: (mode) => this.composer.setMode(mode),
      onGone: () => this.composer.loseTarget(),
    });
    this.composer = new RoomComposer({
      me,
      chat,
      room,
      files,
      signal,
      panels: this.#panels,
      conversation: this.conversation,
      unsent: visit.unsent,
      dropped: takeDropped(),
      onSettled: () => this.#drawBarAgain(), // it shows what came back
    });
    byId("open-search").addEventListener("click", async () =>
      (await loadPart(() => this.#loadSearch(), signal))?.toggle(),
    );
  }

  #loadSearch() {
    this.#search ??= this.#makeSearch().catch((error) => {
      this.#search = null;
      throw error;
    });
    return this.#search;
  }

  async #makeSearch() {
    const { RoomSearch } = await import("../panels/open-search.js");
    const { me, chat, signal } = this.#visit;
    signal.throwIfAborted(); // the page shows another room by now
    const { conversation } = this;
    return new RoomSearch({
      me,
      chat,
      room: this.#room,
      panels: this.#panels,
      conversation,
      signal,
    });
  }

  /** Starts what is not seen at once: files to send, the key that searches, and who types. Never rejects: without the latter
   * nobody is shown as typing until the next visit. */
  async startRest() {
    const { chat, signal } = this.#visit;
    const { session } = this.#room;
    this.composer.loadTray().catch(() => {}); // it is loaded with the first file then
    this.#loadSearch().catch(() => {}); // its button loads it again
    const part = await import("../panels/typing.js").catch(() => null);
    if (!part || signal.aborted) return;
    const members = () => (session.isOut ? new Map() : session.state.members);
    part.startTyping(byId("typing"), chat, session.id, members, signal);
  }

  /** Draws it, and again whenever something changes. */
  start() {
    this.#listen();
    this.draw();
  }

  #listen() {
    const { chat, sidebar, signal } = this.#visit;
    const { session, outbox } = this.#room;
    const draw = () => this.draw();
    session.addEventListener("changed", draw, { signal });
    session.addEventListener("frozen", draw, { signal });
    session.addEventListener("changed", () => this.#panels.fetchKnocks(), { signal });
    chat.addEventListener("presence", () => this.#drawPresent(), { signal });
    chat.addEventListener("accepted", draw, { signal });
    chat.addEventListener("status", draw, { signal });
    chat.blocks.addEventListener("changed", draw, { signal });
    let knock = chat.serverRoom(session.id)?.own_knock?.state;
    const listed = () => {
      const now = chat.serverRoom(session.id)?.own_knock?.state;
      if (now !== knock) draw();
      knock = now;
    };
    chat.addEventListener("rooms", listed, { signal });
    const unsent = () => {
      sidebar.drawStatus();
      this.#drawBarAgain(); // it counts the unsent
    };
    outbox.addEventListener("changed", unsent, { signal });
    chat.addEventListener("gone", (event) => this.#onGone(event), { signal });
  }

  /** Draws the bar again that stands in the place of the field, if it does. */
  #drawBarAgain() {
    if (!this.#visit.signal.aborted && !byId("room-answer").hidden) this.draw();
  }

  /** @param {Event} event */
  #onGone(event) {
    const { session } = this.#room;
    if (/** @type {CustomEvent} */ (event).detail.room !== session.id) return;
    if (!session.isOut) session.refresh().catch(() => {}); // asked again with the next heartbeat
  }

  draw() {
    const { me, chat } = this.#visit;
    const { session } = this.#room;
    const { profile, state, mine } = session;
    const peer = peerOf(session, me.uid)?.name ?? "";
    byId("room-title").textContent =
      safeName(profile.name) || peer || safeName(session.title) || strings.unnamed;
    byId("room-topic").textContent = safeName(profile.topic, PREVIEW);
    this.#drawRules(rulesInSight(state.policy));
    byId("member-count").textContent = String(state.members.size);
    const stopped = state.ended || chat.serverRoom(session.id)?.stopped;
    const may = mine && leads(mine) && state.kind === "group" && !stopped;
    byId("open-invite").hidden = !may;
    this.#drawPresent();
    const stuck = this.#endBar.draw(this.composer.written);
    if (!stuck) this.#ownerNotice.draw();
    const asked = showRequest(me, chat, session);
    this.composer.block(stuck || asked ? " " : "");
    this.#panels.drawMembers();
  }

  /** @param {string[]} rules */
  #drawRules(rules) {
    const place = byId("room-rules");
    place.hidden = rules.length === 0;
    place.setAttribute("aria-label", strings.rules.open(rules.join(", ")));
    place.replaceChildren(...rules.map((rule) => h("span", {}, rule)));
  }

  #drawPresent() {
    const { id, state, peer } = this.#room.session;
    const here = this.#visit.chat.online(id).filter((uid) => state.members.has(uid));
    const many = state.members.size;
    const said = peer
      ? here.includes(peer.uid) && strings.online
      : many > 1 && here.length > 0 && strings.present(here.length, many);
    byId("room-present").textContent = said || "";
  }
}

/** The part that opens and sends files, loaded with the first one.
 * @param {import("../conversation/account/account.js").Account} me @param {string} room */
function lateFilesOf(me, room) {
  /** @type {import("../conversation/messages/files.js").Files | undefined} */
  let files;
  return async () => {
    const { Files } = await loadCode(() => import("../conversation/messages/files.js"));
    files ??= new Files(me, room);
    return files;
  };
}
