/** A timeline of a room of two, and a server to lie to it. */

import { timelineItems } from "../../../../static/js/conversation/messages/timeline-items.js";
import * as timelineLines from "../../../../static/js/conversation/messages/timeline-lines.js";
import { TimelineModel } from "../../../../static/js/conversation/messages/timeline-model.js";
import {
  createInvitation,
  joinByInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { parseLink } from "../../../../static/js/crypto/link-secret.js";
import { openHeader, sealMessage } from "../../../../static/js/crypto/message.js";
import { ada, ben, header } from "../../crypto/cast.js";
import { adasRoom, sessionOf, World } from "../world.js";

const DEV = { ada: "a".repeat(32), ben: "b".repeat(32) };

/** Ada's room with Ben in it; `say` puts messages at the server, `open` is Ada's timeline. */
export async function stage() {
  const world = new World();
  const me = world.browser(ada);
  const { id, room, session } = await adasRoom(world, me);
  const terms = { hours: 1, max: 1 };
  const { url } = await createInvitation(me, session, terms, "https://sotto.test");
  await joinByInvitation(world.browser(ben), parseLink(new URL(url).hash), () => {});
  await session.refresh();
  return acting({ world, me, id, room, session }, new Map());
}

/** Rooms as `stage` makes them, with messages `m1`, `m2`, … of Ben, Ben, Ada in turn. They are
 * written once: each room of the returned function starts with the first of them, and shares no
 * state with the others but the log.
 */
export function longStages(most) {
  const tipsAt = [];
  let written;

  async function write() {
    const room = await stage();
    for (let seq = 1; seq <= most; seq += 1) {
      tipsAt[seq - 1] = new Map(room.tips);
      await room.say(seq % 3 ? ben : ada, `m${seq}`);
    }
    tipsAt[most] = new Map(room.tips);
    return { ...room, rows: room.room.rows };
  }

  return async (many = most) => {
    written ??= write();
    const { world, id, room, rows } = await written;
    room.rows = structuredClone(rows.slice(0, many));
    room.beHonest();
    world.before = () => {};
    const me = world.browser(ada);
    const session = await sessionOf(me, id);
    world.calls.length = 0;
    return acting({ world, me, id, room, session }, new Map(tipsAt[many]));
  };
}

/** What a reader sees of the window: number, text or kind, and whether something is missing. */
export function lines({ shown }, timeline) {
  const items = [...shown.values()].sort((a, b) => a.seq - b.seq);
  const scene = {
    me: ada,
    items,
    entries: [],
    leads: true,
    log: [],
    hasOlder: timeline.hasOlder,
    hasNewer: timeline.hasNewer,
    shows: (seq) => timeline.shows(seq),
    isHidden: () => false,
    nameOf: () => "",
  };
  return timelineItems(scene, timelineLines).map(({ seq, text, kind, gap }) => [
    seq,
    text || kind,
    Boolean(gap),
  ]);
}

/** A correction of a message, as its author makes it. */
export const edit = async (row, body) => ({
  t: "edit",
  of: [row.seq, (await openHeader(row)).id],
  body,
});

/** What tests do in a room; `tips` holds where each person's chain of messages has come to. */
function acting({ world, me, id, room, session }, tips) {
  /** Someone writes; a `content` that names others is a change. */
  async function say(who, body, { content, ...changes } = {}) {
    const tip = tips.get(who.name) ?? { n: 0, pm: "" };
    const dev = DEV[who.name];
    const sh = room.rows.length
      ? [room.rows.length, (await openHeader(room.rows.at(-1))).id]
      : [0, ""];
    const about = header(session.state, who, { n: tip.n + 1, pm: tip.pm, dev, sh, ...changes });
    const key = session.keys.get(about.e);
    const sealed = await sealMessage(
      about,
      key,
      who.keys.ed.privateKey,
      content ?? { t: "text", body },
    );
    tips.set(who.name, { n: tip.n + 1, pm: sealed.id });
    const row = { seq: room.rows.length + 1, ...sealed };
    delete row.id;
    if (content?.of) row.re = [content.of].flat(2).filter(Number.isInteger);
    room.rows.push(row);
    return row;
  }

  const watch = {
    seen: [],
    stored: async (decoded) => void watch.seen.push(decoded.stored.seq),
    expected: () => watch.owed,
    sealedAt: () => watch.at ?? 0,
    owed: [],
  };
  const shown = new Map();
  function open(own = session, browser = me) {
    const timeline = new TimelineModel(browser, own, watch);
    timeline.addEventListener("reset", () => shown.clear());
    timeline.addEventListener("dropped", ({ detail }) => {
      for (const seq of detail) shown.delete(seq);
    });
    timeline.addEventListener("items", ({ detail }) => {
      for (const item of detail) shown.set(item.seq, item);
    });
    return timeline;
  }
  const texts = () =>
    [...shown].sort(([a], [b]) => a - b).map(([, { kind, text }]) => text || kind);
  return { world, me, id, room, session, tips, say, open, shown, texts, watch };
}
