/** Keeps an invitation link in this tab's storage during sign-up. */

const KEY = "sotto-invitation";

/** The link's fragment; "" for none. @returns {string} */
export const savedInvitationLink = () => sessionStorage.getItem(KEY) ?? "";

/** @param {string} fragment with its # */
export const saveInvitationLink = (fragment) => sessionStorage.setItem(KEY, fragment);

export const clearInvitationLink = () => sessionStorage.removeItem(KEY);
