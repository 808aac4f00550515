/** The page that changes the password. */

import { byId } from "../ui/dom.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { startForm } from "./forms.js";
import { makeApi, requirePerson } from "./site.js";

startPasswordReveals();
const { name } = await requirePerson();
byId("password-user", HTMLInputElement).value = name; // for password managers
const send = async (/** @type {Record<string, string>} */ fields) => {
  await makeApi().post("me/password", { old: fields.old, new: fields.new });
  byId("password").dataset.state = "done";
  byId("password-done").focus();
};
startForm("password-form", send, { bad_password: "old", invalid: "new" });
const facts = await makeApi()
  .get("me/sso")
  .catch(() => null); // the server says it, too
if (facts && !facts.password) byId("password").dataset.state = "ended";
