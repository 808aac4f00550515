/** Verifies and decrypts messages in a worker: a page of them would keep the page from drawing. */

/** @typedef {import("../crypto/open-message.js").RoomKeys} RoomKeys */
/**
 * @typedef {object} Job
 * @property {number} job
 * @property {string} room
 * @property {import("../crypto/message.js").StoredMessage[]} rows
 * @property {RoomKeys["keys"]} keys
 * @property {Omit<RoomKeys, "keys">} [log] if it has changed since the last job of the room
 */

// As it starts: WebKitGTK 2.50 refuses what a worker of an isolated page imports by statement.
const loading = Promise.all([
  import("../crypto/open-message.js"),
  import("../crypto/hash-here.js"),
]).catch(() => null);

/** @type {Map<string, Omit<RoomKeys, "keys">>} by room */
const logs = new Map();

self.onmessage = async ({ data }) => {
  const { job, room, rows, keys, log } = /** @type {Job} */ (data);
  if (log) logs.set(room, log);
  const known = logs.get(room);
  const code = await loading;
  if (!known || !code) return self.postMessage({ job, failed: true });
  const [{ openMessage }, { sha256Here }] = code;
  const about = { ...known, keys };
  const opened = await Promise.all(rows.map((row) => openMessage(row, about, sha256Here)));
  self.postMessage({ job, opened });
};

loading.then((code) => code && self.postMessage({ started: true }));
