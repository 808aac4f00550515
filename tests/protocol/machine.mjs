/**
 * The browser's crypto modules as a program: a line of JSON in, {op, …}, a line out, {ok} or
 * {error}. Tests in Python hold it against the Python client. An operation that refuses says so in
 * its answer; whatever is thrown besides the modules' own errors ends in {error}.
 */
import { createInterface } from "node:readline";
import { openIdentity } from "../../static/js/crypto/identity.js";
import { atLog, extendLog } from "../../static/js/crypto/log.js";
import { hearing } from "./hearing.mjs";
import { making } from "./making.mjs";
import { reading } from "./reading.mjs";
import { wycheproof } from "./wycheproof.mjs";

const operations = { histories, ...making, ...reading, ...hearing, wycheproof };

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...given } = JSON.parse(line);
  const answer = await operations[op](given).then(
    (ok) => ({ ok }),
    (error) => ({ error: String(error?.stack ?? error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(); // whatever timers of a chat are left

/**
 * Each log from its beginning. Of each event the state after it, or why it was refused: then the
 * next one meets the state before.
 */
async function histories({ identities, logs }) {
  const opened = await Promise.all(identities.map(openIdentity));
  const known = new Map(opened.map((identity) => [identity.kid, identity]));
  return Promise.all(logs.map((events) => history(events, known)));
}

async function history(events, known) {
  let state = null;
  const verdicts = [];
  for (const event of events) {
    try {
      state = await extendLog(state, [event], known);
      verdicts.push({ state: view(state) });
    } catch (error) {
      if (error?.name !== "LogError") throw error;
      verdicts.push({ refused: error.reason });
    }
  }
  return verdicts;
}

/** A state as tests/vectors/script.py shows it, with what held at each event. */
function view(state) {
  const { room, kind, policy, seq, hash, ts, e, open, ended, g, h, disclosures, marks } = state;
  return {
    ...{ room, kind, policy, seq, hash, ts, e, open, ended, g, h, disclosures, marks },
    kcv: Object.fromEntries(state.kcv),
    members: sorted(state.members, ({ kid, role, since, name }) => ({ kid, role, since, name })),
    bans: [...state.bans].sort(),
    invites: sorted(state.invites, (invite) => invite),
    ...(state.successor && { successor: state.successor }),
    at: places(state),
  };
}

function sorted(map, shown) {
  const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, shown(value)]));
}

function places(state) {
  const found = [];
  for (let seq = 0; seq <= state.seq; seq += 1) {
    for (const uid of [...state.spans.keys()].sort()) {
      const { e, open, kid, role } = atLog(state, seq, uid);
      found.push({ seq, uid, kid, role, e: open ? e : null });
    }
  }
  return found;
}
