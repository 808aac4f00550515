/**
 * The types of what the server answers, over those of the schema (schema.d.ts); frames.d.ts has the
 * socket's frames. A message is what crypto/ takes it for: sealed, or a tombstone.
 * These are shapes, not promises: whatever matters is verified (crypto/) before it is believed.
 */

import type { StoredMessage } from "../crypto/message.js";
import type * as schema from "./schema.js";

export type {
  Bot,
  BotToken,
  FactorRow as SecondFactorRow,
  PresentKeys,
  ProfileBox,
  SecondFactor as SecondFactorState,
  Session as SignIn,
} from "./schema.js";

/** An answer with its messages as crypto/ takes them. */
type WithMessages<Answer> = Answer extends schema.Message
  ? StoredMessage & Omit<Answer, keyof schema.Message>
  : { [Key in keyof Answer]: WithMessages<Answer[Key]> };

/** A path's parts; a part in braces stands for any. */
type Parts<Path extends string> = Path extends `${infer First}/${infer Rest}`
  ? [Part<First>, ...Parts<Rest>]
  : [Part<Path>];
type Part<Text extends string> = Text extends `{${string}}` ? string : Text;

/** A path without its query. */
type Bare<Path extends string> = Path extends `${infer Before}?${string}` ? Before : Path;

/** The name of the schema's path that a path fits; never, if there is none. */
type Named<Answers, Path extends string> = {
  [Key in keyof Answers & string]: Parts<Bare<Path>> extends Parts<Key> ? Key : never;
}[keyof Answers & string];

/** The answer of a path among `Answers`; unknown for one that the schema does not have. */
type AnswerOf<Answers, Path extends string> = [Named<Answers, Path>] extends [never]
  ? unknown
  : WithMessages<Answers[Named<Answers, Path>]>;

export type Person = schema.PersonInRoom;
export type RoomSummary = WithMessages<schema.Room>;
/** How an account has ended. */
export type AccountEnd = schema.Room["ended"][string];
export type InviteListItem = schema.Invitation;
/** A request to be let in, as signed. */
export type SignedKnock = schema.WaitingKnock;
export type WorkerInfo = schema.Worker;
export type SignedSummary = schema.Summary;
export type SummaryStatus = schema.Request;
export type LogPage = schema.Log;
/** The log of a room that a link leads to, or its one invite event. */
export type LinkPage = schema.Preview;
export type RefsPage = WithMessages<schema.Changes>;

/** A page of a list: `more` is `after` of the next page. */
export interface Paged {
  more?: string | number | null;
}

/** The answer to GET, by path. */
export type GetAnswer<Path extends string> = Path extends "site.json"
  ? SiteFacts
  : AnswerOf<schema.GetAnswers, Path>;

/** The answer to POST, by path. */
export type PostAnswer<Path extends string> = Path extends "accounts/passkey/options/"
  ? { options: PasskeyOptions; state: string }
  : Path extends `accounts/${string}`
    ? { next: string }
    : Path extends "demo/"
      ? { next: string; kit: string }
      : AnswerOf<schema.PostAnswers, Path>;

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
