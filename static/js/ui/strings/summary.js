/** Texts of summaries. */

import { plural } from "../plural.js";
import { lateStrings } from "./late.js";

const messages = (/** @type {number} */ n) => plural(n, "1 message", "# messages");

const OUT =
  "You are no longer a member here: nothing is summarised for you here any more. A summary that you had asked for does not come.";

const summary = {
  ...lateStrings.summary,
  title: "Summaries",
  intro: "Catch up without reading everything. You see first what is sent, and to whom.",
  introHere: "Catch up without reading everything.",
  // --- unavailable
  off: (/** @type {string} */ owner) =>
    `The rules here do not allow summaries. ${owner} can change that.`,
  offMine:
    "The rules here do not allow summaries. You can change that, and the others see the change.",
  rules: "Open the rules",
  noWorker:
    "This server’s summary worker is not running. This device can pick the lines that say most.",
  onlyHere: "The rules here keep summaries on your device.",
  /** Sentences for rooms where none comes any more, by their end. */
  over: /** @type {Record<string, string>} */ ({
    removed: OUT,
    banned: OUT,
    left: OUT,
    succeeded: OUT,
    missing: OUT,
    closed:
      "It was closed, and the server deleted its summaries with the messages. A summary that you had asked for does not come.",
    stopped:
      "The operator of this server stopped it: nothing is summarised meanwhile. A summary that is ready by now is shared once it goes on; any other does not come.",
  }),
  waits:
    "Nothing can be sent from here now. The summary that you had asked for is shared once you can write here again.",
  readOnly: "Nothing can be sent from here now, so there can be no new summary.",
  again: "Try again",
  // --- selection
  range: "Which messages",
  ranges: {
    unread: "Those I had not read",
    since: "All since the last summary",
    today: "Today’s",
    last: "The last 100",
  },
  fromMessage: (/** @type {string} */ when) => `From ${when} on`,
  where: "Who reads them",
  places: { worker: "The server’s summary worker", device: "This device alone" },
  model: "Model",
  masked: "Replace names by P1, P2, …",
  maskedText:
    "Names inside a text are replaced where they are written like the user name. This browser puts the names back into the summary.",
  anew: "Leave the earlier summary out",
  anewText: (/** @type {string} */ range) =>
    `Otherwise it goes on from the summary “${range}”, whose text is sent along.`,
  gathering: "Collecting the messages …",
  few: "There are too few messages for a summary. Choose at least three.",
  fewSince:
    "There are no new messages since the last summary. Choose other messages to summarise them again.",
  // --- the preview
  preview: "Exactly this is sent",
  lines: (/** @type {number} */ n, /** @type {number} */ characters) =>
    `${messages(n)}, ${characters.toLocaleString()} characters`,
  earlierLine: (/** @type {string} */ range) => `Summary: ${range}`,
  cut: "Older messages do not fit into one summary. They are left out.",
  hidden: (/** @type {number} */ n) => `${messages(n)} of people you blocked: left out.`,
  locked: (/** @type {number} */ n) => `${messages(n)} whose key is not here: left out.`,
  who: "Who reads it",
  engines: {
    openai: (/** @type {string} */ model) =>
      `${model}, a language model. This server’s summary worker opens the messages and passes them on to it. The operators of the worker and of the model can read them.`,
    extractive: () =>
      "No language model: this server’s summary worker selects important sentences. The messages go nowhere else. The worker’s operator can read them.",
  },
  embedded:
    "Web server and worker are one process here: the server’s operator can read what you send.",
  apart: "The worker is a separate program: the web server cannot open what you send.",
  wk: "Key of the worker",
  visible:
    "The history here will say that you did this. The summary is sealed and shared with the members who can read these messages.",
  send: (/** @type {number} */ n) => `Send ${messages(n)} and summarise`,
  changedTitle: "The worker has a new key",
  changedText:
    "It may have been reinstalled, or somebody may have replaced it to read what you send. Ask the server’s operator, outside this chat, whether this is its key.",
  before: "Until now",
  now: "Now",
  believe: "I have asked. This key is right",
  // --- on this device
  here: (/** @type {number} */ n) =>
    `Picked from ${messages(n)} on this device. Nothing left it, and nobody else sees this.`,
  hereTitle: "What was said",
  place: (/** @type {string} */ name, /** @type {string} */ when) =>
    `${when}: go to the message of ${name}`,
  browser: {
    title: "In whole sentences",
    hint: "Your browser has a model of its own. It says that the model runs on this device, so that nothing is sent. It may have to load it first.",
    write: "Write a summary on this device",
    loading: (/** @type {number} */ share) =>
      `Your browser prepares its model … ${Math.floor(share * 100)} %`,
    by: "Written by your browser’s model. It may be wrong. Nobody else sees this.",
    failed: "Your browser’s model could not write a summary of this. The picked lines stay.",
  },
  // --- progress
  sending: "Sealing and sending …",
  queued: "Waiting for the worker …",
  working: "The worker is reading …",
  part: (/** @type {number} */ done, /** @type {number} */ total) =>
    `Part ${Math.min(done + 1, total)} of ${total} …`,
  stays: "You can close this panel or the page. The summary will be here.",
  cancel: "Cancel",
  cancelled: "Cancelled. The history here still shows the request.",
  ready: "The summary is ready.",
  show: "Show it",
  // --- list
  list: "Earlier summaries",
  none: "No summaries yet.",
  about: (/** @type {number} */ from, /** @type {number} */ to) => messages(to - from + 1),
  jump: "Go to the first message",
  since: "Since then",
  by: (/** @type {string} */ who, /** @type {string} */ when) => `Asked for by ${who}, ${when}`,
  you: "you",
  blocked: "somebody you blocked",
  blockedLine: "A message of somebody you blocked is left out.",
  extractive: "Picked sentences, not an AI",
  ai: (/** @type {string} */ model) => `Written by ${model}. It may be wrong.`,
  why: {
    keys: "You cannot read this summary: its messages are from before you joined, or their key has not arrived yet.",
    bad: "A summary here could not be verified and is not shown.",
  },
  more: "Show more",
  copy: "Copy",
  // --- automatic
  offer: (/** @type {number} */ n) =>
    `${n.toLocaleString()} or more messages since the last summary.`,
  look: "Look and summarise",
  notNow: "Not now",
  allow: "Summarise here without asking me each time",
  allowText:
    "Applies here, in this browser, as long as the worker’s key stays the same. You can undo it here. Names are not replaced.",
  allowed: "This browser now summarises automatically here.",
  disallowed: "You will be asked again.",
  // --- errors
  failed: {
    ai_off:
      "The rules here do not allow summaries any more. Nothing was sent. Its owner can change that.",
    wrong_worker:
      "The worker has changed its key. Nothing was opened. Look at the key below and send again.",
    no_worker:
      "No summary worker is running on this server. Nothing was sent. Tell the server’s operator, or try later.",
    spent:
      "Today’s budget for summaries here is used up. Nothing was sent. Try again tomorrow, or ask the server’s operator.",
    too_long: "These are more messages than the worker accepts. Nothing was sent. Choose fewer.",
    rate: "You have asked for many summaries. Nothing was sent. Wait a minute and try again.",
    offline: "You are offline. Connect and try again.",
    forgotten: "The server has forgotten this request. Ask again.",
    unreadable: "The worker could not open what was sent. Nothing was read. Send it again.",
    unshared:
      "The summary was written, but could not be shared just now. It is kept until you open this panel again, for a day.",
    bad_answer:
      "The answer does not come from the worker. It is not shown. Ask again, and tell the server’s operator if it happens again.",
  },
  failedElse: "Nothing of the request is kept. You can ask again.",
  failedTitle: "No summary yet.",
};

export const summaryStrings = { ...lateStrings, summary };
