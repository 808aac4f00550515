/**
 * The frames of the socket, as docs/protocol.md, "The socket", has them.
 * These are shapes, not promises: whatever matters is verified (crypto/) before it is believed.
 */

import type { StoredMessage } from "../crypto/message.js";

/** Where a room stands: seqs of its newest log event and message, and what was read of it. */
export interface RoomHead {
  log: number;
  msg: number;
  read: number;
  unread: number;
}

export interface AckFrame {
  type: "ack";
  room: string;
  cid: string;
  seq: number;
  /** Asks the client to begin the next epoch. */
  rotate?: boolean;
}

/** Why a message was not taken; some codes carry what the client needs to go on. */
export interface ErrorFrame {
  type: "error";
  room: string;
  cid?: string;
  code: string;
  detail: string;
  retry_after?: number;
  /** What is wrong with each field of a form. */
  fields?: Record<string, string[]>;
  now: number;
  n: number;
  id: string;
}

interface RoomFrame<Type extends string> {
  type: Type;
  room: string;
}

interface TypingFrame<Type extends string> extends RoomFrame<Type> {
  uid: string;
}

/** Every frame that the server sends. */
export type ServerFrame =
  | {
      type: "ready";
      uid?: string;
      /** The account's present keys; an older server does not say. */
      kid?: string | null;
      now: number;
      heads: Record<string, RoomHead>;
      online: Record<string, string[]>;
    }
  | { type: "pong"; now: number; heads: Record<string, RoomHead> }
  | { type: "message_receive"; room: string; messages: StoredMessage[] }
  | { type: "reset"; room: string }
  | { type: "resync" }
  | AckFrame
  | ErrorFrame
  | TypingFrame<"typing_start">
  | TypingFrame<"typing_stop">
  | { type: "presence"; room: string; online: string[] }
  | { type: "read"; room: string; uid: string; seq: number }
  | RoomFrame<"user_join">
  | RoomFrame<"user_leave">
  | RoomFrame<"room_event">
  | { type: "room_stopped"; room: string; stopped: boolean }
  | { type: "key_request"; room: string; e: number; uid: string; kid: string }
  | { type: "wraps"; room: string; e: number; to: string }
  | RoomFrame<"knock">
  | { type: "request" }
  | { type: "summary_ready"; room: string; rid?: string }
  | { type: "identity" };

/** A frame of one type. */
export type Frame<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;

/** Every frame that a page sends. */
export type ClientFrame =
  | MessageFrame
  | RoomFrame<"typing_start">
  | RoomFrame<"typing_stop">
  | { type: "read"; room: string; seq: number }
  | { type: "ping" }
  | { type: "resume"; rooms: Record<string, number> };

/** A sealed message, and what the server gets beside it. */
export interface MessageFrame extends RoomFrame<"message_send"> {
  h: string;
  iv: string;
  ct: string;
  sig: string;
  tokens?: { g: number; t: number[] };
  re?: number[];
  erase?: number[];
  files?: string[];
}
