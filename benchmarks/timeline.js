/**
 * Runs in the page of a room: one step of benchmarks/timeline.py. Times are in ms by the page's
 * clock; `longest` is the longest task of the main thread meanwhile, 0 if none took 50 ms.
 */
async ({ step, seq = 0, messages = 0, text = "" }) => {
  const scroll = document.getElementById("timeline");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let longest = 0;
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  });
  tasks.observe({ entryTypes: ["longtask"] });

  /** Waits until something is there, at most a minute. */
  async function until(found) {
    const limit = performance.now() + 60_000;
    for (;;) {
      const value = found();
      if (value) return value;
      if (performance.now() > limit) throw new Error(`${step}: not within a minute`);
      await frame();
    }
  }
  const seqs = () => [...scroll.querySelectorAll("[data-seq]")].map((line) => +line.dataset.seq);
  const answered = () => {
    const all = performance.getEntriesByType("resource");
    const pages = all.filter(({ name }) => name.includes("/messages?"));
    return pages.at(-1)?.responseEnd ?? 0;
  };
  const inView = (line) => {
    const { top, bottom } = line.getBoundingClientRect();
    const edge = scroll.getBoundingClientRect();
    return bottom > edge.top && top < edge.bottom;
  };

  /** Goes through messages in one direction, as a reader who turns the wheel without a pause. */
  async function scrolled(direction) {
    const from = direction < 0 ? Math.min(...seqs()) : Math.max(...seqs());
    const goal = from + direction * messages;
    let nodes = 0;
    await until(() => {
      scroll.scrollTop += direction * 1200;
      const here = seqs();
      nodes = Math.max(nodes, document.querySelectorAll("*").length);
      const reached = direction < 0 ? Math.min(...here) <= goal : Math.max(...here) >= goal;
      return reached || (direction < 0 && Math.min(...here) === 1);
    });
    return { nodes };
  }

  performance.clearResourceTimings();
  const begins = performance.now();
  let more = {};
  if (step === "jump") {
    location.hash = `#m${seq}`;
    await until(() => {
      const line = document.getElementById(`m${seq}`);
      return line && inView(line);
    });
    await frame();
    more = { afterData: Math.max(0, performance.now() - Math.max(begins, answered())) };
  } else if (step === "up" || step === "down") {
    more = await scrolled(step === "up" ? -1 : 1);
  } else if (step === "echo") {
    const box = document.getElementById("composer-text");
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("composer").requestSubmit();
    await until(() =>
      [...scroll.querySelectorAll(".message-text")].some((line) => line.textContent.includes(text)),
    );
  }
  const took = performance.now() - begins;
  await frame();
  tasks.disconnect();
  return { took, longest, nodes: document.querySelectorAll("*").length, ...more };
};
