/** Texts about a room: its keys, rules and links, and what the server sees of it. */

import { plural } from "../plural.js";
import { lateStrings } from "./late.js";

export const roomStrings = {
  ...lateStrings,
  health: {
    title: "Who can read what",
    intro: [
      "The key is renewed whenever somebody leaves, and from time to time.",
      "Each member should have the keys of the time since they joined.",
    ],
    fine: "Everybody can read what they should.",
    missing: (/** @type {number} */ n) =>
      plural(n, "1 key has not reached its member yet.", "# keys have not reached their members."),
    mend: "Hand over what is missing",
    mending: "Handing over …",
    mended: "Handed over.",
    none: "You do not have the missing keys. Other members hand them over automatically when they are online.",
    some: (/** @type {number} */ n, /** @type {number} */ all) =>
      `You hold ${n} of the ${all}. Others will hand over the rest when they are online.`,
    caption: "Members and the keys they hold",
    who: "Member",
    key: (/** @type {number} */ e) => `Key ${e}`,
    since: (/** @type {string} */ when) => `from ${when}`,
    holds: "Can read",
    lacks: "Missing",
    has: "has it",
    misses: "missing",
    before: "before their time",
    nothing: "nothing",
    rest: (/** @type {number} */ n) =>
      plural(n, "1 member has everything.", "# members have everything."),
  },
  log: {
    title: "What happened here",
    intro:
      "Everything that changed something here, signed by who did it. Your browser has checked all of it.",
    earlier: "Show earlier",
    none: "Nothing yet.",
  },
  policy: {
    title: "Rules of this room",
    intro: "Everybody sees these rules, and each change stands in the history.",
    readOnly: "Only the owner can change them.",
    save: "Save the rules",
    saving: "Saving …",
    saved: "The rules are saved.",
    fixed: "Fixed from the beginning.",
    join: {
      title: "Who can join",
      link: ["Anybody with a link", "Anyone who opens an invitation link joins at once."],
      approve: [
        "Anybody with a link who is let in",
        "A link only lets people ask. The owner or a moderator lets them in, and links carry nothing that can be read.",
      ],
      note: "A change here ends all open links.",
    },
    history: {
      title: "What newcomers can read",
      all: ["Everything", "New members can read the conversation from its beginning."],
      join: ["From their first day", "Nobody can read what was written before they joined."],
    },
    search: {
      title: "Search",
      server: [
        "On the server",
        "Finds everything, on every device. The server sees no words, but it can count which hidden words come up again, and which messages your search finds.",
      ],
      device: [
        "In the browser only",
        "The server learns nothing. Each browser finds only what it has loaded.",
      ],
      note: "Switching to the browser deletes the server’s search index.",
    },
    ai: {
      title: "Summaries",
      off: ["Never", "Nothing is summarised."],
      device: [
        "On the device only",
        "Each member’s own browser picks the lines that say most. Nothing leaves it, and no model reads anything.",
      ],
      ask: [
        "When a member asks for one",
        "They see first what will be sent, and the history records it. The model’s operator can read it.",
      ],
      auto: [
        "Offered by itself",
        "As above, and offered once there are enough new messages since the last summary.",
      ],
      ain: "Offer after",
      messages: (/** @type {number} */ n) => `${n.toLocaleString()} messages`,
    },
    n: {
      title: "When the key is renewed",
      text: "Somebody who obtains one key can read only the messages under it. The key is always renewed when a member leaves.",
      any: "no limit",
      written: "Also after",
      days: "Or after",
      said: (/** @type {string[]} */ after) =>
        after.length > 0 ? `Also after ${after.join(" or ")}` : "Only when somebody goes",
    },
    ttl: {
      title: "How long messages are kept",
      text: "The server deletes older messages for everybody, and browsers follow. Copies and exports remain.",
      when: "Messages disappear",
      never: "never",
      after: (/** @type {string} */ time) => `after ${time}`,
      askTitle: "Delete older messages?",
      ask: (/** @type {string} */ time) =>
        `The server deletes everything older than ${time} at once, for everybody. This cannot be undone.`,
      yes: "Save and delete",
    },
    days: (/** @type {number} */ n) => plural(n, "1 day", "# days"),
  },
  reports: "Reports",
  stored: {
    title: "What the server sees",
    intro:
      "This is all that the server stores of this message. The text is not included: only members have the key.",
    deleted: "This message was deleted. What is left says only that there was one.",
    raw: "As it is stored",
    rawLabel: "The stored message, raw",
    nobody: "The server keeps no text, no name of a file, and no list of who has read it.",
    names: {
      uid: "Who",
      at: "When",
      seq: "Place",
      dev: "Device",
      size: "Size",
      e: "Key",
      re: "Belongs to",
      tokens: "Search",
      ct: "Content",
      sig: "Signature",
      cid: "Number from the sender",
    },
    says: {
      uid: "Who sent it. The server knows its members by this number.",
      at: "When the server received it.",
      seq: "Its place in the conversation. A missing place would be noticed.",
      dev: (/** @type {number} */ n) =>
        `Which of the sender’s browsers it is from, and that it is message ${n} from there.`,
      size: "Length without the key, rounded up so that it tells little.",
      e: "Which of the keys opens it. The server has none of them.",
      re: "It changes an earlier message: an edit, a reaction, a vote. The server sees that, but not what it is.",
      tokens:
        "Hidden words for searching, some of them made up. Equal words look equal to the server.",
      noTokens: "Nothing is kept for searching.",
      ct: "The text, locked. This is what the server would have to give away.",
      gone: "Only a checksum is left, so that nobody can claim it was something else.",
      sig: "Proves to members who wrote it, and that nothing was changed.",
      cid: "Made up by the sender, so that sending twice shows it once.",
    },
    none: "nothing",
    gone: "deleted",
    bytes: (/** @type {number} */ n) => `${n.toLocaleString()} bytes`,
    words: (/** @type {number} */ n) => plural(n, "1 hidden word", "# hidden words"),
    messages: (/** @type {string} */ list) => `message ${list}`,
  },
  stop: {
    title: (/** @type {boolean} */ direct) => `This ${direct ? "conversation" : "room"} is stopped`,
    why: "The server’s copy of it does not match what this browser verified before.",
    means:
      "The server may have been restored from an old backup, or somebody may be changing the conversation. Your browser cannot tell which.",
    restored: (/** @type {string} */ at, /** @type {string} */ backup) =>
      `The operator says: this site was restored on ${at} from a backup of ${backup}. Your browser cannot check that.`,
    kept: "What you have read so far is kept here. Nothing is sent until this is resolved.",
    details: "What does not match",
    export: "Export evidence",
    exported: "Evidence saved as a file",
    exporting: "Exporting …",
    exportText: "A file with what this browser has checked and what the server says now.",
    others: "Ask the others",
    othersText:
      "This copies a question. Ask it outside this chat: if only you see this, the server may show you something else.",
    copied: "Question copied",
    question: (/** @type {string} */ room) =>
      `My Sotto has stopped “${room}”: the server’s copy does not match what I had. Does it still open for you, and what is the last message you see?`,
    accept: "Go on with the server’s version",
    acceptTitle: "Go on with the server’s version?",
    acceptText: [
      "Do this only if you know why it is different, for example because the operator restored a backup.",
      "What the server does not have disappears from this browser. Export the evidence first.",
    ],
    acceptLabel: "Type “go on”",
    acceptWord: "go on",
    accepting: "Loading the server’s version …",
  },
  link: {
    introJoin: "Anyone with the link can join and read messages from then on.",
    introApprove:
      "Anyone with the link can ask to join. You or another moderator lets them in under Members.",
    ended: {
      leave: (/** @type {string} */ who) => `Your link ended when ${who} left.`,
      remove: (/** @type {string} */ who) => `Your link ended when ${who} was removed.`,
      reset: (/** @type {string} */ who) => `Your link ended when ${who} came back with a new key.`,
      role: () => "Your link ended when you stopped being a moderator.",
      succeed: (/** @type {string} */ who) =>
        `Your link ended when the room’s owner, ${who}, went.`,
      policy: () => "Your link ended when the rules of this room changed.",
    },
    again: "Make a new one",
    revokeName: (/** @type {string} */ terms) => `Revoke the link, ${terms}`,
  },
  this: {
    locked: "Only members can read here",
    lockedText: "Messages are locked in this browser. The server keeps them and cannot open them.",
    verifiedAll: "You have verified everybody.",
    verifiedSome: (/** @type {number} */ n, /** @type {number} */ all) =>
      `You have verified ${n} of ${all} others.`,
    verifiedNone: "You have not verified anybody here yet.",
    verifiedAlone: "You are alone here.",
    verifyText: "Until you compare numbers, you trust the server to give you the right keys.",
    renewed: (/** @type {string} */ when) => `Key last renewed: ${when}`,
    renewedText: "It is renewed whenever a member leaves.",
    sees: "What the server does see",
    seesText:
      "Who takes part, who writes when and roughly how much, and who is online. Choose “What the server sees” on any message to look at one.",
    openLinks: (/** @type {number} */ n) => plural(n, "1 link is open.", "# links are open."),
    links: "Anyone with an open link that shows the conversation can read it until the link ends.",
  },
};
