/** The page of the second factor: an authenticator app and recovery codes. */

import { byId, h } from "../ui/dom.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { accountStrings as strings } from "../ui/strings-account.js";
import { startForm } from "./forms.js";
import { namedNext, safeNext } from "./next-address.js";
import { makeApi, requirePerson, showPageProblem } from "./site.js";

const BLAMED = { bad_password: "password", bad_code: "code" };
const api = makeApi();
const section = byId("second-factor");
let password = "";
let secret = "";
let turnsOff = false;

/** @param {string} state @param {string} [focused] id of what takes the focus */
function show(state, focused) {
  section.dataset.state = state;
  if (focused) byId(focused).focus();
}

async function load() {
  const { on, needed, codes } = await api.get("me/second_factor");
  byId("factor-required").hidden = !needed;
  byId("factor-off").hidden = needed;
  byId("factor-left").textContent = strings.factorCodesLeft(codes);
  show(on ? "on" : "off");
}

/** @param {string[]} codes */
function showCodes(codes) {
  byId("factor-codes").replaceChildren(
    ...codes.map((code) => h("li", {}, h("code", { class: "fingerprint" }, code))),
  );
  if (namedNext()) byId("factor-kept", HTMLAnchorElement).href = safeNext(namedNext());
  show("codes", "factor-codes-title");
}

startPasswordReveals();
await requirePerson();
startForm(
  "factor-begin",
  async (fields) => {
    const made = await api.post("me/second_factor/secret", { password: fields.password });
    password = fields.password;
    secret = made.secret;
    byId("factor-secret").textContent = secret;
    byId("factor-qr", HTMLImageElement).src = `data:image/svg+xml;base64,${btoa(made.svg)}`;
    show("pairing", "factor-pairing");
  },
  BLAMED,
);
startForm(
  "factor-on",
  async ({ code }) => {
    const sent = { password, secret, code: code.trim() };
    showCodes((await api.post("me/second_factor", sent)).codes);
    password = secret = "";
  },
  BLAMED,
);
byId("factor-off").addEventListener("click", () => {
  turnsOff = true;
});
byId("factor-change-submit").addEventListener("click", () => {
  turnsOff = false;
});
startForm(
  "factor-change",
  async (fields) => {
    const sent = { password: fields.password, code: fields.code.trim() };
    if (!turnsOff) return showCodes((await api.post("me/second_factor/codes", sent)).codes);
    await api.post("me/second_factor/off", sent);
    return load();
  },
  BLAMED,
);
await load().catch((/** @type {Error} */ error) => showPageProblem(error.message));
