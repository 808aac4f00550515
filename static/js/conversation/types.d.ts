/** Rooms as the list shows them, and why nothing can be written in one. */

import type { RoomState } from "../crypto/log.js";
import type { RoomSummary } from "../net/types.js";
import type { KnownMessages } from "./counting.js";

interface Named {
  uid: string;
  name: string;
}

/** One line of the room list. */
export interface RoomListItem {
  id: string;
  name: string;
  /** Who wrote the last message; "" for the account itself. */
  who: string;
  /** The last message, as it was written. */
  last: string;
  /** Names in it. */
  mentions: string[];
  /** ms, 0 for none */
  time: number;
  unread: number;
  /** Whether an unread message mentions the account. */
  mentioned: boolean;
  /** Others who are here. */
  online: number;
  /** For good. */
  closed: boolean;
  /** False for a request that waits for an answer. */
  accepted: boolean;
  /** Who sent a request that waits: the server's word. */
  askedBy: Named | null;
  /** The other one, in a direct room. */
  peer: Named | null;
  /** Who ask to be let in. */
  knocks: number;
  /** Why nothing can be written there, as far as this browser has verified; "" for nothing. */
  end: EndKind | "";
  /** Who caused it and when, by the signed log; see `RoomEnd`. */
  endedBy: { who: string; at: number };
  /** Whether only this browser has the room: the server does not list it. */
  kept: boolean;
}

/** What is known of one room. */
export interface RoomRecord {
  /** As the server lists it; null if it does not, and this browser keeps what the person once read
   * there. */
  room: RoomSummary | null;
  name: string;
  /** ms, of its newest log event */
  since: number;
  /** `mentions`: names in the text. */
  preview: { who: string; text: string; mentions?: string[]; ts: number } | null;
  /** As the room's log says; until it is verified the server's word stands in. */
  peer?: Named | null;
  /** uids */
  online: string[];
  /** seqs of messages that mention the account */
  mentions: number[];
  /** The messages that can be unread. */
  known: KnownMessages;
  end: EndKind | "";
  endedBy?: { who: string; at: number };
  /** Where the log stood when the line was kept. */
  head?: [number, string];
  /** Days after which the room's messages are deleted, 0 for never. */
  ttl: number;
}

/** The part of a record that was verified here. */
export type Described = Pick<
  RoomRecord,
  "name" | "since" | "preview" | "peer" | "mentions" | "end" | "endedBy" | "ttl"
>;

/** A room as the list showed it last, and where its log stood. */
export type KeptLine = Described & {
  id: string;
  head?: [number, string];
  msg: number;
  read: number;
  unread: number;
  aside?: number;
};

export type EndKind =
  | "signed-out"
  | "frozen"
  | "closed"
  | "removed"
  | "banned"
  | "left"
  | "succeeded"
  | "missing"
  | "stopped"
  | "newer"
  | "replaced"
  | "strangers"
  | "not-let-in"
  | "new-keys"
  | "blocked"
  | "alone"
  | "no-key";

/** Why nothing can be written in a room. */
export interface RoomEnd {
  kind: EndKind;
  /** A name, "" if nobody is to be named. */
  who: string;
  /** ms by the signed log, 0 if it says nothing */
  at: number;
}

/** What it follows from. */
export interface RoomFacts {
  /** Of the account. */
  uid: string;
  /** As verified. */
  state: RoomState;
  /** "", "cheated" or "newer" */
  frozen: string;
  /** What the server was wrong about: "log", "message" or "". */
  evidence: string;
  /** The server denies the room without a signed reason. */
  missing: boolean;
  /** The operator has stopped the room: the server's word. */
  stopped: boolean;
  /** A member has keys that nothing may be sent to. */
  strangers: boolean;
  /** The account is a member under an older key of its own. */
  awaitsReset: boolean;
  /** The account is a member under later keys, which another browser has made. */
  replaced: boolean;
  /** A leader has refused to let the present key in: the server's word. */
  refused: boolean;
  /** Whether the key of the present epoch is here. */
  hasKey: boolean;
  signedOut: boolean;
  /** The other person of a direct room. */
  peer: Named | null;
  /** Whether the account has blocked that person. */
  blocked: boolean;
  nameOf: (uid: string) => string;
}
