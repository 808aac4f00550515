/**
 * The types of the REST API, made from its OpenAPI document by `python -m scripts.api_types`:
 * change the serializers. These are shapes, not promises: whatever matters is verified (crypto/)
 * before it is believed.
 */

/** A JSON object with no key but its fields. */
export interface AddApp {
  state: string;
  /** of the app that has the secret */
  code: string;
}

export interface AddedPasskey {
  codes: string[];
  id: number;
}

export interface AppSecret {
  /** base32, for an authenticator app */
  secret: string;
  /** otpauth://totp/… */
  uri: string;
  /** the uri as a QR code */
  svg: string;
  /** comes back with a code, within an hour */
  state: string;
}

/** A sealed question. The result is an Ask. */
export interface Ask {
  rid: string;
  /** SHA-256 of the worker's SPKI */
  wk: string;
  /** the question's key, for the worker */
  ek: string;
  /** the question */
  box: string;
  /** seq of the account's own disclose event */
  dis: number;
}

/** A JSON object with no key but its fields. */
export interface AskForLink {
  /** the user name */
  name: string;
}

export interface Asked {
  /** for the browser's `navigator.credentials` */
  options: Record<string, unknown>;
  /** comes back with the credential, once, within 5 minutes */
  state: string;
}

/** A JSON object with no key but its fields. */
export interface Assertion {
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle?: string | null;
}

/** A JSON object with no key but its fields. */
export interface Attestation {
  clientDataJSON: string;
  attestationObject: string;
}

export interface Author {
  uid: string;
  /** of the messages that can be unread, newest first */
  seqs: number[];
}

export interface Bare {
  rows: Message[];
  missing: number;
  /** `after` of the next page, null at the end */
  cursor: number | null;
}

export interface Blocked {
  uid: string;
  name: string;
}

export interface Blocks {
  /** `after` of the next page, null at the end */
  more: string | null;
  /** by name */
  blocks: Blocked[];
}

export interface Bot {
  uid: string;
  name: string;
  /** false once an administrator has disabled it */
  active: boolean;
  /** the newest first */
  tokens: BotToken[];
}

export interface BotToken {
  id: string;
  scopes: ScopesEnum[];
  /** ms */
  made: number;
  /** ms */
  expires: number;
  /** the last sign-in by it, ms */
  used: number | null;
}

/** A JSON object with no key but its fields. */
export interface BotTokenText {
  /** as it was shown once */
  token: string;
}

export interface Bots {
  /** `after` of the next page, null at the end */
  more: string | null;
  /** by name */
  bots: Bot[];
}

/** A JSON object with no key but its fields. */
export interface Boxes {
  profile?: ProfileBox;
  invites?: LinkKeys[];
}

export interface Changes {
  /** the newest later ones that change some of these */
  refs: Message[];
  /** there are more below this number: ask `refs` for them */
  more_refs: number | null;
}

/** The second factor, where the account has one: a code or a passkey. Without either the answer is `second_factor`, with what may answer. */
export interface Confirm {
  /** of the authenticator app, or a recovery code */
  code?: string;
  /** in place of a code */
  passkey?: Signed;
  password: string;
}

/** A JSON object with no key but its fields. */
export interface Confirmation {
  /** left out by who has none, and has confirmed */
  password?: string | null;
}

/** The second factor, where the account has one: a code or a passkey. Without either the answer is `second_factor`, with what may answer. */
export interface Credentials {
  /** of the authenticator app, or a recovery code */
  code?: string;
  /** in place of a code */
  passkey?: Signed;
  name: string;
  password: string;
}

/** A body that says nothing. */
export type Empty = Record<string, never>;

export type EngineEnum = "openai" | "extractive";

/** Every refusal. Some codes bring more keys beside `code` and `detail` (docs/protocol.md). */
export interface Error {
  error: ErrorDetail;
}

export interface ErrorDetail {
  /** for programs */
  code: string;
  /** a sentence for people */
  detail: string;
}

/** A JSON object with no key but its fields. */
export interface Escrow {
  /** epoch */
  e: number;
  /** a sealed key */
  box: string;
  iid: string;
}

/** A single event. The result is an EventSubmission. */
export interface EventSubmission {
  /** canonical event body, as signed */
  event: string;
  /** Ed25519 over its PAE */
  sig: string;
}

export interface FactorRow {
  id: number;
  /** ms */
  made: number;
  /** last used, ms */
  used: number | null;
}

export interface File {
  id: string;
}

