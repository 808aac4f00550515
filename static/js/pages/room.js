/** The page of one room. */

import { Files } from "../conversation/messages/files.js";
import { Outbox } from "../conversation/messages/outbox.js";
import { TimelineModel } from "../conversation/messages/timeline-model.js";
import { peerOf } from "../conversation/room/peer.js";
import { leads } from "../crypto/log.js";
import { Conversation } from "../panels/conversation.js";
import { sendMessage } from "../panels/message-actions.js";
import { OwnerNotice, showProblem, showRequest } from "../panels/notices.js";
import { startRoomSearch } from "../panels/open-search.js";
import { RoomDrafts } from "../panels/room-drafts.js";
import { RoomEndBar } from "../panels/room-end.js";
import { RoomPanels } from "../panels/room-panels.js";
import { startSidebar } from "../panels/sidebar.js";
import { startTyping } from "../panels/typing.js";
import { AttachmentTray } from "../ui/attachment-tray.js";
import { Composer } from "../ui/composer.js";
import { announce, byId, icon } from "../ui/dom.js";
import { startDrawer } from "../ui/drawer.js";
import { PREVIEW } from "../ui/limits.js";
import { loadAhead, loadPart } from "../ui/load-part.js";
import { safeName } from "../ui/names.js";
import { openMenu } from "../ui/popup.js";
import { rulesInSight } from "../ui/rules-in-sight.js";
import { strings } from "../ui/strings.js";
import { keepShellOf, requireAccount, startChat } from "./bootstrap.js";

const [, , id] = location.pathname.split("/");
const me = await requireAccount();
const chat = startChat(me);
/** @type {Outbox | undefined} */
let outbox;
const waiting = () => outbox?.entries.filter(({ state }) => state === "queued").length ?? 0;
const sidebar = startSidebar(me, chat, {
  current: id,
  waiting,
  jump: (seq) => conversation.jump(seq),
});
startDrawer();

const room = await open();
const { session } = room;
outbox = room.outbox;
const panels = new RoomPanels(me, chat, session);
const showSafety = (/** @type {string} */ uid) => panels.showSafety(uid);
const endBar = new RoomEndBar({ me, chat, session, outbox, showSafety });
const ownerNotice = new OwnerNotice(me, chat, session, outbox);
const files = new Files(me, id);
const conversation = new Conversation({
  me,
  chat,
  room,
  panels,
  files,
  onWrite: (mode) => composer.setMode(mode),
});
startRoomSearch(me, chat, room, panels.panel, conversation);
const tray = new AttachmentTray(byId("composer"), byId("composer-text"), byId("conversation"));
const typing = startTyping(byId("typing"), chat, id, () =>
  session.isOut ? new Map() : session.state.members,
);
const drafts = new RoomDrafts(me, id, (draft) => composer.restore(draft));
const composer = new Composer(
  byId("composer", HTMLFormElement),
  byId("composer-text", HTMLTextAreaElement),
  {
    onSend: async (text, mode) => {
      if (mode?.kind === "edit" && conversation.isDeleted(mode.line.seq))
        throw new Error(strings.composer.targetDeleted);
      const attached = mode?.kind === "edit" ? [] : await tray.sendAll(sendFile);
      if (!attached) return false;
      await sendMessage(session, room.outbox, text, mode, attached);
      if (mode?.kind !== "edit") conversation.follow();
      return true;
    },
    hasAttachments: () => !tray.isEmpty,
    onTyping: (on) => chat.send({ type: on ? "typing_start" : "typing_stop", room: id }),
    onDraft: (draft) => drafts.save(draft),
    onEditLast: editLast,
    onFile: (file) => tray.add([file]),
    people: () => [...session.state.members].map(([uid, { name }]) => ({ uid, name })),
  },
);
composer.restore(await drafts.load());
byId("composer-more").addEventListener("click", () =>
  openMenu(byId("composer-more"), strings.composer.more, [
    { icon: icon("attach", "small"), label: strings.files.attach, run: tray.choose },
    { icon: icon("poll", "small"), label: strings.composer.poll, run: sendPoll },
    {
      icon: icon("format-bold", "small"),
      label: strings.composer.format,
      run: composer.toggleFormatting,
    },
    { icon: icon("summary", "small"), label: strings.summary.menu, run: summarise },
  ]),
);

