/**
 * Runs in the page of a room: one step of benchmarks/timeline.py. Times are in ms by the page's
 * clock; `longest` is the longest task of the main thread meanwhile, 0 if none took 50 ms.
 */
async ({ step, seq = 0, messages = 0, text = "" }) => {
  const scroll = document.getElementById("timeline");
  /** The next frame. Chromium without a window stops drawing now and then: a second later at most. */
  const frame = () =>
    new Promise((resolve) => {
      requestAnimationFrame(resolve);
      setTimeout(resolve, 1000);
    });
  let longest = 0;
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  });
  tasks.observe({ entryTypes: ["longtask"] });

  /** Waits until something is there, at most five minutes. */
  async function until(found) {
    const limit = performance.now() + 300_000;
    for (;;) {
      const value = found();
      if (value) return value;
      if (performance.now() > limit) throw new Error(`${step}: not within five minutes`);
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

  /** Goes up or down to a number, as a reader who turns the wheel without a pause. */
  async function scrolled(direction, goal) {
    let nodes = 0;
    await until(() => {
      scroll.scrollTop += direction * 1200;
      const here = seqs();
      nodes = Math.max(nodes, document.querySelectorAll("*").length);
      return direction < 0 ? Math.min(...here) <= goal : Math.max(...here) >= goal;
    });
    return { nodes };
  }

  /** Verifies and decrypts a room's last messages as the page does, a page at a time, in workers of its
   * own that have started. */
  async function verified() {
    const script = document.querySelector("script[type=module]").src;
    const load = (path) => import(new URL(path, script).href);
    const { Store } = await load("../store/store.js");
    const { MESSAGE_WORKER, startWorker } = await load("./trusted-scripts.js");
    const { WorkerMessageOpener } = await load("../conversation/messages/message-opener.js");
    const { me } = await (await fetch("/site.json")).json();
    const store = await Store.open(me.uid);
    const room = location.pathname.split("/")[2];
    const [log, keys] = [await store.rooms.log(room), await store.rooms.keys(room)];
    store.close();
    const rows = [];
    while (rows.length < messages) {
      const before = rows.length > 0 ? `&before=${rows[0].seq}` : "";
      const path = `/api/v1/chatrooms/${room}/messages?limit=100${before}`;
      const page = await (await fetch(path)).json();
      if (page.messages.length === 0) break;
      rows.unshift(...page.messages);
    }
    let starting = 0;
    const opener = new WorkerMessageOpener(() => {
      const worker = startWorker(MESSAGE_WORKER);
      starting += 1;
      worker.addEventListener("message", ({ data }) => {
        if (data.started) starting -= 1;
      });
      return worker;
    });
    opener.addEventListener("failed", () => {
      starting = Number.NaN;
    });
    const about = { id: room, ...log, keys };
    const open = (some) => Promise.all(some.map((row) => opener.open(row, about)));
    await open(rows.slice(0, 100));
    await until(() => starting === 0);
    for (let warm = 0; warm < 3; warm += 1) await open(rows.slice(0, 100));
    const began = performance.now();
    for (let at = 0; at < rows.length; at += 100) {
      const opened = await open(rows.slice(at, at + 100));
      if (opened.some(({ outcome }) => outcome !== "ok")) throw new Error("a message was refused");
    }
    const took = performance.now() - began;
    opener.close();
    if (starting !== 0) throw new Error("a worker failed");
    return { perSecond: Math.round((rows.length / took) * 1000) };
  }

  /** Chooses a day in the dialog that D opens; the clock starts with its button. */
  async function chooseDay() {
    scroll.focus();
    scroll.dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));
    const field = await until(() => document.querySelector("dialog[open] input[type=date]"));
    field.value = text;
    for (const line of scroll.querySelectorAll(".found")) line.classList.remove("found");
    const since = performance.now();
    performance.clearResourceTimings();
    field.form.requestSubmit();
    await until(() => {
      const line = scroll.querySelector(".found");
      return line && inView(line);
    });
    await frame();
    const now = performance.now();
    return { took: now - since, afterData: now - Math.max(since, answered()) };
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
  } else if (step === "date") {
    more = await chooseDay();
  } else if (step === "worker") {
    more = await verified();
  } else if (step === "read") {
    document.getElementById("to-newest").click();
    await until(() => document.getElementById("to-newest").hidden);
    await new Promise((resolve) => setTimeout(resolve, 500)); // the mark is sent
  } else if (step === "up" || step === "down") {
    more = await scrolled(step === "up" ? -1 : 1, seq);
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
