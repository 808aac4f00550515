/**
 * A message on its way through the browser: `StoredMessage` as the server gives it (crypto/message-row.js),
 * `DecodedMessage` and `Message` once it is verified and decrypted, `TimelineItem` as it is drawn.
 */

import type { Content, Ref } from "../../crypto/content.js";
import type { Header, StoredMessage } from "../../crypto/message.js";
import type { OpenedMessage } from "../../crypto/open-message.js";
import type { OutboxEntry } from "../../store/outbox.js";
import type { LogEntry } from "../room/activity-log.js";
import type { MessageDecoder } from "./decode-message.js";
import type { KeptResults } from "./kept-results.js";
import type { Batch } from "./lost-messages.js";
import type { MessageWindow, Span } from "./message-window.js";
import type { MissingMessages } from "./missing-messages.js";
import type { RoomHistory } from "./room-history.js";
import type { OutboxWatch } from "./timeline-model.js";

/** A decrypted message. `applyChanges` adds what later messages change in it. */
export interface Message {
  /** Stable: an unsent message keeps its key when it is stored. */
  key: string;
  seq: number | null;
  /** As others name it; "" for none. */
  id: string;
  /** `change`: it changes another message. `erased`: the server kept a tombstone. `deleted`: a member
   * deleted it. */
  kind: "message" | "change" | "refused" | "newer" | "locked" | "erased" | "deleted";
  /** If it can be read. */
  content: Content | null;
  author: { uid: string; name: string; kid: string };
  mine: boolean;
  /** Whether its author was owner or moderator then. */
  leads: boolean;
  /** The newest log event its author knew. */
  lh: number;
  /** ms */
  ts: number;
  text: string;
  state: "sending" | "sent" | "failed" | "received";
  error?: string;
  /** Something is missing before it. */
  gap?: boolean;
  /** Its author saw a different conversation. */
  otherView?: boolean;
  /** The server no longer has it; this browser has verified and kept it. */
  lost?: boolean;
  /** The seq of the message that a tombstone names as the reason. */
  erasedBy?: number;
  /** Whether the server says that an erased one changed another. */
  changes?: boolean;
  edited?: boolean;
  pinned?: boolean;
  /** A name. */
  deletedBy?: string;
  /** An emoji and the uids of those who chose it. */
  reactions?: [string, string[]][];
  /** A poll's chosen options by uid. */
  votes?: Record<string, number[]>;
  /** Messages that a deletion must erase, too. */
  edits?: Ref[];
}

/** A stored message, verified and decrypted. */
export interface DecodedMessage {
  stored: StoredMessage;
  /** "" if there is none to be read. */
  id: string;
  header?: Header;
  /** Whether header, signature and membership are right, and it opens. */
  good: boolean;
  message: Message;
}

/** Who chose an emoji or an option. */
export interface Choice {
  label: string;
  names: string[];
  mine: boolean;
}

export interface Poll {
  options: Choice[];
  multi: boolean;
  voters: number;
}

/** The message that is answered; without a name it is not loaded. */
export interface Quote {
  seq: number;
  name: string;
  text: string;
  /** Names in the text. */
  mentions?: string[];
  gone: boolean;
  /** Its author is blocked. */
  blocked?: boolean;
}

/** A line of the conversation as it is drawn. */
export type TimelineItem = Omit<Message, "kind" | "reactions" | "votes"> & {
  /** `lost` stands before messages that the server no longer has: `count` of them. */
  kind: Message["kind"] | "system" | "blocked" | "lost";
  count?: number;
  reactions?: Choice[];
  poll?: Poll;
  quote?: Quote;
  /** Names in the text. */
  mentions?: string[];
  /** One of them is the reader's. */
  forMe?: boolean;
  /** Its author is a program. */
  bot?: boolean;
  /** Its author's account was deleted. */
  deleted?: boolean;
  /** Whether it is unread after the read mark. */
  counts?: boolean;
};

/** All that a conversation is drawn from. */
export interface TimelineInput {
  me: { uid: string; name: string; kid: string };
  /** Stored messages, in order. */
  items: Message[];
  /** Unsent ones. */
  entries: OutboxEntry[];
  /** Whether the reader is owner or moderator. */
  leads: boolean;
  /** What the server no longer has. */
  lost?: Batch[];
  /** Verified events, oldest first. */
  log: LogEntry[];
  /** Members who ask to be let in with new keys. */
  newKeys?: { name: string; kid: string; ts: number }[];
  /** When the person went on with the server's version of the room, ms. */
  accepted?: number[];
  /** Whether earlier messages are not loaded. */
  hasOlder: boolean;
  /** Whether later messages are not loaded. */
  hasNewer?: boolean;
  /** Whether a number is in the window; all by default. */
  shows?: (seq: number) => boolean;
  /** Whether its author is not to be heard. */
  isHidden: (line: { key: string; author: { uid: string } }) => boolean;
  /** Whether somebody is blocked: their reactions and their name beside votes do not show. */
  isBlocked?: (uid: string) => boolean;
  /** Whether a member is a program, by the server's word. */
  isBot?: (uid: string) => boolean;
  /** Whether an account was deleted, by the server's word. */
  isDeleted?: (uid: string) => boolean;
  /** Seqs of requests for summaries, as the log has them, whose result was shared and verified. */
  summarised?: Set<number>;
  /** Whether the room is a conversation of two. */
  direct?: boolean;
  nameOf: (uid: string) => string;
}

/** The newest rows that this browser keeps. */
export interface KeptPage {
  /** Ascending. */
  rows: StoredMessage[];
  /** What was opened of them, by seq. */
  known: Map<number, OpenedMessage>;
  /** Of the room, with which it was read. */
  state: unknown;
}

/** Parts of a timeline that move its window and add to it. */
export interface TimelineParts {
  decoder: MessageDecoder;
  history: RoomHistory;
  window: MessageWindow;
  /** Loads what compares an answer with what was kept; rejects if it cannot, and nothing goes on then. */
  loadMissing: () => Promise<MissingMessages>;
  outbox: OutboxWatch;
  /** What earlier visits have opened. */
  results: KeptResults;
  /** Whether the reader stands at the newest message. */
  follows: () => boolean;
  /** Shows other numbers in place of all that is shown. */
  onAnew: (span: Span) => void;
  /** Told of messages that are added or changed. */
  onItems: (items: Message[]) => void;
  /** Told of seqs that are not held any more. */
  onDropped: (gone: number[]) => void;
  /** Told of new messages, shown or not. */
  onReceived: (items: Message[]) => void;
  /** Runs what nothing that is shown waits for. */
  later: (task: () => Promise<void>) => void;
}
