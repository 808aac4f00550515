/** The members panel: list, join requests, roles, safety numbers. */

import { startDirect } from "../conversation/room/direct.js";
import { acceptKnock, fetchKnocks, refuseKnock } from "../conversation/room/knocks.js";
import {
  CannotOwnError,
  closeRoom,
  formerMembers,
  memberList,
  nameSuccessor,
  removeMember,
  setBan,
  setRole,
  successorOf,
} from "../conversation/room/members.js";
import { safetyNumber } from "../crypto/identity.js";
import { leads } from "../crypto/log.js";
import { byId } from "../ui/dom.js";
import { go } from "../ui/go.js";
import { memberPanel } from "../ui/people/members.js";
import { safetyPanel } from "../ui/people/safety.js";
import { lateStrings as strings } from "../ui/strings/late.js";
import { withConfirmedIdentities } from "./confirm-identities.js";
import { NewKeysNotice } from "./new-keys.js";
import { goAway } from "./room-request.js";

/** @typedef {import("../conversation/room/members.js").MemberListItem} MemberListItem */

/** Says in words why a member cannot own the room. @param {string} name
 * @param {Promise<unknown>} change */
async function named(name, change) {
  try {
    await change;
  } catch (error) {
    if (error instanceof CannotOwnError) throw new Error(strings.cannotOwn[error.code](name));
    throw error;
  }
}

export class MembersPanel {
  #me;
  #chat;
  #session;
  #panel;
  #opener = byId("open-members");
  #newKeys;
  #onNewKeys;
  #count = byId("knock-count");
  /** @type {MemberListItem[]} */
  #members = [];
  /** @type {import("../conversation/room/knocks.js").Knock[]} */
  #knocks = [];
  /** Told by the server: how accounts have ended, who has not accepted the room, who is a program.
   * @type {{ended: Record<string, "deleted" | "disabled">, unanswered: string[], bots: string[]}} */
  #told = { ended: {}, unanswered: [], bots: [] };

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat
   * @param {import("../conversation/room/room-session.js").RoomSession} session
   * @param {import("../ui/panel.js").Panel} panel
   * @param {AbortSignal} signal aborted when the room is left
   * @param {(knocks: import("../conversation/room/knocks.js").Knock[]) => void} onNewKeys told of
   *   members who ask to be let in with new keys
   */
  constructor(me, chat, session, panel, signal, onNewKeys) {
    this.#me = me;
    this.#chat = chat;
    this.#session = session;
    this.#panel = panel;
    this.#onNewKeys = onNewKeys;
    this.#newKeys = new NewKeysNotice(me.kid, (uid) => this.#answerKnock(uid, true));
    const draw = () => this.draw();
    chat.addEventListener("presence", draw, { signal });
    chat.blocks.addEventListener("changed", draw, { signal });
    const knocked = (/** @type {Event} */ event) => {
      if (/** @type {CustomEvent} */ (event).detail.room === session.id) this.fetchKnocks();
    };
    chat.addEventListener("knock", knocked, { signal });
  }

  /** Opens at once with what is known, so that Back works immediately. */
  async open() {
    const direct = this.#session.state.kind === "direct";
    const title = direct ? strings.direct.people : strings.membersTitle;
    this.#panel.open(this.#opener, title, this.#nodes());
    const found = await this.#me.api.get(`chatrooms/${this.#session.id}`).catch(() => null);
    if (found) {
      const { ended, unanswered = [], bots = [] } = found;
      this.#told = { ended, unanswered, bots };
    }
    await this.fetchKnocks();
  }

  /** Renders it again if it is shown. */
  async draw() {
    await this.#loadMembers();
    this.#panel.refresh(this.#opener, () => this.#nodes());
  }

