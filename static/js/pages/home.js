/** The first page. */

import { byId } from "../ui/dom.js";
import { fetchSite } from "./site.js";

const { me, registration, demo } = await fetchSite();
if (me) location.replace("/rooms/");
byId("account-ended").hidden = location.hash !== "#deleted";
byId("sign-up-offer").hidden = registration === "closed";
byId("invited-only").hidden = registration !== "invited";
if (demo) (await import("./demo-offer.js")).offerDemo(byId("hero-text"));
