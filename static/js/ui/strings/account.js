/** User-facing texts about the account and where it is signed in. */

import { lateStrings } from "./late.js";

export const accountStrings = {
  ...lateStrings,
  insecure:
    "This address is not secure: browsers make keys only on https:// and on http://localhost.",
  linkOfSite: "Your link lets you make an account here. It is used up when the account is made.",
  linkOfAdministrator:
    "Your link makes you an administrator of this server. It is used up when the account is made.",
  factorCodesLeft: (/** @type {number} */ many) =>
    many === 1 ? "One recovery code is left." : `${many} recovery codes are left.`,
  factors: {
    app: "Your app",
    theApp: "the authenticator app",
    added: (/** @type {string} */ day) => `Added ${day}`,
    lastUsed: (/** @type {string} */ ago) => `used ${ago}`,
    unused: "not used yet",
    rename: "Rename",
    remove: "Remove",
    renaming: {
      title: "Rename this passkey",
      text: "The name is for you alone.",
      confirm: "Rename it",
      label: "Name",
    },
    addPasskey: {
      title: "Add a passkey",
      text: "Your browser asks next where to keep it. If it is your first second factor, every other browser and program is logged out.",
      confirm: "Add it",
    },
    addApp: {
      title: "Set up an authenticator app",
      text: "If it is your first second factor, every other browser and program is logged out.",
      confirm: "Go on",
    },
    otherCodes: {
      title: "Make other recovery codes",
      text: "Your present codes stop working.",
      confirm: "Make them",
    },
    end: {
      title: "Turn the second factor off",
      text: "The app, every passkey and the recovery codes end. Your password alone is enough to log in then.",
      confirm: "Turn it off",
    },
    removal: (/** @type {string} */ name) => ({
      title: `Remove ${name}?`,
      text: "It logs nobody in any more. If it is your last second factor, your password alone is enough then, and the recovery codes end.",
      confirm: "Remove it",
    }),
    passkeyAdded: "The passkey was added.",
    appAdded: "The authenticator app was added.",
    removed: "It was removed.",
    ended: "The second factor is off.",
  },
  passkeys: {
    problems: {
      NotAllowedError:
        "No passkey was used. It was cancelled or took too long, or this device has none for your account. Try again, or go on in another way.",
      InvalidStateError: "This device has a passkey of your account already.",
      NotSupportedError:
        "This device makes no passkey that fits: it has to ask for a finger, a face or a PIN.",
      ConstraintError:
        "This device makes no passkey that fits: it has to ask for a finger, a face or a PIN.",
      SecurityError:
        "Passkeys do not work at this address. Ask the administrator of this server for its right one.",
      other: "The passkey did not work. Try again, or go on in another way.",
    },
  },
  ssoLogIn: (/** @type {string} */ name) => `Log in with ${name}`,
  ssoLink: (/** @type {string} */ name) => `Link with ${name}`,
  ssoLinked: "Your account is linked: you can log in by it.",
  ssoAlone: "You log in by it alone: this account has no password here.",
  ssoNotLinked: "Your account is not linked.",
  sso: {
    sso_unknown:
      "No account here is linked with that identity. If you have one, log in with your password and link it in the settings.",
    sso_disabled: "This account is disabled. Ask the administrator of this server.",
    sso_taken:
      "That identity is linked with another account, or your account with another identity.",
    sso_name:
      "The sign-on service gave a name that cannot be used here. Ask for a link to an account.",
    sso_other: "You logged in there as somebody else. Nothing was changed.",
    sso_not_asked:
      "The sign-on service did not ask who you are, so this is not confirmed. Ask the administrator of this server for a link to a password.",
    sso_refused: "The sign-on service did not confirm who you are.",
    sso_state: "This sign-in was started in another browser, or was used already. Start again.",
    sso_over: "That took too long. Begin again.",
    sso_rejected: "The answer of the sign-on service could not be trusted. Nothing was changed.",
    unavailable: "The sign-on service does not answer. Try again shortly, or use your password.",
    rate: "Too many requests. Wait a moment and try again.",
    other: "Single sign-on did not work. Begin again, or log in with your password.",
  },
  demo: "Try the demo account",
  demoAbout: "Development only: six people, three rooms, already in conversation.",
  replaced: (/** @type {{when: string, agent: string, address: string}} */ about) =>
    [
      `The server says: on ${about.when}`,
      about.agent && `from ${about.agent}`,
      about.address && `in the network ${about.address}`,
    ]
      .filter(Boolean)
      .join(", ")
      .concat("."),
  drafts: {
    copy: "Copy",
    copied: "Copied",
    selected: "Not copied. The text is selected: copy it by hand",
    inRoom: (/** @type {string} */ room) => `In ${room}:`,
  },
  bots: {
    scopes: { read: "reads", send: "sends", rooms: "joins and changes rooms" },
    made: (/** @type {string} */ day) => `made ${day}`,
    ends: (/** @type {string} */ day) => `ends ${day}`,
    ended: "has ended",
    used: (/** @type {string} */ ago) => `used ${ago}`,
    unused: "never used",
    noToken: "It has no token, and cannot sign in.",
    disabled: "An administrator has disabled it.",
    another: "Another token",
    revoke: "Revoke",
    remove: "Delete",
    copied: "Copied.",
    askRevoke: {
      title: "Revoke this token?",
      text: "A program that uses it is signed out at once, and cannot sign in by it any more.",
      confirm: "Revoke it",
      cancel: "Leave it as it is",
    },
    askDelete: (/** @type {string} */ name) => ({
      title: `Delete ${name}?`,
      text: "Nothing brings it back, and nobody gets its name. What it wrote stays in its rooms.",
      confirm: "Delete the bot",
      cancel: "Keep it",
    }),
  },
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
