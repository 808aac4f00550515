/** Summary requests that wait for an answer, with the keys that open the answers. */

/**
 * @typedef {object} SummaryRequest
 * @property {string} rid
 * @property {string} reply b64, the key of the answer
 * @property {number} dis seq of the `disclose` event
 * @property {number} from seq
 * @property {number} to seq
 * @property {number} a epoch
 * @property {number} b epoch
 * @property {number} base `dis` of the summary that this one continues, or 0
 * @property {[string, string][]} names what stands for whom, where names were replaced
 */

export class SummaryRequestStore {
  #scope;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** @param {string} room @returns {Promise<(SummaryRequest & {room: string})[]>} */
  async summaryRequests(room) {
    const kept = await this.#scope.db.getAll("asks", this.#scope.range(room));
    return Promise.all(
      kept.map(async ({ rid, sealed }) => ({
        rid,
        room,
        .../** @type {Omit<SummaryRequest, "rid">} */ (await this.#scope.openJson(sealed)),
      })),
    );
  }

  /** @param {string} room @param {SummaryRequest} request @returns {Promise<void>} */
  async saveSummaryRequest(room, { rid, ...rest }) {
    const { db, uid: me, space } = this.#scope;
    const sealed = await this.#scope.sealJson(rest);
    await space.require("keys", () => db.put("asks", { me, room, rid, sealed }));
  }

  /** @param {string} room @param {string} rid @returns {Promise<void>} */
  async dropSummaryRequest(room, rid) {
    await this.#scope.db.delete("asks", [this.#scope.uid, room, rid]);
  }
}
