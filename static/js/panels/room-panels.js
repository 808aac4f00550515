/** The panels beside a conversation: members, invitations, summaries, what protects the room. */

import {
  createInvitation,
  revokeInvitation,
  voidedLinks,
} from "../conversation/room/invitations.js";
import { byId } from "../pages/bootstrap.js";
import { invitePanel } from "../ui/invites.js";
import { createPanel } from "../ui/panel.js";
import { strings } from "../ui/strings.js";
import { MembersPanel } from "./members.js";
import { RoomSecurityPanel } from "./room-security.js";
import { SummaryPanel } from "./summaries.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */
/** @typedef {import("../conversation/room/room-session.js").RoomSession} RoomSession */

/**
 * @param {Account} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 */
export function startPanels(me, chat, session) {
  const panel = createPanel(
    byId("panel"),
    byId("panel-title"),
    byId("panel-body"),
    byId("close-panel"),
  );
  const people = new MembersPanel(me, chat, session, panel);
  const about = new RoomSecurityPanel(me, session, panel, people);
  const summaries = new SummaryPanel(me, chat, session, panel, () => about.showPolicy());
  startInviting(me, session, panel, about.activityLog);
  return { panel, people, about, summaries };
}

/** @param {Account} me @param {RoomSession} session @param {ReturnType<typeof createPanel>} panel
 * @param {import("../conversation/room/activity-log.js").ActivityLog} activityLog */
function startInviting(me, session, panel, activityLog) {
  const opener = byId("open-invite");
  /** @type {any[]} */
  let invites = [];

  async function fetchInvites() {
    ({ invites } = await me.api.get(`chatrooms/${session.id}/invites`));
  }

  const invitations = () =>
    invitePanel({
      invites,
      voided: voidedLinks(me, session.state).map((iid) => endOf(iid)),
      policy: /** @type {any} */ (session.state.policy),
      onCreate: async (terms) => {
        const { url } = await createInvitation(me, session, terms, location.origin);
        await fetchInvites();
        return url;
      },
      onRevoke: async (iid) => {
        await revokeInvitation(me, session, iid);
        await fetchInvites();
      },
    });

  /** Why a link ended, as the log tells it. @param {string} iid */
  function endOf(iid) {
    const made = session.state.invites.get(iid)?.seq ?? 0;
    const ends = ["leave", "remove", "reset", "policy", "succeed"];
    const end = activityLog.entries.find(
      ({ seq, t, begins }) => seq > made && (ends.includes(t) || (t === "role" && begins)),
    );
    return { iid, why: end?.t ?? "leave", who: end?.whom || end?.by || "" };
  }

  opener.addEventListener("click", async () => {
    await Promise.allSettled([fetchInvites(), activityLog.update()]); // making one may still work
    panel.open(opener, strings.inviteTitle, invitations());
  });
}
