/** The panels beside a conversation: members, invitations, summaries, security. */

import { byId } from "../ui/dom.js";
import { Panel } from "../ui/panel.js";
import { InvitationsPanel } from "./invitations.js";
import { MembersPanel } from "./members.js";
import { RoomSecurityPanel } from "./room-security.js";
import { SummaryPanel } from "./summaries.js";

export class RoomPanels {
  panel = new Panel(byId("panel"), byId("panel-title"), byId("panel-body"), byId("close-panel"));
  members;
  security;
  summaries;

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat
   * @param {import("../conversation/room/room-session.js").RoomSession} session
   */
  constructor(me, chat, session) {
    this.members = new MembersPanel(me, chat, session, this.panel);
    this.security = new RoomSecurityPanel(me, session, this.panel, this.members);
    const onRules = () => this.security.showPolicy();
    this.summaries = new SummaryPanel(me, chat, session, this.panel, onRules);
    new InvitationsPanel(me, session, this.panel, this.security.activityLog);
  }
}
