/**
 * What the server answers, as the schema at /api/v1/schema has it; frames.d.ts has the socket's frames.
 * These are shapes, not promises: whatever matters is verified (crypto/) before it is believed.
 */

import type { SignedEvent } from "../crypto/log.js";
import type { StoredMessage } from "../crypto/message.js";

// --- parts of answers --------------------------------------------------------------------------

/** A public identity as it is published. */
export interface SignedIdentity {
  body: string;
  sig: string;
}

/** An epoch key, encrypted to the kid `to`. */
export interface Wrap {
  e: number;
  to: string;
  ct: string;
}

/** A room's profile, encrypted under epoch `e`. */
export interface ProfileBox {
  e: number;
  box: string;
}

/** A link's key, encrypted under epoch `e`. */
export interface Escrow {
  iid: string;
  e: number;
  box: string;
}

export interface Person {
  uid: string;
  name: string;
}

/** How an account has ended. */
export type AccountEnd = "deleted" | "disabled";

/** A room as the list of rooms has it. `read` and `msg` are seqs; `head` is seq and hash. */
export interface RoomSummary {
  id: string;
  kind: "group" | "direct";
  head: [number, string];
  profiles: ProfileBox[];
  msg: number;
  read: number;
  unread: number;
  last: StoredMessage | null;
  kid?: string;
  closed?: boolean;
  stopped?: boolean;
  accepted?: boolean;
  asked_by?: Person | null;
  peer?: Person | null;
  knocks?: number;
  /** The account's own request to be let in with the key `kid`. */
  own_knock?: { kid: string; state: "waiting" | "refused" } | null;
  ended?: Record<string, AccountEnd>;
  bots?: string[];
  unanswered?: string[];
}

export interface InviteListItem {
  iid: string;
  exp: number;
  max: number;
  uses: number;
  state: string;
}

/** A request to be let in, as signed. */
export interface SignedKnock {
  body: string;
  sig: string;
  isig: string;
  identity: SignedIdentity;
}

/** A recovery kit without its code. */
export interface SealedKit {
  v: number;
  uid: string;
  kid: string;
  salt: string;
  box: string;
}

/** What the server keeps of a message; a deleted one has `sha` and `del`, no `ct`. */
export interface MessageRecord {
  seq: number;
  uid: string;
  dev: string;
  n: number;
  cid: string;
  e: number;
  ct?: string | null;
  sha?: string;
  sig: string;
  at: number | string;
  re?: number[];
  tokens?: number[];
  size?: number;
}

/** The summary worker and its public key. */
export interface WorkerInfo {
  spki: string;
  engine: "openai" | "extractive";
  models: string[];
  embedded: boolean;
  most_messages: number;
  most_bytes: number;
}

export interface SignedSummary {
  body: string;
  sig: string;
  box: string;
  at: number;
}

export interface SummaryStatus {
  rid: string;
  state: "queued" | "working" | "done" | "failed" | "cancelled";
  from: number;
  to: number;
  done?: number;
  total?: number;
  code?: string;
  detail?: string;
  answer: string | null;
}

// --- REST --------------------------------------------------------------------------------------

/** A page of a list: `more` is `after` of the next page. */
export interface Paged {
  more?: string | number | null;
}

export interface RoomPage extends Paged {
  now: number;
  rooms: RoomSummary[];
}

export interface LogPage {
  events: SignedEvent[];
  identities: SignedIdentity[];
  head: [number, string];
  more: boolean;
}

/** The log of a room that a link leads to, or its one invite event. */
export interface LinkPage extends LogPage {
  room: string;
  card: string;
}

/** `first` and `head`: seqs of the oldest and the newest message that the server has; `around`: the
 * one in the middle of a page that was asked for around a message or a time. */
export interface MessagePage {
  messages: StoredMessage[];
  around?: number | null;
  first: number;
  head: number;
  refs?: StoredMessage[];
  more_refs?: number | null;
}

export interface RefsPage {
  refs: StoredMessage[];
  more_refs?: number | null;
}

export interface KeysPage extends Paged {
  wraps: Wrap[];
  profiles: ProfileBox[];
  escrows: Escrow[];
}

export interface WrapsPage extends Paged {
  wraps: Record<string, number[]>;
}

export interface ItemsPage extends Paged {
  items: ProfileBox[];
}

export interface UntokenedPage {
  rows: StoredMessage[];
  missing: number;
  cursor: string | number | null;
}

export interface SummaryOverview {
  worker: WorkerInfo | null;
  summaries: SignedSummary[];
  requests: SummaryStatus[];
}

export interface SearchAnswer {
  hits: StoredMessage[];
  refs: StoredMessage[];
  whole: boolean;
  df: number[];
  total: number;
  indexed: number;
  older?: boolean;
  cursor?: string | null;
}

/** An account's present identity, and when and from where it was published. `made`: ms. */
export interface PresentKeys {
  kid: string;
  made: number;
  agent: string;
  address: string;
}

/** The answer to GET, by path. */
export type GetAnswer<Path extends string> = Path extends "me"
  ? Person & { kid: string | null; keys: PresentKeys | null; kit: boolean }
  : Path extends "me/sso"
    ? { linked: boolean }
    : Path extends "me/second_factor"
      ? SecondFactorState
      : Path extends "me/sessions"
        ? { sessions: SignIn[] }
        : Path extends "me/bots"
          ? { bots: Bot[] }
          : Path extends "site.json"
            ? SiteFacts
            : Path extends "report_key"
              ? { key: { spki: string; at: number } | null }
              : Path extends "site"
                ? { restored?: unknown }
                : Path extends "kit"
                  ? { kit: SealedKit }
                  : Path extends "blocks"
                    ? { blocks: Person[] }
                    : Path extends `identities?${string}`
                      ? { identities: SignedIdentity[] }
                      : Path extends `users/${string}`
                        ? { uid: string; identity: SignedIdentity | null }
                        : Path extends "chatrooms" | `chatrooms?${string}`
                          ? RoomPage
                          : Path extends `chatrooms/${infer Rest}`
                            ? RoomAnswer<Rest>
                            : unknown;

