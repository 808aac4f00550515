/**
 * SHA-256 in this thread. WebCrypto hands each call to another thread and back, which takes longer than the
 * work itself where that is as short as a message's. For workers that open many of them.
 */

export { sha256 as sha256Here } from "../../vendor/@noble/hashes/sha2.js";
