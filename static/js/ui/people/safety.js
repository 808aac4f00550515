/**
 * Comparing safety numbers with another person: the sixty digits, as text and as a QR code, and a
 * field for the digits that the other reads out.
 */

import { encode } from "../../../vendor/uqr/uqr.js";
import { ask, attempt, troublePlace } from "../dialog.js";
import { h, icon, svg } from "../dom.js";
import { lateStrings as strings } from "../strings/late.js";

const LENGTH = 60;
const GROUP = 5;
const QUIET = 2; // modules of white around the picture, beside the padding

/**
 * @param {object} about
 * @param {string} about.name
 * @param {string} about.digits sixty
 * @param {boolean} about.verified
 * @param {boolean} about.changed a new key that nobody has approved yet, or
 * @param {boolean} [about.older] one that a newer key has replaced
 * @param {(yes: boolean) => Promise<unknown>} about.onVerified
 * @param {() => Promise<unknown>} about.onApprove of a new key; comes before `onVerified`, too
 * @returns {Node[]}
 */
export function safetyPanel(about) {
  const { name, digits, verified, changed, older = false, onVerified, onApprove } = about;
  const { safety } = strings;
  const trouble = troublePlace();
  const accept = async () => {
    if (changed) await onApprove();
    if (!older) await onVerified(true);
  };
  const same = confirmation(accept, trouble);
  return [
    h(
      "section",
      { class: "safety" },
      changed && h("p", { class: "notice" }, (older ? safety.older : safety.changed)(name)),
      verified && !changed && verifiedLine(name, onVerified, trouble),
      h("p", {}, safety.intro(name)),
      h("p", {}, safety.how),
      h("h3", { class: "visually-hidden" }, safety.number),
      digitsOf(digits),
      picture(digits),
    ),
    h(
      "section",
      {},
      comparison(name, digits, (bad) => {
        same.disabled = bad;
      }),
      (!verified || changed) && same,
      changed && approval(name, onApprove, trouble),
      trouble,
    ),
  ];
}

/** @param {string} digits in groups */
export const groups = (digits) =>
  Array.from({ length: Math.ceil(digits.length / GROUP) }, (_, at) =>
    digits.slice(at * GROUP, (at + 1) * GROUP),
  );

/**
 * Compares the digits that were heard with those shown here.
 * @param {string} digits @param {string} heard with anything between the digits
 * @returns {{state: "none" | "so-far" | "same" | "differs" | "long", at: number}} `at` is how many
 *   agree, or the group that differs, counted from 1
 */
export function compare(digits, heard) {
  // Whatever script the digits are typed in.
  const given = heard.normalize("NFKC").replace(/[^0-9]/g, "");
  if (given === "") return { state: "none", at: 0 };
  const wrong = [...given].findIndex((digit, at) => at < LENGTH && digit !== digits[at]);
  if (wrong >= 0) return { state: "differs", at: Math.floor(wrong / GROUP) + 1 };
  if (given.length > LENGTH) return { state: "long", at: LENGTH };
  return { state: given.length === LENGTH ? "same" : "so-far", at: given.length };
}

/** @param {string} name @param {(yes: boolean) => Promise<unknown>} onVerified
 * @param {HTMLElement} trouble */
function verifiedLine(name, onVerified, trouble) {
  const undo = h("button", { class: "link-button", type: "button" }, strings.safety.unverify);
  undo.addEventListener("click", () => attempt(undo, () => onVerified(false), trouble));
  return h(
    "div",
    { class: "safety-verified" },
    icon("verified"),
    h("span", {}, strings.safety.verified(name)),
    undo,
  );
}

/** @param {string} digits */
const digitsOf = (digits) =>
  h("ol", { class: "digits" }, ...groups(digits).map((group) => h("li", {}, group)));

/** @param {string} digits */
function picture(digits) {
  const { size, data } = encode(digits, { ecc: "M", border: QUIET });
  const dark = data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : "")));
  return h(
    "div",
    { class: "qr" },
    svg(
      "svg",
      {
        viewBox: `0 0 ${size} ${size}`,
        role: "img",
        "aria-label": strings.safety.qr,
        "shape-rendering": "crispEdges",
      },
      svg("path", { d: dark.join("") }),
    ),
  );
}

/** @param {string} name @param {string} digits
 * @param {(bad: boolean) => void} onVerdict whether what was heard is something else */
function comparison(name, digits, onVerdict) {
  const { safety } = strings;
  const verdict = h("p", { id: "safety-verdict", class: "verdict", role: "status" });
  const field = h("textarea", {
    id: "safety-heard",
    rows: 3,
    inputmode: "numeric",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "safety-hint safety-verdict",
  });
  const said = {
    none: () => "",
    "so-far": safety.soFar,
    same: () => safety.same,
    differs: safety.differs,
    long: () => safety.tooLong,
  };
  field.addEventListener("input", () => {
    const { state, at } = compare(digits, field.value);
    const bad = state === "differs" || state === "long";
    verdict.textContent = said[state](at);
    verdict.dataset.state = state;
    field.toggleAttribute("aria-invalid", bad);
    onVerdict(bad);
  });
  return h(
    "div",
    { class: "field" },
    h("label", { for: "safety-heard" }, safety.read(name)),
    h("div", { class: "control heard" }, field),
    h("p", { class: "field-hint", id: "safety-hint" }, safety.readHint),
    verdict,
  );
}

/** @param {() => Promise<unknown>} accept @param {HTMLElement} trouble */
function confirmation(accept, trouble) {
  const yes = h("button", { class: "button wide", type: "button" }, strings.safety.verify);
  yes.addEventListener("click", () => attempt(yes, accept, trouble));
  return yes;
}

/** @param {string} name @param {() => Promise<unknown>} onApprove @param {HTMLElement} trouble */
function approval(name, onApprove, trouble) {
  const { safety } = strings;
  const blind = h("button", { class: "button danger wide", type: "button" }, safety.approve);
  blind.addEventListener("click", async () => {
    const sure = await ask({
      title: safety.approveTitle(name),
      text: safety.approveText(name),
      confirm: safety.approveYes,
      danger: true,
    });
    if (sure) await attempt(blind, onApprove, trouble);
  });
  return blind;
}