/** A report to the room's leaders, as its reader gets it. */
export interface RoomReportItem {
  body: string;
  sig: string;
  box: string;
  key: string;
  row: import("../crypto/message.js").StoredMessage;
  state: string;
  handler: string | null;
  at: number;
}

/** Who wrote unread messages; `more` is the `before` of the next page. */
interface UnreadAuthors {
  authors: { uid: string; seqs: number[] }[];
  more: number | null;
}

/** The answer to GET chatrooms/…, by what follows. */
type RoomAnswer<Path extends string> = Path extends `join/${infer Rest}`
  ? LinkAnswer<Rest>
  : Path extends `${string}/messages/${number}/stored`
    ? { stored: MessageRecord }
    : Path extends `${string}/messages?${string}`
      ? MessagePage
      : Path extends `${string}/refs?${string}`
        ? RefsPage
        : Path extends `${string}/unread?${string}`
          ? UnreadAuthors
          : Path extends `${string}/tokens?${string}`
            ? UntokenedPage
            : Path extends `${string}/log?${string}`
              ? LogPage
              : Path extends `${string}/keys` | `${string}/keys?${string}`
                ? KeysPage
                : Path extends `${string}/wraps` | `${string}/wraps?${string}`
                  ? WrapsPage
                  : Path extends `${string}/reports` | `${string}/reports?${string}`
                    ? { reports: RoomReportItem[] }
                    : Path extends `${string}/invites`
                      ? { invites: InviteListItem[] }
                      : Path extends `${string}/knocks`
                        ? { knocks: SignedKnock[] }
                        : Path extends `${string}/files`
                          ? { most: number; left: number; room_left: number | null }
                          : Path extends `${string}/summary`
                            ? SummaryOverview
                            : Path extends `${string}/summary/${string}`
                              ? SummaryStatus
                              : RoomSummary & { ended: Record<string, AccountEnd> };

/** The answer to GET chatrooms/join/…, by what follows. */
type LinkAnswer<Path extends string> = Path extends `${string}/items` | `${string}/items?${string}`
  ? ItemsPage
  : Path extends `${string}/knock`
    ? { state: "waiting" | "member" | "refused" | "none" }
    : LinkPage;

/** The answer to POST, by path. */
export type PostAnswer<Path extends string> = Path extends "auth/reset/look"
  ? { name: string }
  : Path extends "auth/register/look"
    ? { administrator: boolean; expires: number }
    : Path extends "me/second_factor" | "me/second_factor/codes" | "me/second_factor/passkeys"
      ? { codes: string[] }
      : Path extends "me/second_factor/secret"
        ? { secret: string; uri: string; svg: string; state: string }
        : Path extends "accounts/passkey/options/" | "me/second_factor/passkeys/options"
          ? { options: PasskeyOptions; state: string }
          : Path extends `accounts/${string}`
            ? { next: string }
            : Path extends "demo/"
              ? { next: string; kit: string }
              : Path extends `chatrooms/${string}/search`
                ? SearchAnswer
                : Path extends `chatrooms/${string}/tokens`
                  ? { taken: number }
                  : Path extends `chatrooms/${string}/summary`
                    ? SummaryStatus
                    : unknown;

/** A line that administrators show to everybody; another text has another id. */
export interface Announcement {
  id: string;
  text: string;
}

/** The facts that pages leave out, since they are the same bytes for everybody. */
export interface SiteFacts {
  build: string;
  name: string;
  /** An address, or empty: the picture of the build. */
  icon: string;
  announcement: Announcement | null;
  registration: string;
  contact: string;
  terms: string;
  privacy: string;
  mail: boolean;
  sso: string;
  demo: boolean;
  me: (Person & { kid: string | null; lacks_factor?: boolean }) | null;
}

/** A second factor of the account. Times: ms. */
export interface SecondFactorRow {
  id: number;
  made: number;
  used: number | null;
}

export interface SecondFactorState {
  on: boolean;
  needed: boolean;
  codes: number;
  app: SecondFactorRow | null;
  passkeys: (SecondFactorRow & { name: string })[];
}

/** Options of WebAuthn as the server sends them: bytes are base64url. */
export interface PasskeyOptions {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: { id: string; type: string }[];
  allowCredentials?: { id: string; type: string }[];
  [other: string]: unknown;
}

/** The parts of a credential that the server reads, as base64url. */
export interface PasskeyCredential {
  id: string;
  response: Record<string, string>;
}

/** A passkey's answer to a challenge, and the signed step that the challenge came with. */
export interface SignedPasskey {
  state: string;
  credential: PasskeyCredential;
}

/** A place where the account is signed in. */
export interface SignIn {
  id: string;
  kind: "browser" | "program";
  agent: string;
  address: string;
  made: number;
  seen: number;
  current: boolean;
}

/** A bot of the account, and its tokens without their secrets. Times: ms. */
export interface Bot {
  uid: string;
  name: string;
  active: boolean;
  tokens: BotToken[];
}

export interface BotToken {
  id: string;
  scopes: ("read" | "send" | "rooms")[];
  made: number;
  expires: number;
  used: number | null;
}

/** What the error shape may carry beside its code and text. */
export interface ErrorBody {
  code?: string;
  detail?: string;
  retry_after?: number;
  /** What is wrong with each field of a form. */
  fields?: Record<string, string[]>;
  now?: number;
  room?: string;
  rooms?: string[];
}
