/** The panels beside a conversation: members, invitations, what protects the room. */

import { createInvitation, revokeInvitation } from "../conversation/invitations.js";
import { h } from "../ui/dom.js";
import { invitePanel } from "../ui/invites.js";
import { memberPanel } from "../ui/members.js";
import { createPanel } from "../ui/panel.js";
import { strings } from "../ui/strings.js";
import { full } from "../ui/time.js";
import { byId } from "./parts.js";

/**
 * @param {import("../conversation/me.js").Me} me
 * @param {import("../conversation/chat.js").Chat} chat
 * @param {import("../conversation/room-session.js").RoomSession} session
 */
export function startPanels(me, chat, session) {
  const { id } = session;
  const panel = createPanel(
    byId("panel"),
    byId("panel-title"),
    byId("panel-body"),
    byId("close-panel"),
  );
  const [openMembers, openInvite, openTrust] = ["open-members", "open-invite", "room-trust"].map(
    byId,
  );
  /** @type {any[]} */
  let invites = [];

  async function leave() {
    if (!confirm(strings.leaveAsk)) return;
    await session.leave();
    location.replace("/rooms/");
  }

  const members = () =>
    memberPanel({
      members: session.state.members,
      online: chat.online(id),
      me: me.uid,
      onLeave: leave,
    });

  const invitations = () =>
    invitePanel({
      invites,
      onCreate: async (terms) => {
        const { url } = await createInvitation(me, session, terms, location.origin);
        await fetchInvites();
        return url;
      },
      onRevoke: async (iid) => {
        await revokeInvitation(me, session, iid);
        await fetchInvites();
        panel.refresh(openInvite, invitations);
      },
    });

  async function fetchInvites() {
    invites = (await me.api.get(`chatrooms/${id}/invites`)).invites;
  }

  const drawMembers = () => panel.refresh(openMembers, members);

  openMembers.addEventListener("click", () =>
    panel.open(openMembers, strings.membersTitle, members()),
  );
  openInvite.addEventListener("click", async () => {
    await fetchInvites().catch(() => {}); // making one may work, and says what does not
    panel.open(openInvite, strings.inviteTitle, invitations());
  });
  openTrust.addEventListener("click", () => {
    const lines = strings.trust(full(session.state.ts)).map((line) => h("p", {}, line));
    panel.open(openTrust, strings.trustTitle, [h("section", {}, ...lines)]);
  });
  chat.addEventListener("presence", drawMembers);
  return { drawMembers };
}
