/** The words for the state of a page’s connection. Pure. */

const SLOW = 8000; // ms without an answer, after which a connection that is being made is slow

const WRONG_CLOCK = 3_600_000; // ms by which the clocks differ, after which times mislead

/** @typedef {"open" | "clock" | "connecting" | "slow" | "restarting" | "away" | "offline" | "signed-out"} ConnectionState */

/**
 * @param {object} facts
 * @param {import("../net/socket.js").Status} facts.status of the socket
 * @param {boolean} facts.restarting whether the server has said that it restarts
 * @param {boolean} facts.online what the browser says of its network
 * @param {number} facts.since ms since the page was last connected, or since it began
 * @param {number} [facts.ahead] how far this device's clock is ahead of the server's, ms
 * @returns {ConnectionState} `away`: the network is there, the server is not; `clock`: it is open, and
 *   the clocks differ
 */
export function connectionState({ status, restarting, online, since, ahead = 0 }) {
  if (status === "signed-out") return "signed-out";
  if (status === "open") return Math.abs(ahead) > WRONG_CLOCK ? "clock" : "open";
  if (!online) return "offline";
  if (restarting) return "restarting";
  if (status === "waiting") return "away";
  return since > SLOW ? "slow" : "connecting";
}
