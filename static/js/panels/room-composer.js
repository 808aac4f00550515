/** The field of a room: what is written, attached and chosen in it goes into the room's outbox. */

import { loadCode } from "../conversation/load-code.js";
import { Composer } from "../ui/composer/composer.js";
import { acceptDrops, byId } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";
import { strings } from "../ui/strings.js";
import { RoomDrafts } from "./room-drafts.js";

/** @typedef {import("../ui/composer/attachment-tray.js").AttachmentTray} AttachmentTray */
/** @typedef {import("../ui/composer/composer.js").Draft} Draft */
/** @typedef {import("../ui/composer/composer.js").Outcome} Outcome */
/** @typedef {import("../ui/composer/attachment-tray.js").UnsentFiles} UnsentFiles */
/**
 * @typedef {object} Unsent of a room, kept while another one is shown
 * @property {import("../ui/composer/attachment-tray.js").UnsentFiles} tray
 * @property {File[]} waiting files that were given before the tray was loaded
 * @property {{text: string}[]} leaving texts that wait for the upload of their files
 * @property {RoomComposer} shown the field of the newest visit
 *
 * @typedef {object} Parts
 * @property {import("../conversation/account/account.js").Account} me
 * @property {import("../conversation/chat.js").Chat} chat
 * @property {import("../conversation/chat.js").OpenRoom} room
 * @property {() => Promise<import("../conversation/messages/files.js").Files>} files loads what sends
 *   files
 * @property {import("./room-panels.js").RoomPanels} panels
 * @property {import("./conversation.js").Conversation} conversation
 * @property {Map<string, Unsent>} unsent by room
 * @property {File[]} dropped files that were dropped while the room was opening
 * @property {AbortSignal} signal aborted when the room is left
 * @property {() => void} onSettled called when what was being sent is sent, or came back
 */

