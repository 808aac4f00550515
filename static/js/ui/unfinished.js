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

/** The page is left on purpose, by what was begun: nobody is asked. */
export const letGo = () => removeEventListener("beforeunload", askFirst);
