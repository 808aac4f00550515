/** One room: conversation, members, invitations. */

import { Outbox } from "../conversation/outbox.js";
import { TimelineModel } from "../conversation/timeline-model.js";
import { leads } from "../crypto/log.js";
import { createComposer } from "../ui/composer.js";
import { strings } from "../ui/strings.js";
import { startConversation } from "./conversation.js";
import { startPanels } from "./panels.js";
import { byId, requireMe, startChat } from "./parts.js";
import { startDrawer, startSidebar } from "./sidebar.js";
import { startTyping } from "./typing.js";

const { page, me } = await requireMe();
const id = /** @type {string} */ (page.room);
const chat = startChat(me);
const notice = byId("room-notice");
/** @type {Outbox | undefined} */
let outbox;
const waiting = () => outbox?.entries.filter(({ state }) => state === "queued").length ?? 0;
const sidebar = startSidebar(me, chat, { current: id, waiting });
startDrawer();

/** @param {string} text "" for none */
function say(text) {
  notice.textContent = text;
  notice.hidden = text === "";
}

const room = await open();
const { session } = room;
outbox = room.outbox;
const conversation = startConversation(me, chat, room);
const panels = startPanels(me, chat, session);
const typing = startTyping(byId("typing"), chat, id, () => session.state.members);
const composer = createComposer(byId("composer"), byId("composer-text"), {
  onSend: async (text) => {
    await room.outbox.add(text);
    conversation.follow();
  },
  onTyping: (on) => chat.send({ type: on ? "typing_start" : "typing_stop", room: id }),
  onDraft: (text) => me.store.saveDraft(id, text),
});

/** The room, verified; without one there is nothing more to do on this page. */
async function open() {
  try {
    await chat.loadRooms(id);
    return await chat.openRoom(id, (session) => {
      /** @type {TimelineModel} */
      const timeline = new TimelineModel(me, session, {
        stored: (read) => box.stored(read),
        expected: () => box.expected(),
      });
      const box = new Outbox({ me, session, timeline, send: chat.send });
      return { timeline, outbox: box };
    });
  } catch (/** @type {any} */ error) {
    say(error.reason === "illegal" ? strings.frozen : error.message);
    throw error;
  }
}

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
  say(blockedBy());
  composer.block(blockedBy() && " ");
  panels.drawMembers();
}

session.addEventListener("changed", drawHead);
session.addEventListener("frozen", drawHead);
outbox.addEventListener("changed", sidebar.drawStatus);
chat.addEventListener("gone", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.room !== id) return;
  say(strings.gone);
  composer.block(" ");
});
addEventListener("pagehide", () => {
  conversation.close();
  composer.close();
  typing.close();
});

drawHead();
chat.connect();
await conversation.load();
composer.fill(await me.store.draft(id));
if (!matchMedia("(pointer: coarse)").matches) composer.focus();
