/** The log-out page. */

import { startForm } from "./forms.js";
import { logOut } from "./leave.js";
import { requirePerson } from "./site.js";

await requirePerson();
startForm("log-out", logOut);
