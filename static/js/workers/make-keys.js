/** Makes keys in a worker: it takes seconds on a phone, and must not block the page. */

self.onmessage = async () => {
  let step = 0;
  try {
    // On use: WebKitGTK 2.50 refuses what a worker of an isolated page imports by statement.
    const { generateKeys } = await import("../crypto/identity.js");
    const keys = await generateKeys((done) => {
      step = done;
      self.postMessage({ done });
    });
    self.postMessage({ keys });
  } catch (error) {
    // The kind of the error and how far it came: enough to report, nothing of the keys.
    const name = error instanceof Error ? error.name : "unknown";
    self.postMessage({ failed: `${name} at ${Math.round(step * 100)}%` });
  }
};