/** The result maps each message's number to its generation and tokens. */
export interface Fill {
  messages: MessageTokens[];
  /** version of the tokens */
  v?: number;
}

export interface Filled {
  taken: number;
}

export interface Head {
  id: string;
  /** [seq, hash] of the newest event */
  head: [number, string];
}

export interface History {
  /** the newest later ones that change some of these */
  refs: Message[];
  /** there are more below this number: ask `refs` for them */
  more_refs: number | null;
  messages: Message[];
  /** the number that the page is around, null for other pages */
  around: number | null;
  /** the oldest number still there, 0 for none */
  first: number;
  /** the newest number, 0 for none */
  head: number;
}

export interface Hit {
  seq: number;
  /** the header, as signed */
  h: string;
  iv: string;
  /** not of what was erased */
  ct?: string;
  /** SHA-256 of the ct that was erased */
  sha?: string;
  sig: string;
  /** what it changes */
  re?: number[];
  files?: string[];
  g: number;
  /** which terms */
  matched: number[];
  /** seq of what erased it */
  del?: number;
}

export interface Hits {
  hits: Hit[];
  /** what hits correct, and what changes either */
  refs: Message[];
  /** false: there is too much of that, and `refs` is empty */
  whole: boolean;
  /** messages with each term, for relevance */
  df: number[];
  /** messages in the room */
  total: number;
  /** of these, how many carry tokens */
  indexed: number;
  /** whether some carry tokens of version 1 only */
  older: boolean;
  /** of the next page, null at the end */
  cursor: string | null;
}

export interface Identities {
  identities: SignedIdentity[];
}

export interface Invitation {
  iid: string;
  by: string;
  /** ms */
  exp: number;
  max: number;
  uses: number;
  state: InvitationStateEnum;
}

export type InvitationStateEnum = "open" | "revoked" | "voided" | "used" | "expired";

export interface Invitations {
  /** `after` of the next page, null at the end */
  more: string | null;
  /** the newest first */
  invites: Invitation[];
}

/** A single event. The result is an EventSubmission. */
export interface Invite {
  /** canonical event body, as signed */
  event: string;
  /** Ed25519 over its PAE */
  sig: string;
  /** what the link shows of the room */
  card: string;
  escrow?: KeyBox;
  items?: KeyBox[];
}

export interface Items {
  items: KeyBox[];
  /** `after` of the next page, null at the end */
  more: number | null;
}

export interface Joined {
  items: KeyBox[];
  /** `after` of the next page, null at the end */
  more: number | null;
  room: string;
  head: [number, string];
}

/** A JSON object with no key but its fields. */
export interface KeyBox {
  /** epoch */
  e: number;
  /** a sealed key */
  box: string;
}

/** A JSON object with no key but its fields. */
export interface KeyRequest {
  /** epochs */
  e: number[];
}

export interface Keys {
  wraps: Wrap[];
  profiles: ProfileBox[];
  escrows: Escrow[];
  /** `after` of the next page, null at the end */
  more: number | null;
}

export interface Kid {
  kid: string;
}

/** A JSON object with no key but its fields. */
export interface Kit {
  kit: SealedKit;
}

/** A JSON object with no key but its fields. */
export interface Knock {
  /** canonical knock body, as signed */
  body: string;
  sig: string;
  /** by the invitation's key */
  isig: string;
}

export interface KnockState {
  state: KnockStateStateEnum;
}

export type KnockStateStateEnum = "waiting" | "member" | "refused" | "none";

export interface Knocks {
  /** `after` of the next page, null at the end */
  more: string | null;
  /** who asked first comes first */
  knocks: WaitingKnock[];
}

export interface Limits {
  /** bytes that a sealed file may have */
  most: number;
  /** bytes that the account may still store */
  left: number;
  /** bytes that files of the room may still take; null: it has no limit of its own */
  room_left: number | null;
}

/** A JSON object with no key but its fields. */
export interface LinkKeys {
  iid: string;
  escrow: string;
  item: string;
}

/** A proof by an invitation link. Whatever does not prove anything gets the one refusal that says what to do: `bad_invitation`. */
export interface LinkProof {
  /** of the invitation */
  iid: string;
  /** by the link, "register" over {"v":1,"iid","name"} */
  sig: string;
}

/** A JSON object with no key but its fields. */
export interface LinkSecret {
  /** what follows #1. in the link */
  secret: string;
}

