/** A room's name, topic and avatar, encrypted; the log commits to them by a hash. */

import { open, pad, seal, unpad } from "./box.js";
import { b64, concat, fromUtf8, randomBytes, utf8, WireError } from "./bytes.js";
import { file } from "./content.js";
import { sha256 } from "./hash.js";
import { profileKey } from "./roomkeys.js";

/** @typedef {{name: string, topic: string, avatar: import("./content.js").FileRef | ""}} Profile */

/**
 * Encodes a new profile with a random salt.
 * @param {Profile} profile
 * @returns {Promise<{plain: Uint8Array, h: string}>} the committed bytes and their hash, b64
 */
export async function writeProfile({ name, topic, avatar }) {
  const plain = concat(randomBytes(32), utf8(JSON.stringify({ name, topic, avatar })));
  return { plain, h: b64(await sha256(plain)) };
}

/**
 * Seals a profile under an epoch key.
 * @param {Uint8Array} key K_e
 * @param {string} room
 * @param {number} e
 * @param {Uint8Array} plain as `writeProfile` made it
 * @returns {Promise<string>} b64
 */
export async function sealProfile(key, room, e, plain) {
  return seal(await profileKey(key, room, e), "profile", { v: 1, room, e }, pad(plain));
}

/**
 * Opens a profile box; returns null if it is not the profile that the log names.
 * @param {Uint8Array} key @param {string} room @param {number} e @param {string} box
 * @param {string} h
 * @returns {Promise<{profile: Profile, plain: Uint8Array} | null>}
 */
export async function openProfile(key, room, e, box, h) {
  try {
    const sealed = await open(await profileKey(key, room, e), "profile", { v: 1, room, e }, box);
    const plain = unpad(sealed);
    return b64(await sha256(plain)) === h ? { profile: readProfile(plain), plain } : null;
  } catch {
    return null;
  }
}

/**
 * Parses a profile's committed bytes.
 * @param {Uint8Array} plain
 * @returns {Profile}
 * @throws {WireError}
 */
export function readProfile(plain) {
  let value;
  try {
    value = JSON.parse(fromUtf8(plain.subarray(32)));
  } catch {
    throw new WireError("not JSON");
  }
  const { name, topic, avatar } = value ?? {};
  if (typeof name !== "string" || typeof topic !== "string") throw new WireError("not a profile");
  if (avatar !== "") file(avatar);
  return { name, topic, avatar };
}
