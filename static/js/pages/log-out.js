/** The log-out page. */

import { startForm } from "./forms.js";
import { logOut, requirePerson } from "./site.js";

await requirePerson();
startForm("log-out", logOut);
