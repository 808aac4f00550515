/** Narrow screens, where the room list is a drawer. */

/** The width from which the list stands beside the page, as in sotto.css. */
export const WIDE = "(min-width: 901px)";

/** Tells whether the list is a drawer here. */
export const isNarrow = () => !matchMedia(WIDE).matches;
