/** The state that keeps somebody from writing in a room: which one, who caused it, and when. Pure. */

/** @typedef {import("../../crypto/log.js").RoomState} RoomState */
/** @typedef {import("../types.js").EndKind} EndKind */
/** @typedef {import("../types.js").RoomEnd} RoomEnd */
/** @typedef {import("../types.js").RoomFacts} RoomFacts */

/** Names of people, of whom it was one: the server does not say which. */
const ANY = new Intl.ListFormat("en", { type: "disjunction" });

/** @param {RoomFacts} facts */
const exitOf = ({ uid, state }) => (state.members.has(uid) ? undefined : state.exits?.get(uid));

/** @param {string} t @param {boolean} [ban] @returns {(facts: RoomFacts) => boolean} */
const exitBy = (t, ban) => (facts) => {
  const exit = exitOf(facts);
  return exit?.t === t && (ban === undefined || exit.ban === ban);
};

/**
 * The first state that applies counts. A closed room has no messages on the server, so only its log
 * can still be a lie; a former member has nothing else to decide about.
 * @type {[EndKind, (facts: RoomFacts) => boolean][]}
 */
const TABLE = [
  ["signed-out", ({ signedOut }) => signedOut],
  [
    "frozen",
    ({ frozen, evidence, state }) => frozen === "cheated" && !(state.ended && evidence !== "log"),
  ],
  ["closed", ({ state }) => state.ended],
  ["banned", exitBy("remove", true)],
  ["removed", exitBy("remove", false)],
  ["left", exitBy("leave")],
  ["succeeded", exitBy("succeed")],
  ["missing", ({ missing, uid, state }) => missing || !state.members.has(uid)],
  ["stopped", ({ stopped }) => stopped],
  ["newer", ({ frozen }) => frozen === "newer"],
  ["replaced", ({ replaced }) => replaced],
  ["strangers", ({ strangers }) => strangers],
  ["not-let-in", ({ awaitsReset, refused }) => awaitsReset && refused],
  ["new-keys", ({ awaitsReset }) => awaitsReset],
  ["blocked", ({ blocked }) => blocked],
  ["alone", ({ state, peer }) => peer !== null && !state.members.has(peer.uid)],
  ["no-key", ({ state, hasKey }) => state.open && !hasKey],
];

/**
 * @param {RoomFacts} facts
 * @returns {RoomEnd | null} null if messages can be written
 */
export function roomEnd(facts) {
  const kind = TABLE.find(([, applies]) => applies(facts))?.[0];
  return kind === undefined ? null : { kind, ...cause(kind, facts) };
}

/**
 * Tells whether the invited person of a direct room has left: a request is declined by leaving. The log
 * does not say whether they had accepted it before.
 * @param {RoomState} state of a direct room @param {{asker: string, asked: string}} uids
 */
export function declines({ members, exits, spans }, { asker, asked }) {
  const began = spans.get(asker)?.at(0)?.from === 0;
  return began && members.has(asker) && !members.has(asked) && exits?.get(asked)?.t === "leave";
}

/** @param {EndKind} kind @param {RoomFacts} facts @returns {{who: string, at: number}} */
function cause(kind, facts) {
  const { state, peer, nameOf } = facts;
  const exit = exitOf(facts);
  if (kind === "closed") return { who: nameOf(ownerOf(state)), at: state.ts };
  if (kind === "alone" && peer) return { who: peer.name, at: state.exits?.get(peer.uid)?.ts ?? 0 };
  if (kind === "blocked" && peer) return { who: peer.name, at: 0 };
  if (kind === "new-keys") return { who: ANY.format(leadersOf(facts).map(nameOf)), at: 0 };
  if (kind === "not-let-in") return { who: ANY.format(leadersOf(facts).map(nameOf)), at: 0 };
  if (exit) return { who: exit.by === facts.uid ? "" : nameOf(exit.by), at: exit.ts };
  return { who: "", at: 0 };
}

/** @param {RoomState} state @returns {string} uid; nothing follows the owner's `close` */
const ownerOf = ({ members }) => [...members].find(([, { role }]) => role === "owner")?.[0] ?? "";

/** The members who can let new keys in. @param {RoomFacts} facts @returns {string[]} uids */
function leadersOf({ uid, state }) {
  const others = [...state.members].filter(([one]) => one !== uid);
  const leaders = others.filter(([, { role }]) => role !== "member");
  return (state.kind === "direct" || leaders.length === 0 ? others : leaders).map(([one]) => one);
}

/**
 * The facts of a room as its session and this browser know them.
 * @param {import("../account/account.js").Account} me
 * @param {import("./room-session.js").RoomSession} session
 * @param {object} [about]
 * @param {boolean} [about.signedOut]
 * @param {import("../../net/types.js").RoomSummary} [about.listed] the room as the server lists it
 * @returns {RoomFacts}
 */
export function factsOf(me, session, { signedOut = false, listed } = {}) {
  const { stopped = false, own_knock } = listed ?? {};
  const { state, frozen, evidence, missing, unapproved, awaitsReset, isReplaced, keys, peer } =
    session;
  return {
    uid: me.uid,
    state,
    frozen,
    evidence: evidence?.what ?? "",
    missing,
    stopped,
    strangers: unapproved.length > 0,
    awaitsReset,
    replaced: isReplaced,
    refused: own_knock?.kid === me.kid && own_knock.state === "refused",
    hasKey: keys.get(state.e) !== undefined,
    signedOut,
    peer,
    blocked: session.isBlocked,
    nameOf: (uid) => session.nameOf(uid),
  };
}