export interface Log {
  events: SignedEvent[];
  /** [seq, hash] of the newest event */
  head: [number, string];
  /** of every kid that is named here */
  identities: SignedIdentity[];
  /** whether events follow */
  more: boolean;
}

/** A single event. The result is an EventSubmission. */
export interface LogEvent {
  /** canonical event body, as signed */
  event: string;
  /** Ed25519 over its PAE */
  sig: string;
  wraps?: Wrap[];
  profile?: ProfileBox;
  invites?: LinkKeys[];
}

/** A JSON object with no key but its fields. */
export interface Logout {
  /** left out, the sign-in of the bearer token ends */
  refresh?: string;
}

/** A JSON object with no key but its fields. */
export interface LogoutToken {
  /** a JWT, signed by the provider */
  logout_token: string;
}

/** A JSON object with no key but its fields. */
export interface Made {
  id: string;
  response: Attestation;
}

export interface MadeBotToken {
  id: string;
  scopes: ScopesEnum[];
  /** ms */
  made: number;
  /** ms */
  expires: number;
  /** the last sign-in by it, ms */
  used: number | null;
  /** shown this once */
  token: string;
}

/** A report. The result is a ReportGiven. */
export interface MakeReport {
  /** as signed */
  body: string;
  sig: string;
  /** the message's key, a reason and a note */
  box: string;
  keys: SealedKey[];
}

export interface Me {
  uid: string;
  name: string;
  kid: string | null;
  /** the account's present identity */
  keys: PresentKeys | null;
  /** true if a recovery kit is kept here, without its code */
  kit: boolean;
  /** true for the account of a program */
  bot: boolean;
}

export interface Message {
  seq: number;
  /** the header, as signed */
  h: string;
  iv: string;
  /** not of what was erased */
  ct?: string;
  /** SHA-256 of the ct that was erased */
  sha?: string;
  sig: string;
  /** what it changes */
  re?: number[];
  files?: string[];
  /** seq of what erased it */
  del?: number;
}

/** A JSON object with no key but its fields. */
export interface MessageTokens {
  seq: number;
  /** generation of the search key */
  g: number;
  t: number[];
}

/** A JSON object with no key but its fields. */
export interface NewBot {
  name: string;
}

/** A JSON object with no key but its fields. */
export interface NewBotToken {
  scopes: ScopesEnum[];
  /** until it ends */
  days: number;
}

/** A JSON object with no key but its fields. */
export interface NewIdentity {
  /** canonical identity body, as signed */
  body: string;
  /** Ed25519 over its PAE */
  sig: string;
  /** for a reset (n > 1) */
  password?: string | null;
}

/** A JSON object with no key but its fields. */
export interface NewPasskey {
  /** for its person alone */
  name: string;
  state: string;
  credential: Made;
}

/** A JSON object with no key but its fields. */
export interface NewPassword {
  old: string;
  new: string;
}

/** A single event. The result is an EventSubmission. */
export interface NewRoom {
  /** canonical event body, as signed */
  event: string;
  /** Ed25519 over its PAE */
  sig: string;
  wraps: Wrap[];
}

export interface Notice {
  /** {"v":1,"backup":ms,"at":ms} */
  body: string;
  sig: string;
  /** the site's own, Ed25519 */
  key: string;
}

export type OrderEnum = "newest" | "relevance";

/** A JSON object with no key but its fields. */
export interface Outcome {
  /** what was done about it */
  outcome: OutcomeEnum;
}

export type OutcomeEnum = "dismissed" | "erased" | "removed" | "banned";

export interface Overview {
  /** `after` of the next page, null at the end */
  more: string | null;
  worker: Worker | null;
  /** the newest first */
  summaries: Summary[];
  /** the account's own of the last day, without their answers */
  requests: Request[];
}

export interface OwnKnock {
  /** the key that is to be let in */
  kid: string;
  state: OwnKnockStateEnum;
}

export type OwnKnockStateEnum = "waiting" | "refused";

/** A JSON object with no key but its fields. */
export interface PasskeyName {
  /** for its person alone */
  name: string;
}

export interface PasskeyRow {
  id: number;
  /** ms */
  made: number;
  /** last used, ms */
  used: number | null;
  name: string;
}

/** A JSON object with no key but its fields. */
export interface Password {
  password: string;
}

export interface Person {
  uid: string;
  name: string;
  /** true for the account of a program */
  bot: boolean;
  /** the newest, null before the first */
  identity: SignedIdentity | null;
}

export interface PersonInRoom {
  uid: string;
  name: string;
}

