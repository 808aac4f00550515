/** The page of second factors: passkeys, an authenticator app and recovery codes. */

import { ask } from "../ui/dialog.js";
import { announce, byId, h } from "../ui/dom.js";
import { factorLine } from "../ui/factor-line.js";
import { startPasswordReveals } from "../ui/password-field.js";
import { accountStrings as strings } from "../ui/strings/account.js";
import { startForm } from "./forms.js";
import { namedNext, safeNext } from "./next-address.js";
import { canUsePasskeys, makePasskey } from "./passkeys.js";
import { SecondStep, WAITS } from "./second-step.js";
import { makeApi, requirePerson, showPageProblem } from "./site.js";

/** @typedef {import("./second-step.js").Factor} Factor */
/** @typedef {Factor & {password: string}} Confirmed */
/**
 * @typedef {object} Change what is done once the password and the factor are confirmed
 * @property {{title: string, text: string, confirm: string}} texts
 * @property {(confirmed: Confirmed) => Promise<any>} post
 * @property {(answer: any, name: string) => unknown} finish
 * @property {boolean} [named] the person gives it a name
 * @property {boolean} [danger]
 */

const PATH = "me/second_factor";
const BLAMED = { bad_password: "password", bad_code: "code" };
const api = makeApi();
const section = byId("second-factor");
startPasswordReveals();
const { name: person } = await requirePerson();
const step = new SecondStep("confirm");
let setUp = "";
/** @type {Change | null} */
let change = null;

/** @param {string} state @param {string} [focused] id of what takes the focus */
function show(state, focused) {
  section.dataset.state = state;
  if (focused) byId(focused).focus();
}

/** Shows what the account has. @param {string} [focused] id of what takes the focus */
async function load(focused) {
  const { on, needed, codes, app, passkeys } = await api.get(PATH);
  byId("factor-required").hidden = !needed || on;
  byId("factor-end").hidden = needed || !on;
  byId("recovery").hidden = !on;
  byId("factor-left").textContent = strings.factorCodesLeft(codes);
  byId("app-add").hidden = Boolean(app);
  byId("app-list").replaceChildren(
    ...(app ? [factorLine(app, strings.factors.app, { onRemove: () => begin(removal(app)) })] : []),
  );
  byId("passkey-list").replaceChildren(
    ...passkeys.map((row) =>
      factorLine(row, row.name, {
        onRename: () => rename(row),
        onRemove: () => begin(removal(row)),
      }),
    ),
  );
  byId("passkey-add").hidden = !canUsePasskeys();
  byId("passkey-none").hidden = canUsePasskeys();
  show("ready", focused);
}

/** Asks for the password, and for the factor where one is on. @param {Change} next */
function begin(next) {
  change = next;
  const { title, text, confirm } = next.texts;
  byId("confirm", HTMLFormElement).reset();
  byId("confirm-user", HTMLInputElement).value = person; // for password managers
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  byId("confirm-submit").textContent = confirm;
  byId("confirm-submit").classList.toggle("danger", Boolean(next.danger));
  byId("confirm-name-field").hidden = !next.named;
  byId("confirm-name", HTMLInputElement).required = Boolean(next.named);
  byId("confirm-error").hidden = true;
  step.reset();
  show("confirm", next.named ? "confirm-name" : "confirm-password");
}

/** @type {Change} */
const addPasskey = {
  texts: strings.factors.addPasskey,
  named: true,
  post: (confirmed) => api.post(`${PATH}/passkeys/options`, confirmed),
  finish: async ({ options, state }, name) => {
    const sent = { name, state, credential: await makePasskey(options) };
    const { codes } = await api.post(`${PATH}/passkeys`, sent);
    return codes.length > 0 ? showCodes(codes) : done(strings.factors.passkeyAdded);
  },
};

/** @type {Change} */
const addApp = {
  texts: strings.factors.addApp,
  post: (confirmed) => api.post(`${PATH}/secret`, confirmed),
  finish: ({ secret, svg, state }) => {
    setUp = state;
    byId("factor-secret").textContent = secret;
    byId("factor-qr", HTMLImageElement).src = `data:image/svg+xml;base64,${btoa(svg)}`;
    show("pairing", "factor-pairing");
  },
};

/** @type {Change} */
const otherCodes = {
  texts: strings.factors.otherCodes,
  post: (confirmed) => api.post(`${PATH}/codes`, confirmed),
  finish: ({ codes }) => showCodes(codes),
};

/** @type {Change} */
const end = {
  texts: strings.factors.end,
  danger: true,
  post: (confirmed) => api.post(`${PATH}/off`, confirmed),
  finish: () => done(strings.factors.ended),
};

/** @param {import("../net/types.js").SecondFactorRow & {name?: string}} row @returns {Change} */
const removal = ({ id, name }) => ({
  texts: strings.factors.removal(name ?? strings.factors.theApp),
  danger: true,
  post: (confirmed) => api.post(`${PATH}/${id}/remove`, confirmed),
  finish: () => done(strings.factors.removed),
});

/** @param {import("../net/types.js").SecondFactorRow & {name: string}} row */
async function rename({ id, name }) {
  const { title, text, confirm, label } = strings.factors.renaming;
  const typed = await ask({ title, text, confirm, field: { label, value: name } });
  const given = typeof typed === "string" ? typed.trim().slice(0, 64) : "";
  if (!given || given === name) return;
  try {
    await api.put(`${PATH}/${id}`, { name: given });
  } catch (error) {
    showPageProblem(error.message);
    return;
  }
  await load(`rename-${id}`);
}

/** @param {string} text that says what was done */
async function done(text) {
  await load("factor-title");
  announce(text);
}

/** @param {string[]} codes */
function showCodes(codes) {
  byId("factor-codes").replaceChildren(
    ...codes.map((code) => h("li", {}, h("code", { class: "fingerprint" }, code))),
  );
  if (namedNext()) byId("factor-kept", HTMLAnchorElement).href = safeNext(namedNext());
  show("codes", "factor-codes-title");
}

byId("passkey-add").addEventListener("click", () => begin(addPasskey));
byId("app-add").addEventListener("click", () => begin(addApp));
byId("codes-make").addEventListener("click", () => begin(otherCodes));
byId("factor-end").addEventListener("click", () => begin(end));
byId("confirm-back").addEventListener("click", () => {
  step.reset();
  show("ready", "factor-title");
});
startForm(
  "confirm",
  async ({ password, code, name }) => {
    const { post, finish } = /** @type {Change} */ (change);
    const answer = await step.send((factor) => post({ password, ...factor }), code);
    if (answer !== WAITS) await finish(answer, name.trim());
  },
  BLAMED,
);
startForm(
  "factor-on",
  async ({ code }) => {
    const { codes } = await api.post(PATH, { state: setUp, code: code.trim() });
    if (codes.length > 0) showCodes(codes);
    else await done(strings.factors.appAdded);
  },
  BLAMED,
);
await load().catch((/** @type {Error} */ error) => showPageProblem(error.message));
