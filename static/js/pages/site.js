/** Fetches the facts that a page leaves out, since its bytes are the same for everybody. */

import { Api } from "../net/api.js";
import { byId, h } from "../ui/dom.js";
import { showSiteName } from "../ui/site-name.js";
import { strings } from "../ui/strings.js";
import { fetchOrTake } from "./ahead.js";
import { keepPerson, keptPerson } from "./kept-person.js";

/** @typedef {import("../net/types.js").SiteFacts} SiteFacts */
/** @typedef {NonNullable<SiteFacts["me"]>} Person who is signed in */

/** Most visits lead nowhere else. */
const loadNext = () => import("./next-address.js");

const CSRF_COOKIE = /(?:^|; )csrftoken=([^;]*)/;

const SET_UP = "/settings/second-factor/";
/** Pages for a person who lacks the second factor that the site asks for. */
const BEFORE_FACTOR = new Set([SET_UP, "/accounts/logout/", "/reset"]);

/** Facts that nobody can tell without the server. */
const NO_FACTS = {
  build: "",
  name: "",
  icon: "",
  announcement: null,
  registration: "closed",
  contact: "",
  terms: "",
  privacy: "",
  sso: "",
  mail: false,
  demo: false,
};

/** The newest token: signing in, also in another tab, changes it. */
const csrf = () => CSRF_COOKIE.exec(document.cookie)?.[1] ?? "";

/** Returns a client of the REST API. */
export const makeApi = () => new Api({ csrf, fetch: fetchOrTake });

/** Takes what pages post, and gives the site's facts. */
const site = new Api({ csrf, base: "/" });

/** Asks for the site's facts once more. @returns {Promise<SiteFacts>} */
export const fetchFacts = () => site.get("site.json");

/**
 * Posts a form of a page.
 * @template {string} Path
 * @param {Path} path without the first slash
 * @param {Record<string, string>} fields
 */
export const postForm = (path, fields) => site.post(path, new URLSearchParams(fields));

/**
 * Fetches the site's facts and fills in those that the page shows. If that fails, the page says so
 * and this never resolves; nor does it where a person has to set up a second factor first, whom it
 * leads there.
 * @returns {Promise<SiteFacts>}
 */
export async function fetchSite() {
  let facts;
  try {
    // A person who is known here sees at once what this browser keeps.
    facts = await site.get("site.json", keptPerson() ? { busyWaits: 0 } : {});
    keepPerson(facts.me);
  } catch (error) {
    const me = error.isAway ? keptPerson() : null;
    if (me) return { ...NO_FACTS, me };
    showPageProblem(error.message);
    return new Promise(() => {});
  }
  if (facts.me?.lacks_factor && !BEFORE_FACTOR.has(location.pathname)) {
    location.replace(await leadingBack(SET_UP));
    return new Promise(() => {});
  }
  showSiteName(facts);
  if (facts.announcement && document.body.classList.contains("shell")) announceFrom(facts);
  showLinks("[data-privacy]", facts.privacy);
  showLinks("[data-terms]", facts.terms);
  for (const place of document.querySelectorAll("[data-contact]"))
    if (facts.contact) place.textContent = facts.contact;
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll("a[data-keeps-next]")
  ))
    if (new URLSearchParams(location.search).get("next")) link.search = location.search;
  return facts;
}

/** Shows what administrators announce. @param {SiteFacts} facts */
const announceFrom = ({ announcement }) =>
  import("../ui/rooms/announcement.js").then(
    (part) => part.showAnnouncement(announcement),
    () => {}, // at the next visit
  );

/** Shows places that have a link, where the site has its address.
 * @param {string} places a selector @param {string} address "" without one */
function showLinks(places, address) {
  if (!address) return;
  for (const place of document.querySelectorAll(places)) {
    const link = place.querySelector("a");
    if (link) link.href = address;
    place.removeAttribute("hidden");
  }
}

/**
 * Returns an address that leads through `step` back to where the person is.
 * @param {string} step a path
 * @returns {Promise<string>} the step alone, where that cannot be loaded
 */
export const leadingBack = (step) =>
  loadNext().then(
    (part) => part.leadingBack(step),
    () => step,
  );

/**
 * Fetches who is signed in. A person who is not is led to the log-in page, which leads back here,
 * and this never resolves.
 * @returns {Promise<Person>}
 */
export async function requirePerson() {
  const { me } = await fetchSite();
  if (me) return me;
  location.replace(await leadingBack("/accounts/login/"));
  return new Promise(() => {});
}

/** Says on top of the page why it cannot go on, with a button to try again. @param {string} text */
export function showPageProblem(text) {
  const again = h(
    "button",
    { class: "button small", type: "button", onclick: () => location.reload() },
    strings.tryAgain,
  );
  byId("main").prepend(
    h("div", { class: "notice danger", role: "alert" }, h("p", {}, text), again),
  );
}