/** @type {import("../ui/attachment-tray.js").SendFile<import("../conversation/messages/files.js").RoomFile>} */
async function sendFile(file, { progress, signal, thumbs }) {
  const { prepare } = await import("../ui/picture.js");
  const { blob, about, thumb } = await prepare(file, { thumbs });
  return files.send(blob, about, { progress, signal, thumb });
}

/** Corrects the last own message: one that was not sent yet is taken back. */
async function editLast() {
  const unsent = room.outbox.entries.findLast(
    ({ state, content }) => state !== "acked" && content.t === "text",
  );
  const line = conversation.lastEditable();
  if (!unsent && line) composer.setMode({ kind: "edit", line });
  if (unsent?.content.t !== "text") return;
  const content = unsent.content.files ? null : await room.outbox.takeBack(unsent.cid);
  if (content?.t !== "text") return announce(strings.composer.beingSent);
  composer.takeBack(content.body, content.re ? conversation.answerTo(content.re) : null);
}

/** Opens summaries where the header has no room for their button. */
const summarise = () => panels.openSummaries(byId("composer-more"));

async function sendPoll() {
  const part = await loadPart(() => import("../ui/poll-form.js"));
  const poll = await part?.askForPoll();
  if (!poll) return;
  await room.outbox.add({ t: "poll", ...poll });
  conversation.follow();
}

/** The verified room; without one the page stops here. */
async function open() {
  try {
    await chat.loadRooms(id);
    return await chat.openRoom(id, (session) => {
      /** @type {TimelineModel} */
      const timeline = new TimelineModel(me, session, {
        stored: (read) => box.onStored(read),
        expected: () => box.expected(),
        sealedAt: (seq) => box.sealedAt(seq),
      });
      const box = new Outbox({ me, session, timeline, send: chat.send });
      return { timeline, outbox: box };
    });
  } catch (/** @type {any} */ error) {
    showProblem(error.reason === "illegal" ? strings.frozen : error.message);
    throw error;
  }
}

function drawHead() {
  const { profile, state, mine } = session;
  const peer = peerOf(session, me.uid)?.name ?? "";
  byId("room-title").textContent =
    safeName(profile.name) || peer || safeName(session.title) || strings.unnamed;
  byId("room-topic").textContent = safeName(profile.topic, PREVIEW);
  byId("room-rules").textContent = rulesInSight(state.policy).join(" · ");
  byId("member-count").textContent = String(state.members.size);
  const may = mine && leads(mine) && state.kind === "group" && !state.ended;
  byId("open-invite").hidden = !may;
  drawPresent();
  const stuck = endBar.draw(composer.written);
  if (!stuck) ownerNotice.draw();
  const asked = showRequest(me, chat, session);
  composer.block(stuck || asked ? " " : "");
  panels.drawMembers();
}

function drawPresent() {
  const members = session.state.members;
  const here = chat.online(id).filter((uid) => members.has(uid)).length;
  byId("room-present").textContent = members.size > 1 ? strings.present(here, members.size) : "";
}

session.addEventListener("changed", drawHead);
session.addEventListener("frozen", drawHead);
session.addEventListener("changed", () => panels.fetchKnocks());
chat.addEventListener("presence", drawPresent);
chat.addEventListener("accepted", drawHead);
chat.addEventListener("reset", () => location.reload());
outbox.addEventListener("changed", sidebar.drawStatus);
outbox.addEventListener("changed", () => session.isOut && drawHead()); // the bar counts the unsent
chat.addEventListener("gone", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.room !== id) return;
  if (!session.isOut) session.refresh().catch(() => {}); // asked again with the next heartbeat
});
chat.blocks.addEventListener("changed", drawHead);
chat.addEventListener("status", drawHead);
addEventListener("pagehide", () => {
  conversation.close();
  panels.close();
  composer.close();
  drafts.close();
  typing.close();
});

drawHead();
chat.connect();
await conversation.load();
const linked = location.hash !== ""; // the message that a link names has the focus
const idle = document.activeElement === document.body; // nobody opened a panel meanwhile
if (!linked && idle && !matchMedia("(pointer: coarse)").matches) composer.focus();
loadAhead([
  () => import("../panels/room-search.js"),
  () => import("../panels/global-search.js"),
  () => import("../conversation/room/append-event.js"),
  () => import("../crypto/attachment.js"),
  () => import("../ui/picture.js"),
  () => import("../ui/lightbox.js"),
  () => import("../ui/emoji.js"),
  () => import("../ui/dialog.js"),
  () => import("../ui/poll-form.js"),
  () => keepShellOf(chat),
]);
