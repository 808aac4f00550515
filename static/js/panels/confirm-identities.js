/** Asks the person to confirm identities that are not trusted yet. */

import { TrustDecisions, UntrustedIdentityError } from "../conversation/account/trust-decisions.js";
import { safetyNumber } from "../crypto/identity.js";
import { ask } from "../ui/dialog.js";
import { groups } from "../ui/people/safety.js";
import { lateStrings as strings } from "../ui/strings/late.js";

/** @typedef {import("../conversation/account/account.js").Account} Account */

/**
 * Runs an action with people. If one of them is not trusted, asks the user and retries after a yes.
 * @template T
 * @param {Account} me @param {() => Promise<T>} action @returns {Promise<T>}
 * @throws {UntrustedIdentityError} where the answer is no, or the person cannot decide it
 */
export async function withConfirmedIdentities(me, action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof UntrustedIdentityError) || !(await confirmAll(me, error))) throw error;
    return action();
  }
}

/** @param {Account} me @param {UntrustedIdentityError} error @returns {Promise<boolean>} whether all is decided */
async function confirmAll(me, { strangers, identities }) {
  for (const { kid, name, why } of strangers) {
    const identity = identities.find((one) => one.kid === kid);
    if (!identity) return false;
    if (why === "newer" && (await confirmNewKey(me, identity)))
      await new TrustDecisions(me).approve(identity);
    else if (why !== "namesake" || !(await acceptNamesakes(me, name))) return false;
  }
  return true;
}

/** @param {Account} me @param {import("../crypto/identity.js").OpenedIdentity} identity */
async function confirmNewKey(me, { name, kid }) {
  const { doubt, safety } = strings;
  const digits = groups(await safetyNumber(me.kid, kid)).join(" ");
  return ask({
    title: doubt.newerTitle(name),
    text: [safety.changed(name), doubt.newerNumber(`${name}: ${digits}`), safety.approveText(name)],
    confirm: safety.approveYes,
    danger: true,
  });
}

/**
 * Asks whether later accounts with a known name are other people.
 * @param {Account} me @param {string} name @returns {Promise<boolean>}
 */
export async function acceptNamesakes(me, name) {
  const { doubt } = strings;
  const decisions = new TrustDecisions(me);
  const yes = await ask({
    title: doubt.namesakeTitle(name),
    text: doubt.namesakeText(name),
    confirm: doubt.accept(name),
    danger: true,
  });
  if (yes)
    for (const uid of await decisions.contestedNamesakes(name))
      await decisions.decideNamesake(name, uid, true);
  return Boolean(yes);
}

/** Refuses later accounts with a name.
 * @param {Account} me @param {string} name */
export async function refuseNamesakes(me, name) {
  const decisions = new TrustDecisions(me);
  for (const uid of await decisions.undecidedNamesakes(name))
    await decisions.decideNamesake(name, uid, false);
}
