/** Waits for what a room's members decide about a request to join. */

const LOST_AFTER = 60_000; // ms; what the server said may have been lost on its way

/**
 * Asks what became of the request: now, whenever something was heard, and rarely besides.
 * @param {() => Promise<string>} ask returns waiting, member, refused or none; "away" without an answer
 * @param {(onNews: () => void) => void} listen has `onNews` called when an answer may have changed
 * @param {AbortSignal} signal aborted when nobody waits any more
 * @param {number} [every] ms
 * @returns {Promise<string>} what was decided: member, refused or none; never resolves once aborted
 */
export function awaitDecision(ask, listen, signal, every = LOST_AFTER) {
  return new Promise((resolve) => {
    let asking = false;
    let heard = false;
    const look = async () => {
      heard = true;
      if (asking || signal.aborted) return;
      asking = true;
      let state = "waiting";
      while (heard && (state === "waiting" || state === "away")) {
        heard = false;
        state = await ask();
      }
      asking = false;
      if (state === "waiting" || state === "away" || signal.aborted) return;
      clearInterval(timer);
      resolve(state);
    };
    const timer = setInterval(look, every);
    signal.addEventListener("abort", () => clearInterval(timer));
    listen(look);
    look();
  });
}
