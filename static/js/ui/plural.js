/** @param {number} n @param {string} one @param {string} many with # for the number */
export const plural = (n, one, many) => (n === 1 ? one : many.replace("#", String(n)));
