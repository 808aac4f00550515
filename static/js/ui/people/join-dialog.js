/**
 * A dialog that opens the page of a pasted invitation link. `openJoin()` shows it; the link is not
 * stored.
 */

import { h } from "../dom.js";
import { go } from "../go.js";
import { lateStrings as strings } from "../strings/late.js";

const BREAK = "(?:=?[ \\t]*\\r?\\n[ \\t>]*)?"; // as mail breaks lines
const SECRET = `1\\.${BREAK}([\\w-](?:${BREAK}[\\w-]){42})[_-]*(?![\\w-])`;
const HOST = "\\[[0-9a-f:]+\\]|[\\p{L}\\p{N}.-]+";
const LINK = new RegExp(
  `(?<![\\p{L}\\p{N}.:@-])(?:(https?)://)?((?:${HOST})(?::\\d+)?)/i/?(?:\\?[^\\s#<>"]*)?${BREAK}[#*]${SECRET}`,
  "giu",
);
/** A link without its host. */
const ALONE = new RegExp(`(?<![\\p{L}\\p{N}/.@%=&?#-])(?:/?i/?)?#?${SECRET}`, "u");
/** Without a shape, but within words that were copied. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const BREAKS = new RegExp(BREAK.slice(0, -1), "g");
const WRAPPED = 3; // times that an address may be in the address of a redirect

/**
 * Where an invitation link leads on this server; it may stand anywhere in what was pasted, also in
 * the address of a redirect, and its secret may be broken over lines or stand alone.
 * @param {string} text @param {string} origin this page's
 * @returns {{path: string} | {problem: string}}
 */
export function invitationPath(text, origin) {
  const shown = text.replace(INVISIBLE, "");
  const found = [text, shown, shown.replace(BREAKS, "")].flatMap(linksIn);
  const here = found.find(([, scheme, host]) => isOf(origin, scheme, host));
  const secret = here?.[3] ?? (found.length === 0 && ALONE.exec(shown)?.[1]);
  if (secret) return { path: `/i#1.${secret.replace(/[^\w-]/g, "")}` };
  const other = found.find(([, , host]) => host.includes("."));
  return { problem: other ? strings.otherServer(other[2]) : strings.notALink };
}

/** The links in a text, and in the addresses of redirects there. @param {string} text */
function linksIn(text) {
  const found = [];
  let decoded = text;
  for (let times = 0; times <= WRAPPED; times += 1) {
    found.push(...decoded.matchAll(LINK));
    const next = decoded.replace(/%[2-7][0-9a-f]/gi, decodeURIComponent);
    if (next === decoded) break;
    decoded = next;
  }
  return found;
}

/** Tells whether a link is one of this page's server; http leads to https there.
 * @param {string} origin this page's @param {string | undefined} scheme this page's, where none is
 *   written @param {string} host */
function isOf(origin, scheme, host) {
  const written = `${scheme ? `${scheme}:` : new URL(origin).protocol}//${host.replace(/\.$/, "")}`;
  const secure = written.replace(/^http:/i, "https:");
  return [written, secure].some((one) => URL.canParse(one) && new URL(one).origin === origin);
}

export function openJoin() {
  const problem = h("p", { class: "field-error", id: "join-problem", role: "alert" });
  const field = h("input", {
    id: "join-link",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "join-problem",
  });
  // A field of one line would join the lines of what is pasted.
  field.addEventListener("paste", (event) => {
    const found = invitationPath(event.clipboardData?.getData("text/plain") ?? "", location.origin);
    if (!("path" in found)) return;
    event.preventDefault();
    field.value = location.origin + found.path;
  });
  const dialog = h("dialog", { "aria-labelledby": "join-title" });
  dialog.addEventListener("close", () => dialog.remove());
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = invitationPath(field.value, location.origin);
    if ("path" in found) return go(found.path);
    problem.textContent = found.problem;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };
  dialog.append(
    h("h2", { id: "join-title" }, strings.join),
    h(
      "form",
      { class: "stack", onsubmit: submit },
      h(
        "div",
        { class: "field" },
        h("label", { for: "join-link" }, strings.joinText),
        h("div", { class: "control" }, field),
        problem,
      ),
      h(
        "div",
        { class: "row end" },
        h(
          "button",
          { class: "button quiet", type: "button", onclick: () => dialog.close() },
          strings.cancel,
        ),
        h("button", { class: "button", type: "submit" }, strings.joinOpen),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
