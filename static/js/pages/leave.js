/** Logging out. */

import { keepPerson } from "./kept-person.js";
import { safeNext } from "./next-address.js";
import { postForm } from "./site.js";

/** Logs out, and goes to the first page. */
export async function logOut() {
  const { next } = await postForm("accounts/logout/", {});
  keepPerson(null);
  location.replace(safeNext(next));
  return true;
}
