/** The cast: people with keys that never change, a room, and ways to sign what is illegal. */
import { readFileSync } from "node:fs";
import { hex, newId, unb64, utf8 } from "../../../static/js/crypto/bytes.js";
import { makeCreate, makeEpoch, makeEvent } from "../../../static/js/crypto/compose.js";
import { sha256 } from "../../../static/js/crypto/hash.js";
import { importKeys, makeIdentity, openIdentity } from "../../../static/js/crypto/identity.js";
import { deriveInvite, makeInvite, makeJoin, newSecret } from "../../../static/js/crypto/invite.js";
import { extendLog } from "../../../static/js/crypto/log.js";
import { sealMessage } from "../../../static/js/crypto/message.js";
import { sign } from "../../../static/js/crypto/sign.js";

export const rsa = JSON.parse(readFileSync(new URL("rsa.json", import.meta.url), "utf8"));
export const NOW = 1_800_000_000_000;
export const HOUR = 3_600_000;
export const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
export const POLICY = {
  join: "link",
  history: "all",
  ai: "off",
  ain: 200,
  search: "server",
  n: 1000,
  days: 30,
  ttl: 0,
};

/** A person whose keys follow from the name. */
export async function person(name) {
  const seed = await sha256(utf8(name));
  const uid = hex((await sha256(utf8(`uid ${name}`))).slice(0, 16));
  const keys = await importKeys({ seed, pkcs8: unb64(rsa.pk8) });
  const signed = await makeIdentity(keys, { uid, name, n: 1, prev: "" });
  const identity = await openIdentity(signed);
  const signer = { uid, kid: identity.kid, edPrivate: keys.ed.privateKey, now: NOW };
  return { name, uid, kid: identity.kid, keys, seed, signed, identity, signer };
}

export const [ada, ben, eve] = await Promise.all(["ada", "ben", "eve"].map(person));
export const identities = new Map([ada, ben, eve].map((one) => [one.kid, one.identity]));

/** A room of Ada's with nothing in it yet. */
export async function newRoom(policy = {}, kind = "group") {
  const create = await makeCreate(ada.signer, { ...POLICY, ...policy }, KEY, kind);
  const state = await extend(null, create);
  return { create, state };
}

export const extend = (state, ...events) => extendLog(state, events, identities);

/** Ada's room that Ben has joined by a link (seq 1 invites, 2 joins). */
export async function roomOfTwo(policy = {}, max = 1) {
  const { state } = await newRoom(policy);
  const link = await deriveInvite(newSecret());
  const terms = { exp: NOW + HOUR, max };
  const invited = await extend(state, await makeInvite(state, link, terms, ada.signer));
  const joined = await extend(invited, await makeJoin(invited, link, ben.signer));
  return { state: joined, invited, link };
}

/** An event of that type by that person, which may well be illegal. */
export const event = (state, who, t, extra = {}, now = NOW) =>
  makeEvent(state, { t, ...extra }, { ...who.signer, now });

export const epoch = (state, who, key = KEY) => makeEpoch(state, key, who.signer);

/** `signed` with some values of its event changed, and signed anew by `who`. */
export async function forge(signed, who, changes) {
  const text = JSON.stringify({ ...JSON.parse(signed.event), ...changes });
  return resign(text, who);
}

export const resign = async (text, who) => ({
  event: text,
  sig: await sign(who.keys.ed.privateKey, "event", text),
});

/** A header by `who` for their first message in `state`. */
export const header = (state, who, changes = {}) => ({
  room: state.room,
  e: state.e,
  uid: who.uid,
  kid: who.kid,
  dev: "d".repeat(32),
  n: 1,
  pm: "",
  lh: [state.seq, state.hash],
  sh: [0, ""],
  cid: newId(),
  ts: NOW,
  ...changes,
});

export async function message(state, who, { seq = 1, body = "hello", ...changes } = {}) {
  const content = { t: "text", body };
  const about = header(state, who, changes);
  return { seq, ...(await sealMessage(about, KEY, who.keys.ed.privateKey, content)) };
}

/** The same b64 text with one bit of its bytes flipped. */
export function flip(text, at = 0) {
  const bytes = unb64(text);
  bytes[at] ^= 1;
  return Buffer.from(bytes).toString("base64url");
}
