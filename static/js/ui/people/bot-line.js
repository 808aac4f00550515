/** A bot and its tokens, as a line of a list. */

import { h } from "../dom.js";
import { accountStrings as strings } from "../strings/account.js";
import { ago, dayAndYear } from "../time.js";

/** @typedef {import("../../net/types.js").Bot} Bot */
/** @typedef {import("../../net/types.js").BotToken} BotToken */
/**
 * @typedef {object} BotActions
 * @property {(bot: Bot) => void} onToken makes another token
 * @property {(bot: Bot, token: string) => void} onRevoke
 * @property {(bot: Bot) => void} onDelete
 */

/** @param {Bot} bot @param {BotActions} actions @param {number} [now] ms */
export function botLine(bot, actions, now = Date.now()) {
  const { name, uid, active, tokens } = bot;
  const title = h("h2", { id: `bot-${uid}` }, name);
  const state = !active && h("p", { class: "quiet-text" }, strings.bots.disabled);
  const lines = tokens.map((token) => tokenLine(bot, token, actions, now));
  return h(
    "li",
    { class: "session bot" },
    h(
      "div",
      {},
      title,
      state,
      tokens.length === 0
        ? h("p", {}, strings.bots.noToken)
        : h("ul", { class: "bot-tokens" }, ...lines),
      h(
        "div",
        { class: "row" },
        button(strings.bots.another, `${uid}-token`, `bot-${uid}`, () => actions.onToken(bot)),
        button(strings.bots.remove, `${uid}-delete`, `bot-${uid}`, () => actions.onDelete(bot)),
      ),
    ),
  );
}

/** @param {Bot} bot @param {BotToken} token @param {BotActions} actions @param {number} now */
function tokenLine(bot, token, { onRevoke }, now) {
  const { id, scopes, made, expires, used } = token;
  const { bots } = strings;
  const ended = expires <= now;
  const about = [
    scopes.map((scope) => bots.scopes[scope]).join(", "),
    bots.made(dayAndYear(made)),
    ended ? bots.ended : bots.ends(dayAndYear(expires)),
    used === null ? bots.unused : bots.used(ago(used, now)),
  ];
  return h(
    "li",
    {},
    h("p", { id: `token-${id}` }, about.join(" · ")),
    button(bots.revoke, `revoke-${id}`, `token-${id}`, () => onRevoke(bot, id)),
  );
}

/** @param {string} text @param {string} id @param {string} about the element that it concerns
 * @param {() => void} onclick */
const button = (text, id, about, onclick) =>
  h(
    "button",
    {
      class: "button quiet small",
      type: "button",
      id,
      "aria-labelledby": `${id} ${about}`,
      onclick,
    },
    text,
  );
