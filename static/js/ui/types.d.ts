/** What the field for messages and the lines of a conversation are given. */

import type { TimelineItem } from "../conversation/messages/timeline-items.js";
import type { Mentionable } from "./composer/mentions.js";
import type { OpenFile } from "./files/attachments.js";

export interface ModeLine {
  seq: number | null;
  id: string;
  text: string;
  /** Names in the text. */
  mentions?: string[];
  author: { name: string };
  /** When it was sealed, ms; missing where that is not known. */
  ts?: number;
}

/** What the field is for besides new messages. */
export interface Mode {
  kind: "answer" | "edit";
  line: ModeLine;
}

/** All that is lost without it. */
export interface Draft {
  text: string;
  mode?: Mode | null;
  /** The text that a correction replaced in the field. */
  before?: string;
}

/** What became of a text. */
export interface Outcome {
  text: string;
  mode: Mode | null;
  queued: boolean;
  /** Why it was not queued, "" if that is said elsewhere. */
  problem: string;
}

export interface ComposerCallbacks {
  /** Resolves to true if the message was queued; otherwise the text returns to the field. */
  onSend: (text: string, mode: Mode | null) => Promise<boolean>;
  /** Whether there is something to send besides words. */
  hasAttachments: () => boolean;
  onTyping: (on: boolean) => void;
  onDraft: (draft: Draft) => void;
  onEditLast: () => void;
  /** Attaches a file. */
  onFile: (file: File) => Promise<boolean>;
  /** People who can be mentioned. */
  people: () => Mentionable[];
  /** A text was queued or not; another composer may have replaced this one meanwhile. */
  onSettled: (sent: Outcome) => void;
}

/** What is done about a line. */
export interface MessageCallbacks {
  onRetry: (cid: string) => void;
  onDiscard: (cid: string) => void;
  /** To the message of that number. */
  onJump: (seq: number) => void;
  /** Asks for a day to go to; the one at hand, ms. */
  onPickDay: (ts: number) => void;
  onReact: (line: TimelineItem, emoji: string) => void;
  onVote: (line: TimelineItem, picks: number[]) => void;
  openFile: OpenFile;
  /** Whether pictures may be loaded by themselves. */
  showsPictures: () => boolean;
  /** Shows what a blocked person wrote. */
  onReveal: (line: TimelineItem) => void;
  /** Whether a summary of what is unread is offered. */
  mayCatchUp: () => boolean;
  onCatchUp: (from: HTMLElement) => void;
}
