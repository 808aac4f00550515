/** A room's name, topic and avatar: only the profile that the log commits to counts. */

import { openProfile } from "../../crypto/profile.js";

/** @typedef {import("../../crypto/profile.js").Profile} Profile */
/** @typedef {import("../../net/types.js").ProfileBox} ProfileBox */
/** @typedef {import("../../crypto/log.js").RoomState} RoomState */

const KEPT = "profile"; // the mark of a room that holds its newest profile box

export class RoomProfile {
  #me;
  #id;
  /** @type {Profile} */
  value = { name: "", topic: "", avatar: "" };
  /** @type {Uint8Array | null} the committed bytes, for rotations and cards; null if unknown */
  plain = null;
  /** @type {ProfileBox | null} the box that it came in */
  box = null;
  #seq = -1;

  /** @param {import("../account/account.js").Account} me @param {string} id of the room */
  constructor(me, id) {
    this.#me = me;
    this.#id = id;
  }

  /** Tells whether the log names a newer profile. @param {RoomState} state */
  isOutdated(state) {
    return this.#seq !== state.profileSeq;
  }

  /** Drops the profile if the log no longer commits to it. @param {RoomState} state */
  dropOutdated(state) {
    if (this.isOutdated(state)) this.plain = null;
  }

  /**
   * Opens the profile that the log names, or keeps the last one. Keeps its box for the time when the
   * server has none.
   * @param {RoomState} state
   * @param {import("./keyring.js").Keyring} keys
   * @param {ProfileBox[]} boxes as the server has them, ascending by epoch
   * @returns {Promise<boolean>} whether there is a new one
   */
  async open(state, keys, boxes) {
    const { settings } = this.#me.store;
    const kept = /** @type {ProfileBox | undefined} */ (await settings.progress(this.#id, KEPT));
    const fresh = await this.#openNewest(state, keys, [...(kept ? [kept] : []), ...boxes]);
    if (this.box && this.box.box !== kept?.box)
      await settings.saveProgress(this.#id, KEPT, this.box);
    return fresh;
  }

  /** @param {RoomState} state @param {import("./keyring.js").Keyring} keys @param {ProfileBox[]} boxes */
  async #openNewest(state, keys, boxes) {
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
