/** The page of an invitation link, for visitors of all kinds. */

import { loadAccount } from "../conversation/account/account.js";
import { Store } from "../store/store.js";
import { Invitation, takeLink } from "./invite-view.js";
import { fetchSite, makeApi } from "./site.js";

const fragment = takeLink(); // at once: the secret does not stay in the address bar
const { me: person } = await fetchSite();

const findAccount = async () =>
  person && loadAccount(person, await Store.open(person.uid), makeApi());

const { signal } = new AbortController();
new Invitation({ person, findAccount, signal }).start(fragment);
