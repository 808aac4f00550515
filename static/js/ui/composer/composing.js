/** Tells whether a key belongs to the input method, which composes a character.
 *
 * In Safari the key that ends a composition comes after it, with the code that means an input
 * method.
 * @param {KeyboardEvent} event */
export const isComposing = (event) => event.isComposing || event.keyCode === INPUT_METHOD;

const INPUT_METHOD = 229;