export interface PresentKeys {
  kid: string;
  /** when they were published, ms */
  made: number;
  /** the browser, as "Firefox on Linux", or empty */
  agent: string;
  /** the network, or empty */
  address: string;
}

export interface Preview {
  events: SignedEvent[];
  /** [seq, hash] of the newest event */
  head: [number, string];
  /** of every kid that is named here */
  identities: SignedIdentity[];
  /** whether events follow */
  more: boolean;
  room: string;
  card: string;
  state: PreviewStateEnum;
}

export type PreviewStateEnum = "open";

/** A single event. The result is an EventSubmission. */
export interface Profile {
  /** canonical event body, as signed */
  event: string;
  /** Ed25519 over its PAE */
  sig: string;
  profile: ProfileBox;
  /** the avatar's id, or none; left out, it stays */
  files?: string[];
}

/** A JSON object with no key but its fields. */
export interface ProfileBox {
  /** epoch */
  e: number;
  /** the room's name, topic and avatar */
  box: string;
}

/** A JSON object with no key but its fields. */
export interface Question {
  /** for each generation, one token for each term */
  tokens: Terms[];
  order?: OrderEnum;
  uids?: string[];
  /** ms */
  since?: number;
  /** ms */
  until?: number;
  /** only with attachments */
  files?: boolean;
  limit?: number;
  /** of the page before */
  cursor?: string | null;
}

export interface RecoveryCodes {
  codes: string[];
}

/** A JSON object with no key but its fields. */
export interface Refresh {
  refresh: string;
}

/** A JSON object with no key but its fields. */
export interface Registration {
  name: string;
  password: string;
  /** where new accounts need a link */
  invite?: LinkProof | null;
  /** in its place, a sign-up link's secret */
  link?: string | null;
}

/** A report to the caller's kid in this room. */
export interface Report {
  body: string;
  sig: string;
  box: string;
  /** sealed to the reader */
  key: string;
  /** the message as it was sent, also if it is erased now */
  row: ReportedRow;
  state: ReportStateEnum;
  handler: string | null;
  /** ms */
  at: number;
}

export interface ReportKey {
  /** null: the site takes no reports */
  key: SiteReportKey | null;
}

export interface ReportMade {
  rid: string;
}

export type ReportStateEnum = "open" | "dismissed" | "erased" | "removed" | "banned" | "disabled" | "stopped";

export interface ReportedRow {
  seq: number;
  h: string;
  iv: string;
  ct: string;
  sig: string;
}

export interface Reports {
  /** `after` of the next page, null at the end */
  more: string | null;
  /** the newest first */
  reports: Report[];
}

export interface Request {
  rid: string;
  state: RequestStateEnum;
  to: number;
  /** parts */
  done: number;
  /** parts, 0 while nobody knows */
  total: number;
  answer: string | null;
  code: string;
  detail: string;
  from: number;
}

export type RequestStateEnum = "queued" | "working" | "done" | "failed" | "cancelled";

/** A JSON object with no key but its fields. */
export interface ResetKnock {
  /** canonical knock body, as signed */
  body: string;
  sig: string;
}

export interface ResetName {
  name: string;
}

/** A JSON object with no key but its fields. */
export interface ResetPassword {
  /** what follows #1. in the link */
  secret: string;
  new: string;
}

export type RoleEnum = "owner" | "moderator" | "member";

/** A room as its member sees it, without the message store's fields. */
export interface Room {
  id: string;
  kind: RoomKindEnum;
  role: RoleEnum;
  /** the account's own key in the room's log */
  kid: string;
  /** [seq, hash] of the newest log event */
  head: [number, string];
  /** epoch */
  e: number;
  /** whether messages are taken before a rotation */
  open: boolean;
  /** for good */
  closed: boolean;
  /** by the operator: it takes only `leave` and `close` */
  stopped: boolean;
  /** by uid, members whose accounts have ended: a named successor of such an owner may take over. Of one room, former members whose accounts were deleted, too */
  ended: Record<string, "deleted" | "disabled">;
  /** members that are programs, by the server's word */
  bots: string[];
  /** for the owner, members who have not accepted: none can own the room */
  unanswered: string[];
  /** false for a request that waits for an answer */
  accepted: boolean;
  /** who sent a request that waits */
  asked_by: PersonInRoom | null;
  /** the other one in a direct room */
  peer: PersonInRoom | null;
  /** how many ask to be let in, for who may let them */
  knocks: number;
  /** the account's own request to be let in with new keys */
  own_knock: OwnKnock | null;
  /** the read mark, a message seq */
  read: number;
  profiles: ProfileBox[];
  /** seq of the newest message, 0 for none */
  msg: number;
  unread: number;
  /** the newest message row */
  last: Message | null;
}

