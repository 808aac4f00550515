/** The rules of a room that change what happens to words, in few of them. */

import { strings } from "../strings.js";

/** @typedef {import("../../crypto/events.js").Policy} Policy */

/**
 * @param {Policy} policy
 * @param {{all?: boolean}} [how] `all`: also where nothing is out of the ordinary, as before joining
 * @returns {string[]}
 */
export function rulesInSight({ ttl, ai, search, history }, { all = false } = {}) {
  const words = strings.rules;
  return [
    ttl > 0 ? words.ttl(ttl) : all && words.forever,
    ai === "off" ? all && words.noAi : words.ai[ai],
    (all || search === "device") && words.search[search],
    (all || history === "join") && words.history[history],
  ].filter((text) => typeof text === "string");
}
