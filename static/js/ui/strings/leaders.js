/** Texts about owners whose account has ended, successors and bans. */

import { plural } from "../plural.js";

export const leaders = {
  ownerEnded: {
    /** @param {string} name @param {"deleted" | "disabled"} how */
    direct: (name, how) =>
      how === "disabled"
        ? `The server says that the account of ${name} is disabled. Nobody reads your messages here unless it is enabled again.`
        : `The server says that the account of ${name} was deleted. Nobody will read your messages here.`,
    mine: (/** @type {string} */ name) =>
      `The account of ${name}, who owned this room, has ended. ${name} named you as successor. You can take the room over.`,
    takeOver: "Take over this room",
    others: (/** @type {string} */ name, /** @type {string} */ successor) =>
      `The account of ${name}, who owned this room, has ended. ${successor} is the successor and can take the room over. Until then, nobody can change its rules or roles.`,
    nobody: (/** @type {string} */ name) =>
      `The account of ${name}, who owned this room, has ended, and there is no successor. You can still write here, but nobody can change the rules or roles, or close the room.`,
    newRoom: "Make a new room and post its link here",
    link: (/** @type {string} */ url) =>
      `I made a new room for us, because this one no longer has an owner: ${url}`,
    made: "The new room is ready. Its link is below. This room stays as it is.",
  },
  former: {
    title: (/** @type {number} */ n, /** @type {number} */ banned) =>
      plural(n, "1 former member", "# former members") + (banned > 0 ? `, ${banned} banned` : ""),
    banned: "banned",
    ban: "Ban",
    lift: "Lift the ban",
    banName: (/** @type {string} */ name) => `Ban ${name}`,
    liftName: (/** @type {string} */ name) => `Lift the ban of ${name}`,
    ask: (/** @type {string} */ name) => ({
      title: `Ban ${name}?`,
      text: `${name} cannot rejoin by a link. You or another moderator can lift the ban or add ${name}.`,
      confirm: "Ban",
    }),
  },
};
