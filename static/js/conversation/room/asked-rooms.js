/** Rooms that the account has asked to join by a link, as this browser remembers them, sealed: the list
 * shows them until somebody there has decided. */

/** @typedef {import("../account/account.js").Account} Account */
/**
 * @typedef {object} AskedRoom
 * @property {string} iid of the link
 * @property {string} [room] its id; earlier versions did not keep it
 * @property {string} name of the room as its card says, "" for none
 * @property {string} by who made the link
 * @property {boolean} refused
 */

const ASKED = "asked"; // the setting's name
const MOST = 20; // the newest ones

/** @param {Account} me @returns {Promise<AskedRoom[]>} newest first */
export async function askedRooms(me) {
  const kept = await me.store.settings.sealedSetting(ASKED).catch(() => null);
  return /** @type {AskedRoom[] | null} */ (kept) ?? [];
}

/** @param {Account} me @param {Omit<AskedRoom, "refused">} asked */
export async function rememberAsked(me, asked) {
  const others = (await askedRooms(me)).filter(({ iid }) => iid !== asked.iid);
  await save(me, [{ ...asked, refused: false }, ...others].slice(0, MOST));
}

/** @param {Account} me @param {string} iid */
export async function forgetAsked(me, iid) {
  await save(
    me,
    (await askedRooms(me)).filter((one) => one.iid !== iid),
  );
}

/**
 * Asks the server what became of the requests. One that it does not know, or that was accepted, is
 * forgotten; without an answer nothing changes.
 * @param {Account} me @returns {Promise<AskedRoom[]>} those to show
 */
export async function checkAsked(me) {
  const before = await askedRooms(me);
  const states = await Promise.all(before.map(({ iid }) => askedState(me, iid)));
  const waiting = before.flatMap((one, at) => {
    if (states[at] === "away") return [one];
    const refused = states[at] === "refused";
    return refused || states[at] === "waiting" ? [{ ...one, refused }] : [];
  });
  if (JSON.stringify(waiting) !== JSON.stringify(before)) await save(me, waiting);
  return waiting;
}

/** Asks the server what became of a request. @param {Pick<Account, "api">} me @param {string} iid
 * @returns {Promise<string>} waiting, member, refused, none; "away" without an answer */
export async function askedState(me, iid) {
  try {
    return (await me.api.get(`chatrooms/join/${iid}/knock`)).state;
  } catch (error) {
    return error.status === 404 || error.status === 410 ? "none" : "away";
  }
}

/** @param {Account} me @param {AskedRoom[]} asked */
const save = (me, asked) => me.store.settings.saveSealedSetting(ASKED, asked);
