/** A room's name, topic and avatar: only the profile that the log commits to counts. */

import { b64, unb64 } from "../../crypto/bytes.js";
import { loadCode } from "../load-code.js";

/** @typedef {import("../../crypto/profile.js").Profile} Profile */
/** @typedef {import("../../net/types.js").ProfileBox} ProfileBox */
/** @typedef {import("../../crypto/log.js").RoomState} RoomState */

/** @typedef {{h: string, profile: Profile, plain: string}} KeptProfile what was opened and compared with
 *   the log's `h` at an earlier visit; `plain` is b64 */

const KEPT = "opened-profile"; // the mark of a room that holds it
const BOX = "profile"; // earlier versions kept the box that it came in

/** Loads what opens boxes, when one has come. */
const loadOpening = () => loadCode(() => import("../../crypto/profile.js"));

export class RoomProfile {
  #me;
  #id;
  /** @type {Profile} */
  value = { name: "", topic: "", avatar: "" };
  /** @type {Uint8Array | null} the committed bytes, for rotations and cards; null if unknown */
  plain = null;
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
   * Takes the profile that the log names, or keeps the last one. What is opened is kept, sealed: a later
   * visit needs neither its box nor a key.
   * @param {RoomState} state
   * @param {import("./keyring.js").Keyring} keys
   * @param {ProfileBox[]} boxes as the server has them, ascending by epoch
   * @returns {Promise<boolean>} whether there is a new one
   */
  async open(state, keys, boxes) {
    if (!this.isOutdated(state)) return false;
    const kept = await this.#kept();
    if (kept?.h !== state.h) return this.#openNewest(state, keys, boxes);
    this.#take(state, kept.profile, unb64(kept.plain));
    return true;
  }

  /** @returns {Promise<KeptProfile | null>} null, too, where it cannot be read */
  async #kept() {
    const kept = await this.#me.store.settings.sealedProgress(this.#id, KEPT).catch(() => null);
    return /** @type {KeptProfile | null} */ (kept ?? null);
  }

  /** @param {RoomState} state @param {import("./keyring.js").Keyring} keys @param {ProfileBox[]} given */
  async #openNewest(state, keys, given) {
    const { settings } = this.#me.store;
    const box = /** @type {ProfileBox | undefined} */ (await settings.progress(this.#id, BOX));
    const boxes = [...(box ? [box] : []), ...given].filter(({ e }) => keys.get(e));
    if (boxes.length === 0) return false;
    const { openProfile } = await loadOpening();
    for (const { e, box } of boxes.reverse()) {
      const key = /** @type {Uint8Array} */ (keys.get(e));
      const opened = await openProfile(key, state.room, e, box, state.h);
      if (!opened) continue;
      const { profile, plain } = opened;
      this.#take(state, profile, plain);
      const kept = { h: state.h, profile, plain: b64(plain) };
      await settings.saveSealedProgress(this.#id, KEPT, kept);
      return true;
    }
    return false;
  }

  /** @param {RoomState} state @param {Profile} profile @param {Uint8Array} plain */
  #take(state, profile, plain) {
    this.value = profile;
    this.plain = plain;
    this.#seq = state.profileSeq;
  }
}