export type RoomKindEnum = "group" | "direct";

export interface Rooms {
  /** the server's clock, ms */
  now: number;
  rooms: Room[];
  /** `after` of the next page, null at the end */
  more: number | null;
}

export type ScopesEnum = "read" | "send" | "rooms";

/** A JSON object with no key but its fields. */
export interface SealedKey {
  /** kid of a leader, or the hash of the site's report key */
  to: string;
  /** RSA-OAEP of the report's key */
  ct: string;
}

/** A JSON object with no key but its fields. */
export interface SealedKit {
  v: number;
  uid: string;
  kid: string;
  salt: string;
  /** opened by the code, which is not here */
  box: string;
}

export interface SecondFactor {
  on: boolean;
  /** true if a role in the admin or the site asks for it */
  needed: boolean;
  /** recovery codes that are left */
  codes: number;
  /** the authenticator app */
  app: FactorRow | null;
  /** at most 20, the first made first */
  passkeys: PasskeyRow[];
}

export interface Session {
  id: string;
  kind: SessionKindEnum;
  /** as "Firefox on Linux", or empty */
  agent: string;
  /** the network it began from, or empty */
  address: string;
  /** ms */
  made: number;
  /** last used, ms, to a few minutes */
  seen: number;
  /** whether this request is made by it */
  current: boolean;
}

export type SessionKindEnum = "browser" | "program";

export interface Sessions {
  /** `after` of the next page, null at the end */
  more: string | null;
  /** the last used first */
  sessions: Session[];
}

/** A JSON object with no key but its fields. */
export interface Shared {
  /** as signed */
  body: string;
  sig: string;
  /** under the keys of the epochs that it covers */
  box: string;
}

export interface SignUpLink {
  /** true if the account will be an administrator's */
  administrator: boolean;
  /** ms */
  expires: number;
}

/** A JSON object with no key but its fields. */
export interface Signed {
  state: string;
  credential: Used;
}

/** A JSON object with no key but its fields. */
export interface SignedEvent {
  /** canonical event body, as signed */
  event: string;
  /** Ed25519 over its PAE */
  sig: string;
}

/** A JSON object with no key but its fields. */
export interface SignedIdentity {
  /** canonical identity body, as signed */
  body: string;
  /** Ed25519 over its PAE */
  sig: string;
}

export interface SignedIn {
  /** JWT, valid for 15 minutes */
  access: string;
  /** use once; a second use ends the sign-in */
  refresh: string;
  uid: string;
  name: string;
}

export interface SingleSignOn {
  linked: boolean;
  /** false for an account that has none here */
  password: boolean;
  /** true for ten minutes after the provider asked anew who this is, as takes the place of a password */
  confirmed: boolean;
}

export interface Site {
  restored: Notice[];
}

export interface SiteReportKey {
  /** the public key, to be pinned and shown */
  spki: string;
  /** when it was made, ms */
  at: number;
}

export interface Stored {
  stored: StoredMessage;
}

export interface StoredFile {
  id: string;
  /** bytes, sealed */
  size: number;
}

export interface StoredMessage {
  seq: number;
  /** the header, as signed */
  h: string;
  iv: string;
  /** not of what was erased */
  ct?: string;
  /** SHA-256 of the ct that was erased */
  sha?: string;
  sig: string;
  /** what it changes */
  re?: number[];
  files: StoredFile[];
  uid: string;
  dev: string;
  n: number;
  cid: string;
  id: string;
  e: number;
  /** when it came, ms */
  at: number;
  /** generation of the tokens */
  g: number;
  tokens: number[];
  token_version: number;
  /** bytes of ciphertext */
  size: number;
  /** seq of what erased it */
  del?: number;
}

/** A JSON object with no key but its fields. */
export interface Summary {
  /** as signed */
  body: string;
  sig: string;
  /** under the keys of the epochs that it covers */
  box: string;
  /** ms */
  at: number;
}

/** A JSON object with no key but its fields. */
export interface Terms {
  /** generation of the search key */
  g: number;
  /** 24-bit tokens */
  t: number[];
}

export interface Tokens {
  /** JWT, valid for 15 minutes */
  access: string;
  /** use once; a second use ends the sign-in */
  refresh: string;
}

