/** The panels beside a conversation: members, invitations, what protects the room. */

import { createInvitation, revokeInvitation } from "../conversation/invitations.js";
import { h } from "../ui/dom.js";
import { invitePanel } from "../ui/invites.js";
import { memberPanel } from "../ui/members.js";
import { createPanel } from "../ui/panel.js";
import { strings } from "../ui/strings.js";
import { full } from "../ui/time.js";
import { byId } from "./parts.js";

/** @typedef {import("../conversation/me.js").Me} Me */
/** @typedef {import("../conversation/room-session.js").RoomSession} RoomSession */
/** @typedef {ReturnType<typeof createPanel>} Panel */

/**
 * @param {Me} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 */
export function startPanels(me, chat, session) {
  const panel = createPanel(
    byId("panel"),
    byId("panel-title"),
    byId("panel-body"),
    byId("close-panel"),
  );
  startInviting(me, session, panel);
  startTrust(session, panel);
  return { drawMembers: startMembers(me, chat, session, panel) };
}

/**
 * @param {Me} me @param {import("../conversation/chat.js").Chat} chat @param {RoomSession} session
 * @param {Panel} panel @returns {() => void} draws them again, where they are shown
 */
function startMembers(me, chat, session, panel) {
  const opener = byId("open-members");

  async function leave() {
    await session.leave();
    location.replace("/rooms/");
  }

  function members() {
    const here = new Set(chat.online(session.id));
    const lines = [...session.state.members].map(([uid, { kid, name, role }]) => ({
      uid,
      name,
      kid,
      role,
      online: here.has(uid),
      mine: uid === me.uid,
      verified: false,
      changed: false,
      blocked: false,
    }));
    const mine = session.state.members.get(me.uid);
    return memberPanel({
      members: lines,
      me: { uid: me.uid, role: mine?.role ?? "member" },
      onLeave: leave,
    });
  }
  const draw = () => panel.refresh(opener, members);
  opener.addEventListener("click", () => panel.open(opener, strings.membersTitle, members()));
  chat.addEventListener("presence", draw);
  return draw;
}

/** @param {Me} me @param {RoomSession} session @param {Panel} panel */
function startInviting(me, session, panel) {
  const opener = byId("open-invite");
  /** @type {any[]} */
  let invites = [];

  async function fetchInvites() {
    invites = (await me.api.get(`chatrooms/${session.id}/invites`)).invites;
  }

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
      },
    });

  opener.addEventListener("click", async () => {
    await fetchInvites().catch(() => {}); // making one may work, and says what does not
    panel.open(opener, strings.inviteTitle, invitations());
  });
}

/** @param {RoomSession} session @param {Panel} panel */
function startTrust(session, panel) {
  const opener = byId("room-trust");
  opener.addEventListener("click", () => {
    const lines = strings.trust(full(session.state.ts)).map((line) => h("p", {}, line));
    panel.open(opener, strings.trustTitle, [h("section", {}, ...lines)]);
  });
}
