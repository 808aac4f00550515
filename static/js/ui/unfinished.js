/** Has the browser ask before the page is left while what a person has begun is not finished: a request
 * that was not sent yet would be lost without a word. */

let many = 0;

/** @param {Event} event */
const askFirst = (event) => event.preventDefault();

/** Begins something. @returns {() => void} called once when it is finished, well or not */
export function begin() {
  many += 1;
  addEventListener("beforeunload", askFirst);
  return () => {
    many -= 1;
    if (many === 0) letGo();
  };
}

/** Things that only this page has, such as files that are not sent yet. @type {Set<unknown>} */
const only = new Set();
let finish = () => {};

/** Notes that something would be lost with the page, or no longer. @param {unknown} thing
 * @param {boolean} here */
export function noteOnlyHere(thing, here) {
  const before = only.size;
  if (here) only.add(thing);
  else only.delete(thing);
  if (before === 0 && only.size > 0) finish = begin();
  if (before > 0 && only.size === 0) finish();
}

/** The page is left on purpose, by what was begun: nobody is asked. */
export const letGo = () => removeEventListener("beforeunload", askFirst);
