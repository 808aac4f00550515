/** Messages as the server stores them. */

/** The signed part of a message that is not encrypted. */
export interface Header {
  v: 1;
  room: string;
  e: number;
  uid: string;
  kid: string;
  dev: string;
  n: number;
  /** The id of n - 1, "" for n = 1. */
  pm: string;
  /** The newest log event verified. */
  lh: [number, string];
  /** The highest message held. */
  sh: [number, string];
  cid: string;
  /** ms */
  ts: number;
}

export interface SealedMessage {
  seq: number;
  h: string;
  iv: string;
  ct: string;
  sig: string;
  re?: number[];
}

/** What the server keeps of an erased message. */
export interface Tombstone {
  seq: number;
  h: string;
  iv: string;
  /** b64 SHA-256 of the ct. */
  sha: string;
  sig: string;
  /** The seq of the message that asked for it. */
  del: number;
  re?: number[];
}

export type StoredMessage = SealedMessage | Tombstone;
