/** Every panel of a room: room-panels.js loads them together. */

import { InvitationsPanel } from "./invitations.js";
import { MembersPanel } from "./members.js";
import { ReportsPanel } from "./reports.js";
import { RoomSecurityPanel } from "./room-security.js";
import { SummaryPanel } from "./summaries.js";

/**
 * @typedef {object} Parts
 * @property {import("../conversation/account/account.js").Account} me
 * @property {import("../conversation/chat.js").Chat} chat
 * @property {import("../conversation/room/room-session.js").RoomSession} session
 * @property {import("../conversation/messages/outbox.js").Outbox} outbox
 * @property {number} unreadAfter seq that was read when the room was opened
 * @property {import("../ui/panel.js").Panel} panel
 * @property {import("../conversation/room/activity-log.js").ActivityLog} activityLog
 * @property {AbortSignal} signal aborted when the room is left
 * @property {(knocks: import("../conversation/room/knocks.js").Knock[]) => void} onNewKeys told of
 *   members who ask to be let in with new keys
 * @property {(requests: Set<number>) => void} onSummaries told of requests for summaries whose result is
 *   there
 */

export class LoadedPanels {
  members;
  reports;
  security;
  summaries;
  links;

  /** @param {Parts} parts */
  constructor({ me, chat, session, outbox, unreadAfter, panel, activityLog, signal, ...told }) {
    const { onNewKeys, onSummaries } = told;
    this.members = new MembersPanel(me, chat, session, panel, signal, onNewKeys);
    this.reports = new ReportsPanel(me, session, panel, outbox);
    this.security = new RoomSecurityPanel(
      me,
      session,
      panel,
      this.members,
      activityLog,
      this.reports,
    );
    const onRules = () => this.security.showPolicy();
    const visit = { unreadAfter, onRules, onSummaries };
    this.summaries = new SummaryPanel(me, chat, session, panel, visit, signal);
    signal.addEventListener("abort", () => this.summaries.close());
    this.links = new InvitationsPanel(me, chat, session, panel, activityLog, signal);
  }
}
