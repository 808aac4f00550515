/** User-facing texts about the account and where it is signed in. */

import { strings } from "./strings.js";

export const accountStrings = {
  ...strings,
  insecure:
    "This address is not secure: browsers make keys only on https:// and on http://localhost.",
  linkOfSite: "Your link lets you make an account here. It is used up when the account is made.",
  linkOfAdministrator:
    "Your link makes you an administrator of this server. It is used up when the account is made.",
  factorCodesLeft: (/** @type {number} */ many) =>
    many === 1 ? "One recovery code is left." : `${many} recovery codes are left.`,
  demo: "Try the demo account",
  demoAbout: "Development only: six people, three rooms, already in conversation.",
  sessions: {
    program: "A program",
    browser: "A browser",
    here: "This browser",
    usedNow: "Used just now",
    used: (/** @type {string} */ ago) => `Used ${ago}`,
    since: (/** @type {string} */ day) => `Since ${day}`,
    logOut: "Log out",
    endOthers: {
      title: "Log out everywhere else?",
      text: "Every other browser and program is logged out at once, and needs your password to come back. This browser stays logged in.",
      confirm: "Log out everywhere else",
      cancel: "Leave it as it is",
    },
  },
};
