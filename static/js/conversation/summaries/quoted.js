/** Members' words in a summary: as they were written, but for addresses and invisible characters.
 * summaries/worker/sanitize.py does the same. */

const LINK = /!?\[([^[\]]*)\]\(([^()\s]*)\)/gu;
const WEB =
  /(?:[a-z][a-z0-9+.-]{0,30}:\/\/|(?<![a-z0-9])(?:www\.|mailto:|data:(?=[a-z]+\/|[;,])|javascript:))[^\s<>`"«»“”„…\u060c\u061b\u061f\u06d4\u0964\u0965\u3000-\u301f\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b-\uff65]+/giu;
const HOST = /^(?:https?:\/\/)?(?:[^\s/?#@]{0,255}@)?([^\s/?#@:]{1,255})/iu;
const TRAILING = new Set(".,;:!?*_~'|\\)]}’‘");

/** A member's own words as they were written, without control and other invisible characters; of an
 * address its host is left, so that a line stays short. @param {string} text */
export function quoted(text) {
  const visible = text.replace(/\r\n/g, "\n").replace(/(?![\n\t\u200c\u200d])\p{C}/gu, "");
  return visible.replace(LINK, named).replace(WEB, hostOf).trim();
}

/** A link or a picture as its text and its address.
 * @param {string} whole @param {string} text @param {string} address */
const named = (whole, text, address) =>
  address.search(WEB) === 0 ? [text, address].filter(Boolean).join(" ") : whole;

/** The host of an address, and the end of its sentence that stands behind it. @param {string} address */
function hostOf(address) {
  const many = (/** @type {string} */ sign) => address.split(sign).length - 1;
  let [end, unopened] = [address.length, many(")") - many("(")];
  while (TRAILING.has(address[end - 1]) && (address[end - 1] !== ")" || unopened > 0)) {
    if (address[end - 1] === ")") unopened -= 1;
    end -= 1;
  }
  const whole = address.slice(0, end);
  const [, host] = (whole.endsWith("://") ? null : HOST.exec(whole)) ?? [];
  const isWeb = /^(?:https?:\/\/|www\.)/iu.test(address);
  const shown = host && isWeb && inAscii(host);
  return (shown ? `(${shown})` : "(link)") + address.slice(end);
}

/** A host whose letters look like others in the letters that lead there (Punycode).
 * @param {string} host @returns {string} "" if it is none */
function inAscii(host) {
  if (!/[^!-~]/.test(host)) return host;
  const address = `http://${host.normalize("NFKC").toLowerCase()}`;
  return URL.canParse(address) ? new URL(address).hostname : "";
}
