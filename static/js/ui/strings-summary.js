/** What is said where a conversation is summarised. */

import { plural } from "./plural.js";

const messages = (/** @type {number} */ n) => plural(n, "1 message", "# messages");

export const summary = {
  title: "Summaries",
  intro: "Catch up without reading everything. You see first what is sent, and to whom.",
  from: "Summarise from here",
  menu: "Summarise",
  // --- why not
  off: (/** @type {string} */ owner) =>
    `The rules of this room do not allow summaries. ${owner} owns it and can change that.`,
  offMine:
    "The rules of this room do not allow summaries. You own it and can change that: other members see the change.",
  rules: "Rules of this room",
  noWorker:
    "This server makes no summaries at the moment. Whoever runs it has to start its summary worker.",
  readOnly: "Nothing can be sent from this room now, so there can be no new summary.",
  again: "Try again",
  // --- what
  range: "Which messages",
  ranges: {
    unread: "Those I had not read",
    since: "All since the last summary",
    today: "Today’s",
    last: "The last 100",
  },
  fromMessage: (/** @type {string} */ when) => `From ${when} on`,
  model: "Model",
  masked: "Replace names by A, B, …",
  maskedText: "Names inside a text are replaced where they are written like the user name.",
  anew: "Leave the earlier summary out",
  anewText: (/** @type {number} */ from, /** @type {number} */ to) =>
    `Otherwise it goes on from the summary of messages ${from} to ${to}, whose text is sent along.`,
  gathering: "Collecting the messages …",
  few: "There are too few messages for a summary: three are the least. Choose more of them, or read them: it will not take long.",
  fewSince:
    "Nothing to add: everything since the last summary is in it. Choose other messages to summarise them again.",
  // --- the preview
  preview: "This is sent, word for word",
  lines: (/** @type {number} */ n, /** @type {number} */ characters) =>
    `${messages(n)}, ${characters.toLocaleString()} characters`,
  earlierLine: (/** @type {number} */ from, /** @type {number} */ to) =>
    `Summary of messages ${from} to ${to}`,
  cut: "Older messages do not fit into one summary. They are left out.",
  hidden: (/** @type {number} */ n) => `${messages(n)} of people you blocked: left out.`,
  locked: (/** @type {number} */ n) => `${messages(n)} whose key is not here: left out.`,
  who: "Who reads it",
  engines: {
    openai: (/** @type {string} */ model) =>
      `${model}, a language model. This server’s summary worker opens the messages and passes them on to it. Whoever runs the worker or the model can read them.`,
    extractive: () =>
      "No language model: this server’s summary worker picks sentences that say much. The messages go nowhere else. Whoever runs the worker can read them.",
  },
  embedded:
    "Here web server and worker are one process: whoever runs this server can read what you send.",
  apart: "The worker is a program of its own: the web server cannot open what you send.",
  wk: "Key of the worker",
  visible:
    "The room’s history will say that you did this. The summary is sealed and shared with the members who can read these messages.",
  send: (/** @type {number} */ n) => `Send ${messages(n)} and summarise`,
  changedTitle: "The worker has a new key",
  changedText:
    "Perhaps it was installed anew. Perhaps somebody put another one in its place, to read what you send. Ask whoever runs this server, outside this chat, whether this is its key.",
  before: "Until now",
  now: "Now",
  believe: "I have asked. This key is right",
  // --- while it lasts
  sending: "Sealing and sending …",
  queued: "Waiting for the worker …",
  working: "The worker is reading …",
  part: (/** @type {number} */ done, /** @type {number} */ total) =>
    `Part ${Math.min(done + 1, total)} of ${total} …`,
  stays: "You can close this panel or the page. The summary will be here.",
  cancel: "Cancel",
  cancelled: "Cancelled. The room’s history still says that it was asked for.",
  ready: "The summary is ready.",
  show: "Show it",
  // --- what there is
  list: "Summaries of this room",
  none: "There are none yet.",
  about: (/** @type {number} */ from, /** @type {number} */ to) => `Messages ${from} to ${to}`,
  jump: (/** @type {number} */ from) => `Go to message ${from}`,
  by: (/** @type {string} */ who, /** @type {string} */ when) => `Asked for by ${who}, ${when}`,
  you: "you",
  extractive: "Picked sentences, not an AI",
  ai: (/** @type {string} */ model) => `Written by ${model}. It may be wrong.`,
  why: {
    keys: "You cannot read this one: it is about messages from before your time, or their key has not come yet.",
    bad: "A summary here could not be verified and is not shown.",
  },
  more: "Show more",
  copy: "Copy",
  // --- by itself
  offer: (/** @type {number} */ n) =>
    `${n.toLocaleString()} or more messages since the last summary.`,
  look: "Look and summarise",
  notNow: "Not now",
  allow: "Summarise this room without asking me each time",
  allowText:
    "Only in this browser, for this room, and as long as the worker’s key stays the same. You can take it back here. Names are not replaced.",
  allowed: "From now on this browser summarises the room by itself.",
  disallowed: "You will be asked again.",
  // --- what went wrong
  failed: {
    ai_off:
      "The rules of this room do not allow summaries any more. Nothing was sent. Its owner can change that.",
    wrong_worker:
      "The worker has changed its key. Nothing was opened. Look at the key below and send again.",
    no_worker:
      "No summary worker is running on this server. Nothing was sent. Tell whoever runs it, or try later.",
    spent:
      "This room has used up what it may spend on summaries today. Nothing was sent. Try again tomorrow, or ask whoever runs this server for more.",
    too_long: "That is more than the worker takes. Nothing was sent. Choose fewer messages.",
    rate: "You have asked for many summaries. Nothing was sent. Wait a minute and try again.",
    offline: "You are offline. Connect and try again.",
    forgotten: "The server has forgotten this request. Ask again.",
    unreadable: "The worker could not open what was sent. Nothing was read. Send it again.",
    unshared:
      "The summary was written, but the server could not keep it just now. It is kept until you open this panel again, for a day.",
    bad_answer:
      "What came back is not what the worker answered. It is not shown. Ask again, and tell whoever runs this server if it goes on.",
  },
  failedElse: "Nothing is kept of what was sent. You can ask again.",
  failedTitle: "No summary yet.",
};
