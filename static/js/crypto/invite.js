/** Invitations: everything derives from the secret in the link, which no server ever sees. */

import { hkdf, open, pad, seal, unpad } from "./box.js";
import { b64, hex, randomBytes } from "./bytes.js";
import { head, makeEvent, signed } from "./compose.js";
import { edPublic, edSigner } from "./identity.js";
import { readProfile } from "./profile.js";
import { signJoiner, signPop } from "./proofs.js";
import { escrowKey } from "./roomkeys.js";

/** @typedef {import("./log.js").RoomState} RoomState */
/** @typedef {import("./compose.js").EventSigner} EventSigner */
/** @typedef {{iid: string, Kinv: Uint8Array, skInv: CryptoKey, ipk: string}} Derived */

const NO_SALT = new Uint8Array(0);

/**
 * Makes the secret of a new link.
 * @returns {Uint8Array} 32 bytes
 */
export const newSecret = () => randomBytes(32);

/**
 * Returns a link's fragment.
 * @param {Uint8Array} secret
 * @returns {string} with its #
 */
export const linkFragment = (secret) => `#1.${b64(secret)}`;

/**
 * Derives all that a link's secret stands for.
 * @param {Uint8Array} secret
 * @returns {Promise<Derived>}
 */
export async function deriveInvite(secret) {
  const seed = await hkdf(secret, NO_SALT, "sotto/v1/inv-sig");
  return {
    iid: hex(await hkdf(secret, NO_SALT, "sotto/v1/inv-id", 16)),
    Kinv: await hkdf(secret, NO_SALT, "sotto/v1/inv-key"),
    skInv: await edSigner(seed),
    ipk: b64(await edPublic(seed)),
  };
}

/**
 * Makes the event that opens a link, signed by its maker and by the link's key.
 * @param {RoomState} state
 * @param {Derived} link
 * @param {{exp: number, max: number}} terms `exp` in ms
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export async function makeInvite(state, link, { exp, max }, signer) {
  const event = { ...head(state, "invite", signer), iid: link.iid, ipk: link.ipk, exp, max };
  return signed({ ...event, pop: await signPop(link.skInv, event) }, signer);
}

/**
 * Makes the event that joins a room by a link.
 * @param {RoomState} state
 * @param {Derived} link
 * @param {EventSigner} signer
 * @returns {Promise<import("./log.js").SignedEvent>}
 */
export async function makeJoin(state, link, signer) {
  const { uid, kid } = signer;
  const isig = await signJoiner(link.skInv, { room: state.room, iid: link.iid, uid, kid });
  return makeEvent(state, { t: "join", iid: link.iid, isig }, signer);
}

/** @param {string} room @param {string} iid @param {number} e */
const keyContext = (room, iid, e) => ({ v: 1, room, iid, e });

/**
 * Seals an epoch key for the holders of a link.
 * @param {Pick<Derived, "iid" | "Kinv">} link
 * @param {string} room
 * @param {number} e
 * @param {Uint8Array} key K_e
 * @returns {Promise<string>} b64
 */
export const sealItem = (link, room, e, key) =>
  seal(link.Kinv, "item", keyContext(room, link.iid, e), key);

/**
 * Opens an epoch key with the link.
 * @param {Derived} link
 * @param {string} room
 * @param {number} e
 * @param {string} box b64
 * @returns {Promise<Uint8Array>} K_e, still to be compared with the log's commitment
 * @throws {WireError}
 */
export const openItem = (link, room, e, box) =>
  open(link.Kinv, "item", keyContext(room, link.iid, e), box);

/**
 * Seals the link's key under an epoch key, for the next rotation.
 * @param {Uint8Array} key K_e
 * @param {string} room
 * @param {string} iid
 * @param {number} e
 * @param {Uint8Array} Kinv
 * @returns {Promise<string>} b64
 */
export const sealEscrow = async (key, room, iid, e, Kinv) =>
  seal(await escrowKey(key, room, e), "escrow", keyContext(room, iid, e), Kinv);

/**
 * Opens the link's key with an epoch key.
 * @param {Uint8Array} key K_e
 * @param {string} room
 * @param {string} iid
 * @param {number} e
 * @param {string} box b64
 * @returns {Promise<Uint8Array>} Kinv
 * @throws {WireError}
 */
export const openEscrow = async (key, room, iid, e, box) =>
  open(await escrowKey(key, room, e), "escrow", keyContext(room, iid, e), box);

/**
 * Seals what a link shows of the room before joining.
 * @param {Derived} link
 * @param {string} room
 * @param {Uint8Array} plain as `writeProfile` made it
 * @returns {Promise<string>} b64
 */
export const sealCard = (link, room, plain) =>
  seal(link.Kinv, "card", { v: 1, room, iid: link.iid }, pad(plain));

/**
 * Opens what a link shows of the room before joining.
 * @param {Derived} link
 * @param {string} room
 * @param {string} box b64
 * @returns {Promise<import("./profile.js").Profile>}
 * @throws {WireError}
 */
export async function openCard(link, room, box) {
  const plain = await open(link.Kinv, "card", { v: 1, room, iid: link.iid }, box);
  return readProfile(unpad(plain));
}
