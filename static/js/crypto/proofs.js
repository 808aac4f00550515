/** Proofs signed with an invitation's key. They show that its creator had the key (pop), that a
 * joiner has it (isig), and that a person who signs up has it. */

import { encodeBody } from "./body.js";
import { sign, verify } from "./sign.js";

/** @typedef {import("./events.js").Event} Event */

/** @param {Pick<Event, "room" | "seq" | "prev" | "kid"> & {iid: string, exp: number, max: number}} event */
const popBody = ({ room, iid, seq, prev, kid, exp, max }) =>
  encodeBody({ v: 1, room, iid, seq, prev, kid, exp, max });

/** @param {string} room @param {string} iid @param {string} uid @param {string} kid */
const joinerBody = (room, iid, uid, kid) => encodeBody({ v: 1, room, iid, uid, kid });

/**
 * Proves that the maker of an invite event had the link's key.
 * @param {CryptoKey} skInv
 * @param {Parameters<typeof popBody>[0]} event
 * @returns {Promise<string>} b64
 */
export const signPop = (skInv, event) => sign(skInv, "invite", popBody(event));

/**
 * Checks that the maker of an invite event had the link's key.
 * @param {Uint8Array} ipk
 * @param {Parameters<typeof popBody>[0] & {pop: string}} event
 * @returns {Promise<boolean>}
 */
export const checkPop = (ipk, event) => verify(ipk, "invite", popBody(event), event.pop);

/**
 * Proves that a joiner has the link's key.
 * @param {CryptoKey} skInv
 * @param {{room: string, iid: string, uid: string, kid: string}} who
 * @returns {Promise<string>} b64
 */
export const signJoiner = (skInv, { room, iid, uid, kid }) =>
  sign(skInv, "joiner", joinerBody(room, iid, uid, kid));

/**
 * Checks that a joiner has the link's key.
 * @param {Uint8Array} ipk
 * @param {Pick<Event, "room" | "iid" | "by" | "kid" | "isig">} event
 * @returns {Promise<boolean>}
 */
export const checkJoiner = (ipk, event) =>
  verify(ipk, "joiner", joinerBody(event.room, event.iid, event.by, event.kid), event.isig);

/**
 * Proves that a person who signs up has the link's key.
 * @param {CryptoKey} skInv
 * @param {string} iid
 * @param {string} name the user name, in lower case
 * @returns {Promise<string>} b64
 */
export const signRegistration = (skInv, iid, name) =>
  sign(skInv, "register", encodeBody({ v: 1, iid, name }));
