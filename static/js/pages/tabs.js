/** Changes that one tab of an account tells the others: who is blocked, which rooms this browser keeps. */

/** @typedef {{t: "blocks"} | {t: "forgotten", room: string}} News */

/** @param {string} uid of the account */
const makeChannel = (uid) => new BroadcastChannel(`sotto:tabs:${uid}`);

/**
 * Tells the other tabs what this one changes, and applies what they change. Called before anything can be
 * pressed: a change that comes earlier would be told to nobody.
 * @param {string} uid of the account
 * @param {import("../conversation/chat.js").Chat} chat
 * @param {Pick<BroadcastChannel, "postMessage" | "onmessage">} [channel] to the other tabs
 */
export function followTabs(uid, chat, channel = makeChannel(uid)) {
  /** @param {News} news */
  const tell = (news) => channel.postMessage(news);
  chat.blocks.addEventListener("set", () => tell({ t: "blocks" }));
  chat.addEventListener("forgotten", (event) => {
    tell({ t: "forgotten", room: /** @type {CustomEvent} */ (event).detail.room });
  });
  channel.onmessage = ({ data }) => {
    const news = /** @type {News} */ (data);
    const applied = news.t === "blocks" ? chat.onBlocksSet() : chat.onForgotten(news.room);
    applied.catch(() => {}); // with the next connection, or the next visit
  };
}