export interface Unread {
  authors: Author[];
  /** `before` of the next page, null at the end */
  more: number | null;
}

/** A JSON object with no key but its fields. */
export interface Used {
  id: string;
  response: Assertion;
}

export interface WaitingKnock {
  body: string;
  sig: string;
  /** by the invitation's key; empty after a reset */
  isig: string | string;
  identity: SignedIdentity;
}

export interface Worker {
  /** the public key, to be pinned and shown */
  spki: string;
  engine: EngineEnum;
  models: string[];
  /** in the same process as the web server */
  embedded: boolean;
  most_messages: number;
  most_bytes: number;
}

/** A JSON object with no key but its fields. */
export interface Wrap {
  /** epoch */
  e: number;
  /** kid of the recipient */
  to: string;
  /** RSA-OAEP of the epoch's key */
  ct: string;
}

/** A JSON object with no key but its fields. */
export interface Wraps {
  wraps: Wrap[];
}

export interface WrapsOf {
  /** epochs whose key is wrapped to a member, by kid */
  wraps: Record<string, number[]>;
  /** `after` of the next page, null at the end */
  more: string | null;
}

/** Answers to GET, by path below /api/v1/; null: nothing. */
export interface GetAnswers {
  "blocks": Blocks;
  "chatrooms": Rooms;
  "chatrooms/join/{iid}": Preview;
  "chatrooms/join/{iid}/items": Items;
  "chatrooms/join/{iid}/knock": KnockState;
  "chatrooms/{room}": Room;
  "chatrooms/{room}/files": Limits;
  "chatrooms/{room}/invites": Invitations;
  "chatrooms/{room}/keys": Keys;
  "chatrooms/{room}/knocks": Knocks;
  "chatrooms/{room}/log": Log;
  "chatrooms/{room}/messages": History;
  "chatrooms/{room}/messages/{seq}/stored": Stored;
  "chatrooms/{room}/refs": Changes;
  "chatrooms/{room}/reports": Reports;
  "chatrooms/{room}/summary": Overview;
  "chatrooms/{room}/summary/{rid}": Request;
  "chatrooms/{room}/tokens": Bare;
  "chatrooms/{room}/unread": Unread;
  "chatrooms/{room}/wraps": WrapsOf;
  "identities": Identities;
  "kit": Kit;
  "me": Me;
  "me/bots": Bots;
  "me/second_factor": SecondFactor;
  "me/sessions": Sessions;
  "me/sso": SingleSignOn;
  "report_key": ReportKey;
  "site": Site;
  "users/{name}": Person;
}

/** Answers to POST, by path below /api/v1/; null: nothing. */
export interface PostAnswers {
  "auth/bot": SignedIn;
  "auth/login": SignedIn;
  "auth/logout": null;
  "auth/passkey": SignedIn;
  "auth/passkey/options": Asked;
  "auth/refresh": Tokens;
  "auth/register": SignedIn;
  "auth/register/look": SignUpLink;
  "auth/reset": ResetName;
  "auth/reset/ask": null;
  "auth/reset/look": ResetName;
  "auth/sso/back-channel-logout": Empty;
  "chatrooms": Head;
  "chatrooms/join/{iid}": Joined;
  "chatrooms/join/{iid}/knock": KnockState;
  "chatrooms/{room}/accept": null;
  "chatrooms/{room}/boxes": null;
  "chatrooms/{room}/invite": Head;
  "chatrooms/{room}/key_request": null;
  "chatrooms/{room}/knock": KnockState;
  "chatrooms/{room}/log": Head;
  "chatrooms/{room}/reports": ReportMade;
  "chatrooms/{room}/reports/{rid}": null;
  "chatrooms/{room}/search": Hits;
  "chatrooms/{room}/summary": Request;
  "chatrooms/{room}/summary/cache": null;
  "chatrooms/{room}/tokens": Filled;
  "chatrooms/{room}/wraps": null;
  "identities": Kid;
  "me/bots": Bot;
  "me/bots/{bot}/tokens": MadeBotToken;
  "me/delete": null;
  "me/password": null;
  "me/second_factor": RecoveryCodes;
  "me/second_factor/codes": RecoveryCodes;
  "me/second_factor/off": null;
  "me/second_factor/passkeys": AddedPasskey;
  "me/second_factor/passkeys/options": Asked;
  "me/second_factor/secret": AppSecret;
  "me/second_factor/{factor}/remove": null;
  "me/sso": null;
}
