/** Key making beside the page: it takes seconds on a phone, and the page must not stand still. */

import { generateKeys } from "./crypto/identity.js";

self.onmessage = async () => {
  try {
    const keys = await generateKeys((done) => self.postMessage({ done }));
    self.postMessage({ keys });
  } catch {
    self.postMessage({ failed: true });
  }
};
