/** The log's events: exact shapes (docs/protocol.md, "The room log"). */

import {
  b64Of,
  checkObject,
  hash64 as hashCheck,
  ident,
  integer,
  object,
  oneOf,
  orEmpty,
  parseCanonical,
  sig64,
} from "./body.js";
import { concat, hex, unb64, WireError } from "./bytes.js";
import { digest, hash64 } from "./hash.js";
import { LogError } from "./room-state.js";

export { LogError };

/** @typedef {import("./body.js").Schema} Schema */
/**
 * @typedef {object} Policy a room's rules
 * @property {"link" | "approve"} join
 * @property {"all" | "join"} history what newcomers can read
 * @property {"off" | "device" | "ask" | "auto"} ai
 * @property {number} ain messages after which a summary is offered
 * @property {"server" | "device"} search
 * @property {number} n messages after which the key is renewed; 0 for no limit
 * @property {number} days after which the key is renewed; 0 for no limit
 * @property {number} ttl days after which messages expire; 0 for never
 *
 * @typedef {object} EventFields what events of some type have beside the head; absent in others
 * @property {string} uid
 * @property {string} to kid; of a `disclose` a seq
 * @property {string} iid
 * @property {"owner" | "moderator" | "member"} role
 * @property {0 | 1} ban
 * @property {0 | 1} on
 * @property {number} e of the epoch that begins
 * @property {string} kcv
 * @property {string} members hash of who receives the epoch's key
 * @property {"group" | "direct"} kind
 * @property {string} nonce b64
 * @property {Policy} policy
 * @property {string} h of the profile
 * @property {string} ipk b64
 * @property {number} exp ms
 * @property {number} max
 * @property {string} pop b64
 * @property {string} isig b64
 * @property {number} from seq
 * @property {string} model
 *
 * @typedef {{v: 1, t: string, room: string, seq: number, prev: string, ts: number, by: string,
 *   kid: string} & EventFields} Event an event whose shape was checked
 */

/** @type {Schema} */
const POLICY = [
  ["join", oneOf("link", "approve")],
  ["history", oneOf("all", "join")],
  ["ai", oneOf("off", "device", "ask", "auto")],
  ["ain", integer(20, 10_000)],
  ["search", oneOf("server", "device")],
  ["n", (value) => (value === 0 ? undefined : integer(100, 100_000)(value))],
  ["days", integer(0, 365)],
  ["ttl", integer(0, 3650)],
];

/** @type {Schema} what begins an epoch: its number, its key's commitment, who gets the key */
const EPOCH = [
  ["e", integer(2)],
  ["kcv", hashCheck],
  ["members", hashCheck],
];

/** @type {import("./body.js").Validator} */
const model = (value) => {
  if (typeof value !== "string" || !/^[A-Za-z0-9._:/-]{1,64}$/.test(value))
    throw new WireError("not a model's name");
};

/** @type {Record<string, Schema>} */
const EXTRA = {
  create: [
    ["kind", oneOf("group", "direct")],
    ["nonce", b64Of(16)],
    ["policy", object(POLICY)],
    ["kcv", hashCheck],
  ],
  profile: [["h", hashCheck]],
  invite: [
    ["iid", ident],
    ["ipk", b64Of(32)],
    ["exp", integer()],
    ["max", integer(1, 1000)],
    ["pop", sig64],
  ],
  revoke: [["iid", ident]],
  join: [
    ["iid", ident],
    ["isig", sig64],
  ],
  add: [
    ["uid", ident],
    ["to", hashCheck],
    ["iid", orEmpty(ident)],
  ],
  remove: [["uid", ident], ["ban", oneOf(0, 1)], ...EPOCH],
  leave: [],
  role: [
    ["uid", ident],
    ["role", oneOf("owner", "moderator", "member")],
  ],
  ban: [
    ["uid", ident],
    ["on", oneOf(0, 1)],
  ],
  successor: [["uid", orEmpty(ident)]],
  succeed: [["uid", ident], ...EPOCH],
  policy: [["policy", object(POLICY)]],
  epoch: EPOCH,
  reset: [["uid", ident], ["to", hashCheck], ...EPOCH],
  close: [],
  disclose: [
    ["from", integer(1)],
    ["to", integer(1)],
    ["model", model],
  ],
};

/** An event that demotes a leader begins an epoch. @type {Schema} */
const DEMOTION = [...EXTRA.role, ...EPOCH];

/**
 * Tells whether an event begins an epoch.
 * @param {object} event
 * @returns {boolean}
 */
export const beginsEpoch = (event) => Object.hasOwn(event, "members");

/** @param {{t: string}} event @returns {Schema} */
const schemaOf = (event) => [
  ["v", oneOf(1)],
  ["t", oneOf(event.t)],
  ["room", ident],
  ["seq", integer()],
  ["prev", orEmpty(hashCheck)],
  ["ts", integer()],
  ["by", ident],
  ["kid", hashCheck],
  ...(event.t === "role" && beginsEpoch(event) ? DEMOTION : EXTRA[event.t]),
];

/**
 * Parses a signed event's body.
 * @param {unknown} text
 * @returns {Event}
 * @throws {LogError} `newer` for an unknown type or version, else `illegal`
 */
export function parseEvent(text) {
  try {
    const value = /** @type {any} */ (parseCanonical(text));
    // Checked before the type selects a schema: an array of one type would select that type's.
    if (!Number.isSafeInteger(value?.v) || typeof value.t !== "string") {
      throw new WireError("not an event");
    }
    if (value.v !== 1 || !Object.hasOwn(EXTRA, value.t)) {
      throw new LogError("newer", "an event of a newer version");
    }
    checkObject(value, schemaOf(value));
    return value;
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw new LogError("illegal", "not an event");
  }
}

/**
 * Returns the id that a room of this owner and nonce must have.
 * @param {string} kid of the owner
 * @param {string} nonce b64
 * @returns {Promise<string>} hex, 16 bytes
 * @throws {WireError} if `kid` or `nonce` is malformed
 */
export async function roomId(kid, nonce) {
  const bytes = await digest("room", concat(unb64(kid, 32), unb64(nonce, 16)));
  return hex(bytes.subarray(0, 16));
}

/**
 * Returns the hash of an epoch's recipients.
 * @param {[string, string][]} members uid, kid
 * @returns {Promise<string>} b64
 */
export const membersHash = (members) =>
  hash64("members", JSON.stringify([...members].sort(([a], [b]) => (a < b ? -1 : 1))));
