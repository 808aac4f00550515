/** Read marks of the user, sent to the server now or after the next connection. */

export class ReadMarks {
  #list;
  #send;
  /** @type {Map<string, number>} seq by room, not sent yet */
  #unsent = new Map();

  /** @param {import("./room-list.js").RoomList} list @param {(frame: import("../net/frames.js").ClientFrame) => boolean} send */
  constructor(list, send) {
    this.#list = list;
    this.#send = send;
  }

  /**
   * Marks everything up to a message as read.
   * @param {string} room @param {number} seq
   * @returns {boolean} whether that is new
   */
  mark(room, seq) {
    // Before the person accepts a request, a read mark would reveal that they looked.
    if (this.#list.room(room)?.accepted === false) return false;
    if (!this.#list.read(room, seq)) return false;
    if (!this.#send({ type: "read", room, seq })) this.#unsent.set(room, seq);
    return true;
  }

  /** Sends the marks that could not be sent before. */
  flush() {
    for (const [room, seq] of this.#unsent) this.#send({ type: "read", room, seq });
    this.#unsent.clear();
  }
}
