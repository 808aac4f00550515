/** The room's invitation links, in its panel: making them, revoking them, why others ended. */

import { fetchAll } from "../conversation/pagination.js";
import {
  createInvitation,
  revokeInvitation,
  voidedLinks,
} from "../conversation/room/invitations.js";
import { byId } from "../ui/dom.js";
import { invitePanel, OpenLinks } from "../ui/people/invites.js";
import { lateStrings as strings } from "../ui/strings/late.js";

const ENDS = ["leave", "remove", "reset", "policy", "succeed"]; // events that end open links

export class InvitationsPanel {
  #me;
  #session;
  #panel;
  #activityLog;
  #opener = byId("open-invite");
  /** @type {import("../net/types.js").InviteListItem[]} */
  #invites = [];
  #links = new OpenLinks(async (iid) => {
    await revokeInvitation(this.#me, this.#session, iid);
    await this.#update();
  });

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat
   * @param {import("../conversation/room/room-session.js").RoomSession} session
   * @param {import("../ui/panel.js").Panel} panel
   * @param {import("../conversation/room/activity-log.js").ActivityLog} activityLog
   * @param {AbortSignal} signal aborted when the room is left
   */
  constructor(me, chat, session, panel, activityLog, signal) {
    this.#me = me;
    this.#session = session;
    this.#panel = panel;
    this.#activityLog = activityLog;
    // Links are made, used and revoked by others, too. An error is ignored: the list stays as it was.
    const changed = () => {
      if (panel.isShowing(this.#opener)) this.#update().catch(() => {});
    };
    session.addEventListener("changed", changed, { signal });
    const connected = () => {
      if (chat.status === "open") changed(); // a use may have gone unheard
    };
    chat.addEventListener("status", connected, { signal });
  }

  async show() {
    // Creating a link may work even if these fail.
    await Promise.allSettled([this.#fetch(), this.#activityLog.update()]);
    this.#panel.open(this.#opener, strings.inviteTitle, this.#nodes());
  }

  async #fetch() {
    const { api } = this.#me;
    const list = await fetchAll(api, `chatrooms/${this.#session.id}/invites`, "invites");
    this.#invites = list.invites;
  }

  /** Shows the links as they are now. */
  async #update() {
    await this.#fetch();
    this.#links.show(this.#invites);
  }

  #nodes() {
    const [me, session] = [this.#me, this.#session];
    return invitePanel({
      invites: this.#invites,
      voided: voidedLinks(me, session.state).map((iid) => this.#endOf(iid)),
      policy: session.state.policy,
      onCreate: async (terms) => {
        const { url } = await createInvitation(me, session, terms, location.origin);
        await this.#update().catch(() => {}); // the link is made all the same
        return url;
      },
      links: this.#links,
    });
  }

  /** Returns why a link ended, as the log says. @param {string} iid */
  #endOf(iid) {
    const made = this.#session.state.invites.get(iid)?.seq ?? 0;
    const end = this.#activityLog.entries.find(
      ({ seq, t, begins }) => seq > made && (ENDS.includes(t) || (t === "role" && begins)),
    );
    return { iid, why: end?.t ?? "leave", who: end?.whom || end?.by || "" };
  }
}
