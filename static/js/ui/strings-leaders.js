/** What is said about an owner's end, who follows, and who may not come back. */

import { plural } from "./plural.js";

export const leaders = {
  ownerEnded: {
    direct: (/** @type {string} */ name) =>
      `The account of ${name} has ended. Nobody reads what you write here.`,
    mine: (/** @type {string} */ name) =>
      `The account of ${name}, who owned this room, has ended. ${name} named you to follow: you can take the room over.`,
    takeOver: "Take over this room",
    others: (/** @type {string} */ name, /** @type {string} */ successor) =>
      `The account of ${name}, who owned this room, has ended. ${successor} was named to follow and can take the room over. Until then nobody can change its rules or roles.`,
    nobody: (/** @type {string} */ name) =>
      `The account of ${name}, who owned this room, has ended, and nobody was named to follow. You can go on writing here, but nobody can change the rules or roles any more, or close this room.`,
    newRoom: "Make a new room and post its link here",
    link: (/** @type {string} */ url) =>
      `I made a new room for us, because this one has no owner any more: ${url}`,
    made: "The new room is there, and its link stands below. This room stays as it is.",
  },
  former: {
    title: (/** @type {number} */ n) => plural(n, "1 former member", "# former members"),
    banned: "banned",
    ban: "Ban",
    lift: "Lift the ban",
    banName: (/** @type {string} */ name) => `Ban ${name}`,
    liftName: (/** @type {string} */ name) => `Lift the ban of ${name}`,
    ask: (/** @type {string} */ name) => ({
      title: `Ban ${name}?`,
      text: `${name} cannot come back by a link. You or another moderator can lift the ban or let ${name} in.`,
      confirm: "Ban",
    }),
  },
};
