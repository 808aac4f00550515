/** The security panel of a room: key health, activity log, rules, stored fields. */

import { setProfile } from "../conversation/room/create.js";
import { keyHealth, shareMissingKeys } from "../conversation/room/key-health.js";
import { setPolicy } from "../conversation/room/members.js";
import { leads, openInvites } from "../crypto/log.js";
import { byId } from "../ui/dom.js";
import { keyHealthPanel } from "../ui/people/key-health.js";
import { roomSecurityPanel } from "../ui/people/room-security.js";
import { activityLogPanel } from "../ui/rooms/activity-log.js";
import { policyPanel } from "../ui/rooms/policy.js";
import { roomNamePanel } from "../ui/rooms/room-name.js";
import { roomStrings as strings } from "../ui/strings/room.js";
import { storedMessagePanel } from "../ui/timeline/stored-message.js";

export class RoomSecurityPanel {
  #me;
  #session;
  #panel;
  #people;
  #opener = byId("room-trust");
  #activityLog;
  #reports;

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/room/room-session.js").RoomSession} session
   * @param {import("../ui/panel.js").Panel} panel
   * @param {import("./members.js").MembersPanel} people
   * @param {import("../conversation/room/activity-log.js").ActivityLog} activityLog
   * @param {import("./reports.js").ReportsPanel} reports
   */
  constructor(me, session, panel, people, activityLog, reports) {
    this.#me = me;
    this.#session = session;
    this.#panel = panel;
    this.#people = people;
    this.#activityLog = activityLog;
    this.#reports = reports;
  }

  async open() {
    const nodes = await this.#trust();
    const title = this.#isDirect ? strings.direct.title : strings.trustTitle;
    this.#panel.open(this.#opener, title, nodes);
  }

  /** Opens the room's rules, with the panel that has them below. */
  async openPolicy() {
    await this.open();
    this.showPolicy();
  }

  get #isDirect() {
    return this.#session.state.kind === "direct";
  }

  async #trust() {
    const verified = await this.#people.countVerified();
    const { state, mine } = this.#session;
    const { join, history } = state.policy;
    const carry = join === "link" && history === "all";
    const carrying = carry ? openInvites(state, this.#me.clock.now()) : [];
    return roomSecurityPanel({
      verified,
      members: state.members.size,
      direct: this.#isDirect,
      links: carrying.length,
      lastRotation: await this.#lastRotation(),
      onHealth: () => this.#showHealth(),
      onLog: () => this.#showLog(),
      onPolicy: () => this.showPolicy(),
      onReports: this.#reports.mayRead ? () => this.#reports.show() : undefined,
      onName:
        mine && !state.ended && (leads(mine) || state.kind === "direct")
          ? () => this.#showName()
          : undefined,
    });
  }

  /** The time when the present key was made, ms. */
  async #lastRotation() {
    const lines = await this.#activityLog.update().catch(() => this.#activityLog.entries);
    return lines.findLast(({ begins }) => begins)?.ts ?? this.#session.state.ts;
  }

  async #showHealth() {
    this.#panel.push("health", strings.health.title, await this.#health());
  }

  /** @returns {Promise<Node[]>} */
  async #health() {
    const found = await keyHealth(this.#me, this.#session);
    const times = this.#activityLog.entries.filter(({ begins }) => begins).map(({ ts }) => ts);
    const epochs = found.epochs.map(({ e }) => ({ e, ts: times[e - 1] ?? 0 }));
    return keyHealthPanel({
      ...found,
      epochs,
      onMend: async (onProgress) => {
        await shareMissingKeys(this.#me, this.#session, onProgress);
        const nodes = await this.#health();
        this.#panel.refresh("health", () => nodes);
      },
    });
  }

  async #showLog() {
    this.#panel.push("log", strings.log.title, activityLogPanel({ lines: [], loading: true }));
    const lines = await this.#activityLog.update();
    this.#panel.refresh("log", () => activityLogPanel({ lines, loading: false }));
  }

  /** The room's rules, on top of what the panel shows. */
  showPolicy() {
    const { state, mine } = this.#session;
    const nodes = policyPanel({
      policy: state.policy,
      direct: this.#isDirect,
      mayChange: mine?.role === "owner" && !state.ended,
      onSave: (policy) => setPolicy(this.#me, this.#session, policy),
    });
    const title = this.#isDirect ? strings.direct.rules : strings.policy.title;
    this.#panel.push("policy", title, nodes);
  }

  #showName() {
    const { profile } = this.#session;
    const nodes = roomNamePanel({
      name: profile.name,
      topic: profile.topic,
      onSave: (about) => setProfile(this.#me, this.#session, about),
    });
    this.#panel.push("name", strings.nameTitle, nodes);
  }

  /** Shows a message as the server stores it. @param {number} seq @param {HTMLElement} from */
  async showStored(seq, from) {
    const path = /** @type {const} */ (`chatrooms/${this.#session.id}/messages/${seq}/stored`);
    const { stored } = await this.#me.api.get(path);
    this.#panel.open(from, strings.stored.title, storedMessagePanel({ stored }));
  }
}