export class RoomComposer {
  #parts;
  #unsent;
  /** @type {AttachmentTray | null} loaded with the first file, and once the room is shown */
  #tray = null;
  /** @type {Promise<AttachmentTray> | null} */
  #loading = null;
  /** @type {Promise<typeof import("./message-actions.js")> | null} */
  #actions = null;
  #drafts;
  #composer;
  /** Settled once the draft is in the field. */
  restored;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { me, room, signal } = parts;
    this.#unsent = this.#takeOver();
    this.#unsent.waiting.push(...parts.dropped);
    this.#drafts = new RoomDrafts(me, room.session.id, (draft) => this.#composer.restore(draft));
    this.#composer = new Composer(
      byId("composer", HTMLFormElement),
      byId("composer-text", HTMLTextAreaElement),
      this.#callbacks(),
      this.#unsent.leaving,
    );
    this.restored = this.#restore();
    byId("composer-text").addEventListener("paste", (event) => this.#paste(event), { signal });
    acceptDrops(byId("conversation"), (files) => this.#drop(files), signal);
    const more = byId("composer-more");
    more.addEventListener("click", () => this.#openMore(more));
    signal.addEventListener("abort", () => this.#close());
    addEventListener("pagehide", () => this.#drafts.flush(), { signal });
    document.addEventListener("visibilitychange", () => this.#drafts.flush(), { signal });
  }

  /** Takes over what an earlier visit has left unsent. @returns {Unsent} */
  #takeOver() {
    const { unsent, room } = this.#parts;
    const before = unsent.get(room.session.id);
    const none = { tray: { files: [], problem: "" }, waiting: [], leaving: [] };
    const { tray, waiting, leaving } = before ?? none;
    const taken = { tray, waiting, leaving, shown: this };
    unsent.set(room.session.id, taken);
    return taken;
  }

  /** @returns {import("../ui/composer/composer.js").Callbacks} */
  #callbacks() {
    const { chat, room } = this.#parts;
    const { session } = room;
    return {
      onSend: (text, mode) => this.#send(text, mode),
      onSettled: (outcome) => this.#settle(outcome),
      hasAttachments: () => this.#tray?.isEmpty === false || this.#unsent.waiting.length > 0,
      onTyping: (on) => chat.send({ type: on ? "typing_start" : "typing_stop", room: session.id }),
      onDraft: (draft) => this.#drafts.save(draft),
      onEditLast: () => this.#editLast(),
      onFile: async (file) => (await this.#trayNow())?.add([file]) ?? false,
      people: () => this.#mentionable(session.state.members),
    };
  }

  /** The members who are not blocked by when they wrote last; those who did not by name.
   * @param {Map<string, {name: string}>} members */
  #mentionable(members) {
    const wrote = this.#parts.conversation.shown.messages().map(({ author }) => author.uid);
    const last = new Map(wrote.map((uid, at) => [uid, at]));
    const at = (/** @type {string} */ uid) => last.get(uid) ?? -1;
    return [...members]
      .filter(([uid]) => !this.#parts.chat.blocks.isHidden(uid))
      .map(([uid, { name }]) => ({ uid, name }))
      .sort((a, b) => at(b.uid) - at(a.uid) || a.name.localeCompare(b.name));
  }

  async #restore() {
    const sending = this.#unsent.leaving.map(({ text }) => text).join("\n");
    const draft = await this.#drafts.load();
    if (draft.mode) await this.#composer.loadNotes().catch(() => {}); // said once it is shown
    this.#composer.restore(withoutStart(draft, sending));
    this.loseTarget();
    const { tray, waiting } = this.#unsent;
    if (tray.files.length + waiting.length > 0) await this.loadTray().catch(() => {});
  }

  /** Loads what takes files that are chosen, pasted or dropped. It can be loaded again where that
   * fails. */
  loadTray() {
    this.#loading ??= this.#makeTray().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #makeTray() {
    const { AttachmentTray } = await loadCode(() => import("../ui/composer/attachment-tray.js"));
    const [form, field] = [byId("composer"), byId("composer-text")];
    const { signal } = this.#parts;
    signal.throwIfAborted(); // these are another room's by now
    this.#tray = new AttachmentTray(form, field);
    this.#tray.put(this.#unsent.tray);
    const waiting = this.#unsent.waiting.splice(0);
    if (waiting.length > 0) this.#tray.add(waiting);
    return this.#tray;
  }

  /** Files that are dropped stay, whether the tray comes late, not at all or in a later visit.
   * @param {File[]} files */
  #drop(files) {
    if (byId("composer-text", HTMLTextAreaElement).disabled) return;
    if (this.#tray) this.#tray.add(files);
    else {
      this.#unsent.waiting.push(...files);
      this.#trayNow();
    }
  }

  /** Files that are pasted stay, also where the tray is not loaded yet. @param {ClipboardEvent} event */
  async #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    const beside = !!event.clipboardData?.getData("text/plain");
    if (files.length > 0 && !beside) event.preventDefault();
    const tray = files.length > 0 ? await this.#trayNow() : this.#tray;
    tray?.paste(files, beside);
  }

  /** The tray that a person waits for; null if it could not be loaded, which was said. */
  #trayNow() {
    return loadPart(() => this.loadTray(), this.#parts.signal);
  }

  /** Keeps what is not sent for the next visit. */
  #close() {
    if (this.#tray) this.#unsent.tray = this.#tray.unsent;
    this.#composer.close();
    this.#drafts.close();
  }

  /** @param {string} text @param {import("../ui/composer/composer.js").Mode | null} mode */
  async #send(text, mode) {
    const { room, conversation } = this.#parts;
    if (mode && conversation.isGone(mode.line))
      throw new Error(strings.composer.targetGone[mode.kind]);
    const attached = mode?.kind === "edit" ? [] : await this.#sendFiles();
    if (!attached) return false;
    const { sendMessage } = await this.#loadActions();
    await sendMessage(room.session, room.outbox, text, mode, attached);
    if (mode?.kind !== "edit") conversation.follow();
    return true;
  }

  /** Loads what sends texts. All that are written meanwhile wait for one promise, in their order: of
   * several imports of a module, a later one may be settled first. */
  #loadActions() {
    this.#actions ??= loadCode(() => import("./message-actions.js")).catch((error) => {
      this.#actions = null;
      throw error;
    });
    return this.#actions;
  }

  /** @returns {Promise<import("../conversation/messages/files.js").RoomFile[] | null>} null if it
   *   failed */
  async #sendFiles() {
    const { waiting } = this.#unsent;
    const tray = this.#tray ?? (waiting.length > 0 ? await this.#trayNow() : null);
    return tray ? tray.sendAll(this.#sendFile) : waiting.length > 0 ? null : [];
  }

  /** Returns what was not sent to the field that is shown now. @param {Outcome} outcome */
  async #settle(outcome) {
    const { unsent, room } = this.#parts;
    const { shown } = unsent.get(room.session.id) ?? this.#unsent;
    await shown.restored;
    if (shown !== this && this.#tray) await shown.#takeBack(this.#tray.unsent);
    shown.#composer.settle(outcome);
    shown.loseTarget();
    shown.#parts.onSettled();
    if (shown.#parts.signal.aborted && shown.#tray) shown.#unsent.tray = shown.#tray.unsent;
  }

  /** Takes files back that an earlier visit could not send. @param {UnsentFiles} left */
  async #takeBack(left) {
    if (left.files.length === 0) return;
    const tray = this.#tray ?? (this.#parts.signal.aborted ? null : await this.#trayNow());
    if (tray) tray.put(left);
    else this.#unsent.tray = left;
  }

  /** @type {import("../ui/composer/attachment-tray.js").SendFile<import("../conversation/messages/files.js").RoomFile>} */
  #sendFile = async (file, { progress, signal, thumbs }) => {
    const { prepare } = await import("../ui/files/picture.js");
    const { blob, about, thumb } = await prepare(file, { thumbs });
    return (await this.#parts.files()).send(blob, about, { progress, signal, thumb });
  };

  /** Corrects the last own message: one that was not sent yet is taken back. */
  async #editLast() {
    const part = await loadPart(() => import("./correct-last.js"));
    await part?.correctLast(this.#parts, {
      edit: (line) => this.setMode({ kind: "edit", line }),
      takeBack: (text, mode) => this.#composer.takeBack(text, mode),
    });
  }

  /** @param {HTMLElement} more the button */
  async #openMore(more) {
    const menu = await loadPart(() => import("./composer-menu.js"));
    menu?.openComposerMenu(more, this.#parts, {
      attach: async () => (await this.#trayNow())?.choose(),
      format: this.#composer.toggleFormatting,
    });
  }

  /** Starts a reply or an edit; null ends it. @param {import("../ui/composer/composer.js").Mode | null} mode */
  setMode(mode) {
    this.#composer.setMode(mode);
  }

  /** Ends an answer or a correction whose message is gone meanwhile. */
  loseTarget() {
    this.#composer.loseTarget((line) => this.#parts.conversation.isGone(line));
  }

  /** The unsent words, also those that wait for the upload of their files. */
  get written() {
    const leaving = this.#unsent.leaving.map(({ text }) => text);
    return [...leaving, this.#composer.written].filter(Boolean).join("\n");
  }

  /** Disables the field. @param {string} reason shown in it; "" enables the field */
  block(reason) {
    this.#composer.block(reason);
  }

  focus() {
    this.#composer.focus();
  }
}

/** A draft without texts at its start that are being sent.
 * @param {Draft} draft @param {string} sending @returns {Draft} */
function withoutStart(draft, sending) {
  if (!sending || !draft.text.startsWith(sending)) return draft;
  return { ...draft, text: draft.text.slice(sending.length).replace(/^\n/, "") };
}
