/** Texts about ends: the bar in the place of the composer, former rooms, the connection. */

import { plural } from "../plural.js";

/** @typedef {(who: string, when: string, direct: boolean, isEmpty?: boolean) => string} Sentence `when`: "" if
 *   it is not known; `direct`: the room is a conversation of two; `isEmpty`: no message is kept here */

/** @param {string} when */
const on = (when) => (when ? ` on ${when}` : "");
/** @param {boolean} direct */
const room = (direct) => (direct ? "conversation" : "room");
const KEPT = "This browser keeps what you could read here until then.";
/** @param {boolean} [isEmpty] */
const keeps = (isEmpty) => (isEmpty ? "This browser has none of its messages." : KEPT);

export const ends = {
  /** Sentences on what happened and who did it, by the end's kind. */
  what: /** @type {Record<import("../../conversation/room/room-end.js").EndKind, Sentence>} */ ({
    "signed-out": () => "You are signed out.",
    frozen: (_who, _when, direct) => `This ${room(direct)} is stopped. Nothing is sent.`,
    closed: (who, when, direct) =>
      `${who || (direct ? "One of you" : "Its owner")} closed this ${room(direct)} for good${on(when)}.`,
    removed: (who, when, direct) =>
      `${who || "A member"} removed you from this ${room(direct)}${on(when)}.`,
    banned: (who, when) => `${who || "A member"} removed and banned you${on(when)}.`,
    left: (_who, when, direct) => `You left this ${room(direct)}${on(when)}.`,
    succeeded: (who, when, direct) =>
      `${who || "A member"} took this ${room(direct)} over${on(when)}.`,
    missing: (_who, _when, direct) =>
      `The server no longer gives you this ${room(direct)}, and shows no signed reason.`,
    stopped: (_who, _when, direct) => `The operator of this server stopped this ${room(direct)}.`,
    newer: (_who, _when, direct) => `This ${room(direct)} needs a newer version of Sotto.`,
    replaced: () => "Your keys were replaced in another browser.",
    strangers: () => "Nothing is sent until you have decided about the keys above.",
    "new-keys": (who, _when, direct) =>
      `You have new keys. ${direct ? who || "The other person" : "A member"} has to let you in with them.`,
    "not-let-in": (who) =>
      `The server says that ${who || "a member"} did not let you in with your new keys.`,
    blocked: (who) => `You have blocked ${who || "this person"}.`,
    alone: (who, when) =>
      `${who || "The other person"} ${when ? `left this conversation${on(when)}` : "is no longer in this conversation"}.`,
    "no-key": (_who, _when, direct) => `This browser waits for this ${room(direct)}’s key.`,
  }),
  /** Sentences on what is kept and what to do, by kind. */
  next: /** @type {Record<import("../../conversation/room/room-end.js").EndKind, Sentence>} */ ({
    "signed-out": () => "What you wrote is kept in this browser. Log in again to go on here.",
    frozen: () => "The notice above says why, what was kept, and how to go on.",
    closed: (_who, _when, _direct, isEmpty) =>
      `Its messages are gone from the server. ${isEmpty ? keeps(isEmpty) : "This browser keeps what it has loaded."}`,
    removed: (_who, _when, _direct, isEmpty) =>
      `Its signed history proves it. ${keeps(isEmpty)} Ask them for a new invitation to return.`,
    banned: (_who, _when, _direct, isEmpty) =>
      `Its signed history proves it. ${keeps(isEmpty)} Only a moderator can let you back in.`,
    left: (_who, _when, direct, isEmpty) =>
      `${keeps(isEmpty)} ${direct ? "You can begin a new conversation with them." : "A new invitation brings you back."}`,
    succeeded: (_who, _when, _direct, isEmpty) =>
      `The server had said that your account had ended. ${keeps(isEmpty)} Ask them for an invitation to return.`,
    missing: (_who, _when, direct, isEmpty) =>
      `${keeps(isEmpty)} Ask ${direct ? "the other person" : "another member"}, outside this chat, what they see.`,
    stopped: (_who, _when, direct) =>
      `Nothing new is stored in it. All that was written stays readable. Ask the operator why; you can leave${direct ? " it" : ", and its owner can close it"}.`,
    newer: () =>
      "You can read, but not write. Reload the page, or ask the server’s operator for an update.",
    replaced: () =>
      "This browser can read what it has, and write nothing more. See when and from where it was, and bring the new keys here. If that was not you, change your password.",
    strangers: () => "What you are writing stays here.",
    "new-keys": (who) =>
      who
        ? `They have been asked. Call ${who}, so that they know it is you.`
        : "They have been asked. Call them, so that they know it is you.",
    "not-let-in": (who) =>
      `What you wrote stays here. Call ${who || "them"}, so that they know it is you; then ask again.`,
    blocked: (who) =>
      `${who || "This person"} does not know. Messages are not shown until you unblock them.`,
    alone: () => "All that was written stays readable. You can begin a new conversation with them.",
    "no-key": (_who, _when, direct) =>
      `${direct ? "The other person" : "A member who has it"} hands it over when they are online.`,
  }),
  /** The invited person of a direct room has left, and wrote no message that is here. */
  declined: {
    what: (/** @type {string} */ who, /** @type {string} */ when) =>
      `${who || "The other person"} declined to talk, or left${on(when)}.`,
    next: "Nothing that they wrote is here; what you wrote stays readable. You can ask again by beginning a new conversation with them.",
  },
  /** The person of a direct room who left has no account any more. */
  deletedPeer:
    "The server says that the account was deleted. All that was written stays readable, and nobody can answer any more.",
  writing: "You were writing:",
  copy: "Copy what I was writing",
  copied: "Copied",
  login: "Log in",
  keys: "Go to your keys",
  askAgain: "Ask again",
  begin: "Begin a new conversation",
  unblock: (/** @type {string} */ who) => `Unblock ${who}`,
  remove: "Remove it from this browser",
  removeTitle: (/** @type {boolean} */ direct) => `Remove this ${room(direct)} from this browser?`,
  removeText:
    "The messages that this browser keeps of it are erased. Nobody can bring them back to you.",
  reload: "Reload the page",
  exportKept: "Export what is kept",
  unsent: (/** @type {number} */ n) =>
    plural(
      n,
      "1 message was not sent. It stays here.",
      "# messages were not sent. They stay here.",
    ),
};

/** A member who has new keys. */
export const newKeys = {
  text: (/** @type {string} */ name) =>
    `${name} has new keys and asks to be let in with them. Anyone with ${name}’s password could have made them: compare numbers, or call ${name} first.`,
  compare: "Compare numbers",
  letIn: "Let in",
  later: "Later",
  same: "They are the same. Let them in",
};