  async #loadMembers() {
    const online = this.#chat.online(this.#session.id);
    const blocked = this.#chat.blocks.uids;
    this.#members = await memberList(this.#me, this.#session, online, blocked, this.#told);
  }

  /** Fetches the join requests, if this member may decide about them. */
  async fetchKnocks() {
    const { mine, state } = this.#session;
    const may = mine && !state.ended && (leads(mine) || state.kind === "direct");
    this.#knocks = may ? await fetchKnocks(this.#me, this.#session).catch(() => []) : [];
    this.#count.hidden = this.#knocks.length === 0;
    this.#count.textContent = String(this.#knocks.length);
    this.#newKeys.draw(this.#knocks);
    this.#onNewKeys(this.#knocks.filter(({ kind }) => kind === "reset"));
    await this.draw();
  }

  #nodes() {
    const { mine, state } = this.#session;
    const owns = mine?.role === "owner";
    const mayLead = mine && leads(mine) && state.kind === "group" && !state.ended;
    return memberPanel({
      members: this.#members,
      knocks: this.#knocks,
      former: formerMembers(this.#session, this.#told.ended),
      onBan: mayLead ? (uid, on) => this.#ban(uid, on) : undefined,
      me: { uid: this.#me.uid, role: mine?.role ?? "member" },
      direct: state.kind === "direct",
      onAct:
        state.ended || this.#session.isOut
          ? undefined
          : (uid, action, onProgress) => this.#act(uid, action, onProgress),
      onKnock: (uid, accept) => this.#answerKnock(uid, accept),
      onLeave: this.#session.isOut ? undefined : (heir) => this.#leave(heir),
      heir: successorOf(this.#me, this.#session, this.#unable()),
      onAdd: mayLead ? (name) => this.#add(name) : undefined,
      onClose: owns && !state.ended ? () => closeRoom(this.#me, this.#session) : undefined,
    });
  }

  /** The uids of members who could not act as the owner. */
  #unable() {
    const { ended, unanswered } = this.#told;
    return [...Object.keys(ended), ...unanswered];
  }

  /** @param {string} uid @param {string} action @param {(done: number) => void} onProgress */
  async #act(uid, action, onProgress) {
    const [me, session] = [this.#me, this.#session];
    const name = session.state.members.get(uid)?.name ?? "";
    /** @type {Record<string, () => unknown>} */
    const actions = {
      verify: () => this.showSafety(uid),
      message: async () => {
        const room = await withConfirmedIdentities(me, () => startDirect(me, name));
        go(`/rooms/${room}/`);
      },
      moderator: () => setRole(me, session, uid, "moderator"),
      member: () => setRole(me, session, uid, "member", onProgress),
      owner: () => named(name, setRole(me, session, uid, "owner")),
      successor: () => named(name, nameSuccessor(me, session, uid)),
      unsuccessor: () => nameSuccessor(me, session, ""),
      block: () => this.#chat.block(uid, true),
      unblock: () => this.#chat.block(uid, false),
      remove: () => removeMember(me, session, { uid, ban: false }, onProgress),
      ban: () => removeMember(me, session, { uid, ban: true }, onProgress),
    };
    await actions[action]();
    if (action !== "verify") await this.draw();
  }

  /** @param {string} uid @param {boolean} on */
  async #ban(uid, on) {
    await setBan(this.#me, this.#session, uid, on);
    await this.draw();
  }

  /** @param {string} uid @param {boolean} accept */
  async #answerKnock(uid, accept) {
    const knock = this.#knocks.find((one) => one.uid === uid);
    if (!knock) return;
    if (accept)
      await withConfirmedIdentities(this.#me, () => acceptKnock(this.#me, this.#session, knock));
    else await refuseKnock(this.#me, this.#session, uid);
    await this.#chat.recheckTrust();
    await this.fetchKnocks();
    await this.#chat.loadRooms().catch(() => {}); // the list counts the knocks, at the latest later
  }

  /** @param {string} name */
  async #add(name) {
    const { addByName } = await import("../conversation/room/add-by-name.js");
    await withConfirmedIdentities(this.#me, () => addByName(this.#me, this.#session, name));
    await this.draw();
  }

  /** @param {string} [heir] uid */
  async #leave(heir) {
    const name = this.#session.state.members.get(heir ?? "")?.name ?? "";
    await named(name, goAway(this.#me, this.#chat, this.#session, heir));
  }

  /** Compares safety numbers with a member. @param {string} uid */
  async showSafety(uid) {
    const nodes = await this.#safety(uid);
    const name = this.#session.state.members.get(uid)?.name ?? "";
    const title = strings.safety.title(name);
    if (this.#panel.isOpen()) this.#panel.push(`safety:${uid}`, title, nodes);
    else this.#panel.open(this.#opener, title, nodes, `safety:${uid}`);
  }

  /** @param {string} uid @returns {Promise<Node[]>} */
  async #safety(uid) {
    const member = this.#session.state.members.get(uid);
    if (!member) return [];
    const { kid, name } = member;
    const digits = await safetyNumber(this.#me.kid, kid);
    const verified = await (await this.#session.people.decisions()).isVerified(uid, kid);
    const why = this.#session.unapproved.find((stranger) => stranger.kid === kid)?.why;
    const older = why === "older";
    return safetyPanel({
      name,
      digits,
      verified,
      changed: older || why === "newer",
      older,
      onVerified: async (yes) => {
        await (await this.#session.people.decisions()).verify(uid, kid, yes);
        await this.#redrawSafety(uid);
      },
      onApprove: async () => {
        if (older) await this.#session.acceptOlder(kid);
        else await this.#chat.approve(kid);
        await this.#redrawSafety(uid);
      },
    });
  }

  /** @param {string} uid */
  async #redrawSafety(uid) {
    const nodes = await this.#safety(uid);
    this.#panel.refresh(`safety:${uid}`, () => nodes);
    await this.draw();
  }

  /** Returns how many others were verified. */
  async countVerified() {
    await this.#loadMembers();
    return this.#members.filter(({ mine, verified }) => !mine && verified).length;
  }
}
