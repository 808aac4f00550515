/** A room's name, topic and avatar: only the profile that the log commits to counts. */

import { openProfile } from "../../crypto/profile.js";

/** @typedef {import("../../crypto/profile.js").Profile} Profile */
/** @typedef {import("../../net/types.js").ProfileBox} ProfileBox */
/** @typedef {import("../../crypto/log.js").RoomState} RoomState */

export class RoomProfile {
  /** @type {Profile} */
  value = { name: "", topic: "", avatar: "" };
  /** @type {Uint8Array | null} the committed bytes, for rotations and cards; null if unknown */
  plain = null;
  /** @type {ProfileBox | null} the box that it came in */
  box = null;
  #seq = -1;

  /** Tells whether the log names a newer profile. @param {RoomState} state */
  isOutdated(state) {
    return this.#seq !== state.profileSeq;
  }

  /** Drops the profile if the log no longer commits to it. @param {RoomState} state */
  dropOutdated(state) {
    if (this.isOutdated(state)) this.plain = null;
  }

  /**
   * Opens the profile that the log names, or keeps the last one.
   * @param {RoomState} state
   * @param {import("./keyring.js").Keyring} keys
   * @param {ProfileBox[]} boxes ascending by epoch
   * @returns {Promise<boolean>} whether there is a new one
   */
  async open(state, keys, boxes) {
    if (!this.isOutdated(state)) return false;
    for (const { e, box } of [...boxes].reverse()) {
      const key = keys.get(e);
      const opened = key && (await openProfile(key, state.room, e, box, state.h));
      if (!opened) continue;
      this.value = opened.profile;
      this.plain = opened.plain;
      this.box = { e, box };
      this.#seq = state.profileSeq;
      return true;
    }
    return false;
  }
}
