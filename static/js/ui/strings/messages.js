/** Texts in and around messages. */

const NUMBER = new Intl.NumberFormat();

export const messages = {
  startDirect: (/** @type {string} */ name) =>
    `Only you${name ? ` and ${name}` : ""} can read the messages here. Say hello.`,
  mentioned: "you are mentioned",
  edited: "edited",
  pinned: "pinned",
  deleted: "This message was deleted.",
  deletedBy: (/** @type {string} */ name) => `${name} deleted this message.`,
  erased: "The server deleted this message, but no member asked for it.",
  blockedMessage: "A message from somebody you blocked.",
  showBlocked: "Show",
  changeNotSent: {
    edit: "Your correction was not sent.",
    delete: "Your deletion was not sent.",
    react: "Your reaction was not sent.",
    pin: "Your pin was not sent.",
    vote: "Your vote was not sent.",
  },
  seeking: "Looking for the message …",
  notFound: "That message no longer exists.",
  damagedLink: "This link leads to no message. It may be mistyped or cut off.",
  unreadNotLoaded:
    "The first unread message could not be loaded. Nothing was marked as read. “Jump to unread” tries again.",
  composer: {
    answering: (/** @type {string} */ name) => `Answering ${name}`,
    somebody: "an earlier message",
    editing: "Correcting your message",
    stop: "Cancel",
    more: "Add something",
    attach: "Attach a file",
    poll: "Make a poll",
    mentions: "Suggestions",
    format: "Formatting",
    tooLong: (/** @type {number} */ length, /** @type {number} */ most) =>
      `${NUMBER.format(length)} of ${NUMBER.format(most)} characters: too long for one message.`,
    asFile: "Send it as a file",
    fileName: "message.txt",
    invisible: "This text has no visible characters. Nothing was sent.",
    notQueued: (/** @type {string} */ why) => `Not sent. Your text was kept. ${why}`,
    /** The message that the field was for was deleted, or has expired. */
    targetGone: {
      answer:
        "The message that you answer is gone. Your words are still here. Sent now, they answer nothing.",
      edit: "The message that you correct is gone. Your words are still here. Sent now, they are a new message.",
    },
    beingSent: "The last message is being sent. Wait for its tick to correct it.",
    save: "Save",
    send: "Send",
  },
};
