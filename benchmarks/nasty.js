/**
 * Runs in a page: shows one text as a message is shown, until it is painted; in a second `step`
 * presses the button and measures the longest task until all of it is there.
 */
async ({ base, text, step, key }) => {
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  if (step === "whole") {
    const tasks = [];
    new PerformanceObserver((found) => {
      for (const { duration } of found.getEntries()) tasks.push(duration);
    }).observe({ type: "longtask" });
    while (document.querySelector(".show-all")) {
      document.querySelector(".show-all:not([aria-disabled])")?.click();
      await painted();
    }
    await painted();
    return { longest: Math.max(0, ...tasks) };
  }
  const { messageElement } = await import(`${base}/js/ui/message.js`);
  const line = {
    key,
    seq: 1,
    id: "",
    kind: "message",
    content: { t: "text", body: text },
    author: { uid: "a", name: "ada", kid: "k" },
    mine: false,
    leads: false,
    lh: 0,
    ts: 1,
    text,
    state: "received",
    mentions: ["ada"],
  };
  const list = document.createElement("ol");
  list.className = "timeline";
  document.body.replaceChildren(list);
  if (step === "empty") return painted();
  const deeds = new Proxy({}, { get: () => () => {} });
  list.append(messageElement({ key, line: "item", item: line, first: true }, deeds));
  await painted();
  const shown = list.querySelector(".message-text");
  return { elements: shown.querySelectorAll("*").length, characters: shown.textContent.length };
};
