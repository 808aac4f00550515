/** Values that pages share before an account has keys. */

import { byId } from "../ui/dom.js";
import { accountStrings as strings } from "../ui/strings/account.js";

/** Session storage key: the name of the account that was just made in it. */
export const NEW_ACCOUNT = "sotto-new-account";

/** Session storage key: the demo account's recovery kit, until the page of keys takes it. */
export const DEMO_KIT = "sotto-demo-kit";

/** Browsers make keys only on secure addresses: says so before an account is made. */
export function warnIfInsecure() {
  if (window.isSecureContext) return;
  byId("insecure").textContent = strings.insecure;
  byId("insecure").hidden = false;
}
