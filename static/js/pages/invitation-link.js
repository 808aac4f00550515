/** An invitation link on its way through sign-up: in this tab's storage, and nowhere else. */

const KEY = "sotto-invitation";

/** The link's fragment; "" for none. @returns {string} */
export const keptLink = () => sessionStorage.getItem(KEY) ?? "";

/** @param {string} fragment with its # */
export const keepLink = (fragment) => sessionStorage.setItem(KEY, fragment);

export const forgetLink = () => sessionStorage.removeItem(KEY);
