/**
 * The panels beside a conversation: members, invitations, summaries, what protects the room. Their
 * buttons are here; the panels are loaded when one is pressed, or once the conversation is shown.
 */

import { byId } from "../ui/dom.js";
import { loadPart } from "../ui/load-part.js";

/** @typedef {import("./loaded-panels.js").LoadedPanels} LoadedPanels */
/** @typedef {import("../ui/panel.js").Panel} Panel */

/** @typedef {import("../conversation/room/activity-log.js").ActivityLog} ActivityLog */

/** Logs that were read in this page, by room. @type {WeakMap<object, ActivityLog>} */
const activityLogs = new WeakMap();

export class RoomPanels {
  #parts;
  /** @type {Panel | null} */
  #panel = null;
  /** @type {Promise<LoadedPanels> | null} */
  #loading = null;
  /** @type {LoadedPanels | null} */
  #loaded = null;
  #newest = 0;
  /** Members who ask to be let in with new keys, as far as this member may decide.
   * @type {import("../conversation/room/knocks.js").Knock[]} */
  newKeys = [];
  /** Seqs of requests for summaries whose result is there, as far as it was looked for.
   * @type {Set<number>} */
  summarised = new Set();
  /** Called when `newKeys` or `summarised` has changed. */
  onLines = () => {};

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat
   * @param {import("../conversation/room/room-session.js").RoomSession} session
   * @param {import("../conversation/messages/outbox.js").Outbox} outbox
   * @param {AbortSignal} signal aborted when the room is left
   */
  constructor(me, chat, session, outbox, signal) {
    const unreadAfter = chat.readMark(session.id); // what is shown from now on is read
    this.#parts = { me, chat, session, outbox, unreadAfter, signal };
    signal.addEventListener("abort", () => this.#panel?.leave());
    byId("room-trust").addEventListener("click", () =>
      this.#use(({ security }) => security.open()),
    );
    byId("room-rules").addEventListener("click", () =>
      this.#use(({ security }) => security.openPolicy()),
    );
    byId("open-members").addEventListener("click", () =>
      this.#use(({ members }) => members.open()),
    );
    byId("open-invite").addEventListener("click", () => this.#use(({ links }) => links.show()));
    const summary = byId("open-summary");
    summary.addEventListener("click", () => this.openSummaries(summary));
    const offer = () => (summary.hidden = !this.maySummarise);
    session.addEventListener("changed", offer, { signal });
    offer();
  }

  /** Tells whether the room's rules allow summaries. */
  get maySummarise() {
    return this.#parts.session.state.policy.ai !== "off";
  }

  /** Loads the panel at the right, in which all of them are shown.
   * @returns {Promise<Panel>} rejects where it cannot be loaded, or the room was left */
  async loadPanel() {
    const { Panel } = await import("../ui/panel.js");
    this.#parts.signal.throwIfAborted(); // the page shows another room by now
    const [panel, title, body] = [byId("panel"), byId("panel-title"), byId("panel-body")];
    this.#panel ??= new Panel(panel, title, body, byId("close-panel"));
    return this.#panel;
  }

  /** Closes the panel at the right, if it is open. */
  close() {
    if (this.#panel?.isOpen()) this.#panel.close();
  }

  /** Loads the panels; a second time only if the first has failed. */
  load() {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #load() {
    const { LoadedPanels } = await import("./loaded-panels.js");
    const activityLog = await this.#loadActivityLog();
    const panel = await this.loadPanel();
    this.#loaded = new LoadedPanels({
      ...this.#parts,
      panel,
      activityLog,
      onNewKeys: (knocks) => {
        this.newKeys = knocks;
        this.onLines();
      },
      onSummaries: (requests) => {
        this.summarised = requests;
        this.onLines();
      },
    });
    this.#loaded.summaries.setNewest(this.#newest);
    return this.#loaded;
  }

  /** The room's log in words, loaded once the conversation is shown. */
  async #loadActivityLog() {
    const { ActivityLog } = await import("../conversation/room/activity-log.js");
    const { me, session } = this.#parts;
    const activityLog = activityLogs.get(session) ?? new ActivityLog(me, session);
    activityLogs.set(session, activityLog);
    return activityLog;
  }

  /** The events of the room's log that were read. */
  get events() {
    return activityLogs.get(this.#parts.session)?.entries ?? [];
  }

  /** Reads events of the room's log. @param {number} from seq of the first that is wanted */
  async readEvents(from) {
    await (await this.#loadActivityLog()).update(from);
  }

  /** @param {(panels: LoadedPanels) => unknown} action */
  async #use(action) {
    const panels = await loadPart(() => this.load(), this.#parts.signal);
    if (panels && !this.#parts.signal.aborted) await action(panels);
  }

  /** @param {HTMLElement} from @param {{seq: number, ts: number} | null} [start] the message from
   *   which on a summary is wanted */
  openSummaries(from, start) {
    return this.#use(({ summaries }) => summaries.open(from, start));
  }

  /** Shows what the server keeps of a message. @param {number} seq @param {HTMLElement} from */
  showStored(seq, from) {
    return this.#use(({ security }) => security.showStored(seq, from));
  }

  /** Asks what a report of a message should say, and sends it.
   * @param {import("../conversation/messages/timeline-items.js").TimelineItem} line */
  report(line) {
    return this.#use(({ reports }) => reports.report(line));
  }

  /** Compares numbers with somebody. @param {string} uid */
  showSafety(uid) {
    return this.#use(({ members }) => members.showSafety(uid));
  }

  /** Draws the members again, where they are shown. */
  drawMembers() {
    this.#loaded?.members.draw();
  }

  /** Fetches the join requests again, and draws the members. */
  fetchKnocks() {
    this.#loaded?.members.fetchKnocks();
  }

  /** The newest message there is. @param {number} newest seq */
  setNewest(newest) {
    this.#newest = newest;
    this.#loaded?.summaries.setNewest(newest);
  }

  /** Loads the panels and what they show, for a conversation that is shown. An error is said when
   * a panel is opened. @param {(seq: number) => void} jump shows a message in the conversation */
  async start(jump) {
    const { summaries, members, reports } = await this.load();
    const { chat, session } = this.#parts;
    if (chat.serverRoom(session.id)?.knocks) members.fetchKnocks();
    summaries.start(jump);
    reports.start(jump);
  }
}
