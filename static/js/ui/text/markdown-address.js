/** Web addresses that stand in a text by themselves. See markdown.js. */

/** Ends before white space, `<`, a backslash, quotation marks, and the punctuation of other scripts (Arabic and
 * Indic commas and stops, what scripts without spaces have). */
const ADDRESS =
  /(?:https?:\/\/|www\.)[\p{L}\p{N}[][^\s<>"`\\\u060c\u061b\u061f\u06d4\u0964\u0965\u104a\u104b\u1362-\u1368\u17d4\u17d5\u0589\u200b-\u200f\u2028-\u202e\u2066-\u2069«»‹›“”„‟…\u3000-\u3003\u3008-\u301f\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b-\uff65]*/iuy;
/** Punctuation that ends a part of a sentence, in any script, and marks. */
const TRAILING = /^[\p{Terminal_Punctuation}\u055a-\u055f*_~'|’‘]$/u;
/** A sign between two addresses of a list. */
const NEXT = /[,;|](?=https?:\/\/)/iu;
const CLOSING = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);
const OPENING = new Set(CLOSING.values());

/** The address that begins at a place; "" for none.
 * @param {string} text @param {number} at */
export function addressAt(text, at) {
  ADDRESS.lastIndex = at;
  const found = ADDRESS.exec(text);
  return found ? withoutTrailing(closed(found[0].split(NEXT)[0])) : "";
}

/** An address up to the first bracket that it did not open. @param {string} address */
function closed(address) {
  /** @type {string[]} */
  const open = [];
  for (let at = 0; at < address.length; at += 1) {
    const sign = address[at];
    if (OPENING.has(sign)) open.push(sign);
    if (CLOSING.has(sign) && open.pop() !== CLOSING.get(sign)) return address.slice(0, at);
  }
  return address;
}

/** An address without the punctuation of its sentence. @param {string} address */
function withoutTrailing(address) {
  let end = address.length;
  while (end > 0 && TRAILING.test(address[end - 1])) end -= 1;
  return address.slice(0, end);
}
