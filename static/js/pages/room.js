/** One room: conversation, members, invitations. */

import { createInvitation, revokeInvitation } from "../conversation/invitations.js";
import { Outbox } from "../conversation/outbox.js";
import { TimelineModel } from "../conversation/timeline-model.js";
import { leads } from "../crypto/log.js";
import { createComposer } from "../ui/composer.js";
import { h } from "../ui/dom.js";
import { invitePanel } from "../ui/invites.js";
import { memberPanel } from "../ui/members.js";
import { createPanel } from "../ui/panel.js";
import { strings } from "../ui/strings.js";
import { full } from "../ui/time.js";
import { createTimeline } from "../ui/timeline.js";
import { byId, requireMe, startChat } from "./parts.js";
import { startDrawer, startSidebar } from "./sidebar.js";
import { startTyping } from "./typing.js";

const { page, me } = await requireMe();
const id = /** @type {string} */ (page.room);
const chat = startChat(me);
const waiting = () => outbox?.entries.filter(({ state }) => state === "queued").length ?? 0;
/** @type {Outbox | undefined} */
let outbox;
const sidebar = startSidebar(me, chat, { current: id, waiting });
startDrawer();

await chat.loadRooms().catch(() => {});
const opened = await chat.openRoom(id, (session) => {
  const timeline = new TimelineModel(me, session, (row, own) => box.stored(row, own));
  const box = new Outbox({ me, session, timeline, send: chat.send });
  return { timeline, outbox: box };
});
const { session, timeline } = opened;
outbox = opened.outbox;
const box = opened.outbox;
const unreadAfter = chat.readMark(id);

// --- the conversation ------------------------------------------------------------------------

/** @type {Map<number, import("../conversation/timeline-model.js").Item>} */
const items = new Map();
const view = createTimeline(byId("timeline"), byId("to-newest"), {
  onNeedOlder: () => timeline.older(),
  onSeen: (seq) => chat.markRead(id, seq),
  onRetry: (cid) => box.retry(cid),
  onDiscard: (cid) => box.discard(cid),
});

/** An unsent message as the timeline shows it.
 * @param {import("../store/store.js").Entry} entry
 * @returns {import("../conversation/timeline-model.js").Item} */
const unsent = ({ cid, at, content, state, error, seq }) => ({
  key: `${me.uid}:${cid}`,
  seq: null,
  kind: "message",
  author: { uid: me.uid, name: me.name, kid: me.kid },
  mine: true,
  ts: at,
  text: content.body,
  state: state === "failed" ? "failed" : seq ? "sent" : "sending",
  error,
});

function draw() {
  const stored = [...items.values()].sort((a, b) => Number(a.seq) - Number(b.seq));
  const known = new Set(stored.map(({ key }) => key));
  const pending = box.entries.map(unsent).filter(({ key }) => !known.has(key));
  view.show([...stored, ...pending], { hasOlder: timeline.hasOlder, unreadAfter });
}

timeline.addEventListener("items", (event) => {
  for (const item of /** @type {CustomEvent} */ (event).detail) items.set(item.seq, item);
  draw();
});
timeline.addEventListener("reset", () => {
  items.clear();
});
box.addEventListener("changed", () => {
  draw();
  sidebar.drawStatus();
});

// --- writing ---------------------------------------------------------------------------------

const composer = createComposer(byId("composer"), byId("composer-text"), {
  onSend: async (text) => {
    await box.add(text);
    view.follow();
  },
  onTyping: (on) => chat.send({ type: on ? "typing_start" : "typing_stop", room: id }),
  onDraft: (text) => me.store.saveDraft(id, text),
});
const typing = startTyping(byId("typing"), chat, id, () => session.state.members);

// --- the head and its panels -------------------------------------------------------------------

const panel = createPanel(
  byId("panel"),
  byId("panel-title"),
  byId("panel-body"),
  byId("close-panel"),
);

const members = () =>
  memberPanel({
    members: session.state.members,
    online: chat.online(id),
    me: me.uid,
    onLeave: leave,
  });

async function leave() {
  if (!confirm(strings.leaveAsk)) return;
  await session.leave();
  location.replace("/rooms/");
}

/** @type {any[]} */
let invites = [];
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
      panel.refresh(byId("open-invite"), invitations);
    },
  });

async function fetchInvites() {
  invites = (await me.api.get(`chatrooms/${id}/invites`)).invites;
}

byId("open-members").addEventListener("click", () =>
  panel.open(byId("open-members"), strings.membersTitle, members()),
);
byId("open-invite").addEventListener("click", async () => {
  await fetchInvites();
  panel.open(byId("open-invite"), strings.inviteTitle, invitations());
});
byId("room-trust").addEventListener("click", () => {
  const lines = strings.trust(full(session.state.ts)).map((line) => h("p", {}, line));
  panel.open(byId("room-trust"), strings.trustTitle, [h("section", {}, ...lines)]);
});

function blockedBy() {
  if (session.frozen === "cheated") return strings.frozen;
  if (session.frozen === "newer") return strings.newerRoom;
  if (session.unapproved.length > 0) return strings.newKey(session.unapproved.join(", "));
  if (!session.keys.get(session.state.e)) return strings.noKey;
  return "";
}

function drawHead() {
  byId("room-title").textContent = session.profile.name || strings.unnamed;
  byId("room-topic").textContent = session.profile.topic;
  byId("member-count").textContent = String(session.state.members.size);
  const mine = session.state.members.get(me.uid);
  byId("open-invite").hidden = !mine || !leads(mine);
  const reason = blockedBy();
  byId("room-notice").textContent = reason;
  byId("room-notice").hidden = reason === "";
  composer.block(reason && " ");
  panel.refresh(byId("open-members"), members);
}

session.addEventListener("changed", drawHead);
session.addEventListener("frozen", drawHead);
chat.addEventListener("presence", () => panel.refresh(byId("open-members"), members));
chat.addEventListener("gone", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.room !== id) return;
  byId("room-notice").textContent = strings.gone;
  byId("room-notice").hidden = false;
  composer.block(" ");
});

addEventListener("pagehide", () => {
  view.close();
  composer.close();
  typing.close();
});

drawHead();
chat.connect();
await timeline.load();
draw();
chat.ready();
composer.fill(await me.store.draft(id));
if (!matchMedia("(pointer: coarse)").matches) composer.focus();
