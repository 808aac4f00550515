/** The words for the state of a page’s connection. Pure. */

const SLOW = 8000; // ms without an answer, after which a connection that is being made is slow

/** @typedef {"open" | "connecting" | "slow" | "restarting" | "away" | "offline" | "signed-out"} ConnectionState */

/**
 * @param {object} facts
 * @param {import("../net/socket.js").Status} facts.status of the socket
 * @param {boolean} facts.restarting whether the server has said that it restarts
 * @param {boolean} facts.online what the browser says of its network
 * @param {number} facts.since ms since the page was last connected, or since it began
 * @returns {ConnectionState} `away`: the network is there, the server is not
 */
export function connectionState({ status, restarting, online, since }) {
  if (status === "signed-out") return "signed-out";
  if (status === "open") return "open";
  if (!online) return "offline";
  if (restarting) return "restarting";
  if (status === "waiting") return "away";
  return since > SLOW ? "slow" : "connecting";
}
