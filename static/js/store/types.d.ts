/** Records of this browser's database. */

import type { Content, PlainFields } from "../crypto/content.js";
import type { Keys } from "../crypto/identity.js";
import type { RoomState } from "../crypto/log.js";
import type { StoredMessage } from "../crypto/message.js";
import type { PendingKeys } from "./account-keys.js";
import type { Sealed } from "./at-rest.js";
import type { Identities } from "./rooms.js";

/** `me` is the account's uid. */
interface Owned {
  me: string;
}

interface OfRoom extends Owned {
  room: string;
}

/** The record stores: their keys and what stands in them. */
export type Records = {
  accounts: { key: string; value: AccountRecord };
  pending: { key: [string, string]; value: Owned & PendingKeys };
  names: { key: [string, string]; value: Owned & NameRecord };
  pins: { key: [string, string]; value: Owned & Pin };
  logs: { key: [string, string]; value: OfRoom & { state: RoomState; identities: Identities } };
  keys: { key: [string, string, number]; value: OfRoom & { e: number; sealed: Sealed } };
  chains: { key: [string, string]; value: OfRoom & DeviceChain };
  outbox: {
    key: [string, string, string];
    value: Owned & { content: Sealed } & Omit<OutboxEntry, "content">;
  };
  rows: { key: [string, string, number]; value: OfRoom & StoredMessage };
  opened: { key: [string, string, number]; value: OfRoom & { seq: number; sealed: Sealed } };
  drafts: { key: [string, string]; value: OfRoom & { sealed: Sealed } };
  asks: { key: [string, string, string]; value: OfRoom & { rid: string; sealed: Sealed } };
  settings: { key: [string, string]; value: Owned & { name: string; value: unknown } };
  archive: { key: [string, string, number]; value: OfRoom & { segment: number; sealed: Sealed } };
  marks: { key: [string, string, string]; value: OfRoom & { what: string; value: unknown } };
};

export interface PublishedIdentity {
  kid: string;
  body: string;
  sig: string;
}

export interface AccountRecord {
  uid: string;
  name: string;
  kid: string;
  keys: Keys;
  deviceKey: CryptoKey;
  dev: string;
  kitSaved: boolean;
  /** kids from before a reset, oldest first */
  past?: string[];
  /** The account's identities, oldest first. */
  chain?: PublishedIdentity[];
}

/** A person's trusted key. */
export interface Pin {
  uid: string;
  /** Missing in pins of older versions. */
  name?: string;
  n: number;
  kid: string;
  /** The keys that came before. */
  past: string[];
  /** By older kid: how far each room's log was verified when the next key was approved, by room. */
  stood?: Record<string, Record<string, number>>;
  /** The kid whose number was compared, or "". */
  verified: string;
}

/** Who has a user name. */
export interface NameRecord {
  name: string;
  /** The uid that was seen with it first. */
  first: string;
  /** What was decided about further uids. */
  others: Record<string, "new" | "accepted" | "refused">;
}

/** This browser's last message in a room. */
export interface DeviceChain {
  dev: string;
  n: number;
  /** Its id. */
  pm: string;
  /** The newest log event that it named: the next may not name an older one. */
  lh: number;
  /** The newest message that it named, likewise. */
  sh: [number, string];
}

/** The bytes to send, the same ones again after a lost answer. */
export interface SealedEntry {
  h: string;
  iv: string;
  ct: string;
  sig: string;
  id: string;
  beside: PlainFields;
  dev: string;
  n: number;
  pm: string;
  lh: number;
  sh: [number, string];
}

/** An unsent message, in the order of `at`. */
export interface OutboxEntry {
  room: string;
  cid: string;
  at: number;
  content: Content;
  sealed?: SealedEntry;
  state: "queued" | "failed" | "acked";
  error?: string;
  /** Once acknowledged. */
  seq?: number;
}
