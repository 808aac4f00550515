/** Ada's room with Ben in it, and what a page has to ask for summaries. */

import {
  createInvitation,
  joinByInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { setPolicy } from "../../../../static/js/conversation/room/members.js";
import { Summaries } from "../../../../static/js/conversation/summaries/summaries.js";
import { parseLink } from "../../../../static/js/crypto/link-secret.js";
import { sealMessage } from "../../../../static/js/crypto/message.js";
import { ada, ben, header } from "../../crypto/cast.js";
import { adasRoom, World } from "../world.js";

export const HOW = { model: "extractive", lang: "en", masked: false, anew: false };

/** Ada's room with Ben in it and some messages; `open` makes what a page would have. */
export async function stage({
  policy = { ai: "ask" },
  said = ["one", "two", "three", "four"],
} = {}) {
  const world = new World();
  const me = world.browser(ada);
  const { id, room, session } = await adasRoom(world, me);
  await setPolicy(me, session, policy);
  const { url } = await createInvitation(me, session, { hours: 1, max: 1 }, "https://sotto.test");
  const his = world.browser(ben);
  await joinByInvitation(his, parseLink(new URL(url).hash), () => {});
  await session.refresh();
  let [n, pm] = [0, ""];

  async function say(content, changes = {}) {
    n += 1;
    const about = header(session.state, ada, { n, pm, ...changes });
    const key = session.keys.get(about.e);
    const what = typeof content === "string" ? { t: "text", body: content } : content;
    const sealed = await sealMessage(about, key, ada.keys.ed.privateKey, what);
    pm = sealed.id;
    const row = { seq: room.rows.length + 1, ...sealed };
    delete row.id;
    room.rows.push(row);
    return { seq: row.seq, id: sealed.id };
  }

  for (const text of said) await say(text);
  /** @type {Summaries[]} */
  const opened = [];
  async function open(browser = me, own = session, here = {}) {
    const summaries = new Summaries(browser, own, here);
    opened.push(summaries);
    await summaries.load();
    return summaries;
  }
  const close = () => {
    for (const one of opened) one.close();
  };
  return { world, me, his, id, room, session, say, open, close };
}

/** Ask about everything, and let the worker answer. */
export async function summarised({ room }, summaries, text = "In short.", how = HOW) {
  const wanted = { after: 0 };
  const preview = summaries.preview(await summaries.gather(wanted), wanted, how);
  await summaries.ask(preview);
  await room.summaries.work(text);
  await summaries.onFrame({ rid: summaries.running.rid });
  return preview;
}
