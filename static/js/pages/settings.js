/** The page of the settings: the shell, or the settings alone where this browser has no keys. */

import "../panels/sidebar.js";
import { byId } from "../ui/dom.js";
import { accountOf } from "./bootstrap.js";
import { openAlone } from "./settings-view.js";
import { startShell } from "./shell.js";
import { requirePerson } from "./site.js";

const person = await requirePerson();
const me = await accountOf(person);
if (me) await startShell(me);
else {
  document.body.className = "card-page";
  byId("main").classList.remove("blank"); // the place beside the list of rooms
  byId("sidebar").hidden = true;
  await openAlone(person);
}
