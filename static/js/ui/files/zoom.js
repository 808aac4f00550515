/** How a picture lies on a stage: how large, and how far its middle is from the stage's. Pure. */

/** @typedef {{w: number, h: number}} Size pixels
 * @typedef {{x: number, y: number}} Point pixels from the stage's middle
 * @typedef {{scale: number, x: number, y: number}} View */

const MOST = 8; // times its own size, or times what fits
const READABLE = 0.2; // of the stage; a picture that is narrower when it fits begins larger

/** The scale at which all of a picture is seen; never above its own size.
 * @param {Size} picture @param {Size} stage */
export const fitting = (picture, stage) => Math.min(1, stage.w / picture.w, stage.h / picture.h);

/**
 * Where a picture begins: whole, or, if it is so long that nothing could be read, as wide as the
 * stage and at its beginning.
 * @param {Size} picture
 * @param {Size} stage
 * @returns {View}
 */
export function firstView(picture, stage) {
  const whole = fitting(picture, stage);
  const narrow = Math.min(picture.w, picture.h) * whole < READABLE * Math.min(stage.w, stage.h);
  const filling = Math.min(1, Math.max(stage.w / picture.w, stage.h / picture.h));
  const scale = narrow ? Math.max(whole, filling) : whole;
  return clamped({ scale, x: picture.w * scale, y: picture.h * scale }, picture, stage);
}

/**
 * A view no nearer or farther than makes sense, whose picture does not leave the stage.
 * @param {View} view
 * @param {Size} picture
 * @param {Size} stage
 * @returns {View}
 */
export function clamped({ scale, x, y }, picture, stage) {
  const least = fitting(picture, stage);
  const to = Math.min(Math.max(scale, least), MOST * Math.max(1, least));
  const limit = (
    /** @type {number} */ at,
    /** @type {number} */ size,
    /** @type {number} */ room,
  ) => {
    const most = Math.max(0, (size * to - room) / 2);
    return Math.min(Math.max(at, -most), most);
  };
  return { scale: to, x: limit(x, picture.w, stage.w), y: limit(y, picture.h, stage.h) };
}

/**
 * The same picture nearer (factor above 1) or farther; what is at a point stays there.
 * @param {View} view
 * @param {number} factor
 * @param {Point} at
 * @param {Size} picture
 * @param {Size} stage
 * @returns {View}
 */
export function zoomed(view, factor, at, picture, stage) {
  const { scale } = clamped({ ...view, scale: view.scale * factor }, picture, stage);
  const by = scale / view.scale;
  const moved = { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by };
  return clamped(moved, picture, stage);
}

/** @param {View} view @param {number} x @param {number} y @param {Size} picture
 * @param {Size} stage @returns {View} */
export const moved = (view, x, y, picture, stage) =>
  clamped({ scale: view.scale, x: view.x + x, y: view.y + y }, picture, stage);
