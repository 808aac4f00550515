/** The vectors that every implementation reads (tests/vectors/README.md). */
import { readFileSync } from "node:fs";
import { unb64 } from "../../../static/js/crypto/bytes.js";
import { importKeys, openIdentity } from "../../../static/js/crypto/identity.js";

/** @param {string} name */
export const load = (name) =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8"));

/** @param {{body: string, sig: string}[]} signed */
export async function openAll(signed) {
  const opened = await Promise.all(signed.map(openIdentity));
  return new Map(opened.map((identity) => [identity.kid, identity]));
}

/** @param {{seed: string, pkcs8: string}} person of cast.json */
export const keysOf = ({ seed, pkcs8 }) => importKeys({ seed: unb64(seed), pkcs8: unb64(pkcs8) });
