import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { activityLogPanel, byDay } from "../../../static/js/ui/activity-log.js";
import { frozenNotice } from "../../../static/js/ui/frozen-notice.js";
import { intro, invitePanel, missed, OpenLinks, remaining } from "../../../static/js/ui/invites.js";
import { keyHealthPanel, lacking, ranges } from "../../../static/js/ui/key-health.js";
import { deletes, offered, policyPanel } from "../../../static/js/ui/policy.js";
import { roomSecurityPanel, verifiedText } from "../../../static/js/ui/room-security.js";
import { facts, storedMessagePanel } from "../../../static/js/ui/stored-message.js";
import { roomStrings as strings } from "../../../static/js/ui/strings-room.js";
import { full } from "../../../static/js/ui/time.js";
import { button, installDom, put, texts } from "./fake-dom.js";

beforeEach(installDom);

const NOON = new Date(2026, 4, 4, 12).getTime();
const HOUR = 3600_000;

// --- who can read what

const epochs = (count) => Array.from({ length: count }, (_, at) => ({ e: at + 1, ts: 0 }));
const holder = (name, since, have) => ({ uid: name, name, since, have });
const health = (about) =>
  put(keyHealthPanel({ missing: 0, mendable: 0, onMend: async () => {}, ...about }));

test("a member lacks what they are entitled to and do not have", () => {
  assert.deepEqual(lacking(epochs(5), holder("ben", 3, [4])), [3, 5]);
});

test("numbers are said as people write them", () => {
  assert.equal(ranges([1, 2, 3, 5, 7, 8]), "1–3, 5, 7–8");
  assert.equal(ranges([]), "");
});

test("each cell says in words what its dot means", () => {
  const body = health({ epochs: epochs(3), members: [holder("ben", 2, [3])] });
  const cells = body.querySelectorAll("td").map((cell) => cell.textContent);
  const { before, misses, has } = strings.health;
  assert.deepEqual(cells, [before, misses, has]);
});

test("many keys are ranges, and those who lack nothing are counted", () => {
  const all = epochs(30).map(({ e }) => e);
  const whole = Array.from({ length: 50 }, (_, n) => holder(`m${n}`, 1, all));
  const members = [...whole, holder("ben", 1, all.slice(0, 28))];
  const body = health({ epochs: epochs(30), members, missing: 2, mendable: 2 });
  assert.equal(body.querySelectorAll("tr").length, 2);
  assert.ok(body.textContent.includes("29–30"));
  assert.ok(body.textContent.includes(strings.health.rest(50)));
});

test("what cannot be handed over is not offered", () => {
  health({ epochs: epochs(1), members: [holder("ben", 1, [])], missing: 1 });
  assert.equal(button(strings.health.mend), undefined);
  assert.ok(document.body.textContent.includes(strings.health.none));
});

test("handing over is one click", async () => {
  let mended = 0;
  const about = { epochs: epochs(1), members: [holder("ben", 1, [])], missing: 2, mendable: 1 };
  health({ ...about, onMend: async () => mended++ });
  assert.ok(document.body.textContent.includes(strings.health.some(1, 2)));
  await button(strings.health.mend).click();
  assert.equal(mended, 1);
});

// --- the log

const happened = (seq, ts, t = "epoch") => ({
  seq,
  ts,
  t,
  by: "a",
  whom: "",
  text: `event ${seq}`,
});

test("the log is grouped by day", () => {
  const lines = [happened(0, NOON), happened(1, NOON + HOUR), happened(2, NOON + 24 * HOUR)];
  assert.deepEqual(
    byDay(lines).map((some) => some.map(({ seq }) => seq)),
    [[0, 1], [2]],
  );
});

test("the newest stands first, and a day is not begun twice where more is shown", async () => {
  const lines = Array.from({ length: 450 }, (_, seq) => happened(seq, NOON));
  const body = put(activityLogPanel({ lines, loading: false }));
  assert.ok(body.querySelector("li").textContent.startsWith("event 449"));
  assert.equal(body.querySelectorAll("li").length, 200);
  await button(strings.log.earlier).click();
  await button(strings.log.earlier).click();
  assert.equal(body.querySelectorAll("li").length, 450);
  assert.equal(body.querySelectorAll("h3").length, 1);
  assert.equal(button(strings.log.earlier).hidden, true);
});

test("an empty log says so, and one that loads shows that", () => {
  assert.ok(texts(activityLogPanel({ lines: [], loading: false })).includes(strings.log.none));
  assert.ok(put(activityLogPanel({ lines: [], loading: true })).querySelector(".skeleton"));
});

// --- rules

const RULES = {
  join: "link",
  history: "all",
  ai: "off",
  ain: 200,
  search: "server",
  n: 0,
  days: 0,
  ttl: 0,
};

test("only a shorter life deletes messages", () => {
  const ttl = (days) => ({ ...RULES, ttl: days });
  assert.equal(deletes(ttl(0), ttl(30)), true);
  assert.equal(deletes(ttl(30), ttl(7)), true);
  assert.equal(deletes(ttl(7), ttl(30)), false);
  assert.equal(deletes(ttl(30), ttl(0)), false);
  assert.equal(deletes(ttl(30), ttl(30)), false);
});

test("a value that is not usual is offered, too", () => {
  assert.deepEqual(offered([0, 7, 30], 45), [0, 7, 30, 45]);
  assert.deepEqual(offered([0, 7], 7), [0, 7]);
});

test("who cannot change the rules reads them", () => {
  const body = put(policyPanel({ policy: RULES, mayChange: false, onSave: async () => {} }));
  assert.equal(body.querySelector("form"), null);
  assert.ok(body.textContent.includes(strings.policy.join.link[1]));
  assert.ok(body.textContent.includes(strings.policy.n.said([])));
});

// --- what the server sees

const STORED = {
  seq: 12,
  uid: "0".repeat(31),
  dev: "32".repeat(16),
  n: 3,
  cid: "ab".repeat(16),
  e: 2,
  ct: "c2VhbGVk",
  sig: "x".repeat(86),
  at: NOON,
  tokens: [1, 2, 3],
  size: 80,
};
const fact = (stored, name) => facts(stored, "").find(([what]) => what === name);

test("each thing that the server keeps is said, with what it tells", () => {
  const { names, says } = strings.stored;
  assert.equal(fact(STORED, names.tokens)[1], strings.stored.words(3));
  assert.equal(fact(STORED, names.dev)[2], says.dev(3));
  assert.equal(fact(STORED, names.re), undefined);
  assert.ok(facts(STORED, "ben")[0][1].startsWith("ben, "));
  for (const [, value, text] of facts(STORED, "ben")) assert.ok(value && text);
});

test("of a deleted message it says what is left", () => {
  const { ct: _, ...left } = STORED;
  const tombstone = { ...left, ct: null, sha: "y".repeat(43), del: 15, tokens: [] };
  assert.equal(fact(tombstone, strings.stored.names.ct)[1], strings.stored.gone);
  assert.equal(fact(tombstone, strings.stored.names.tokens)[2], strings.stored.says.noTokens);
  assert.ok(texts(storedMessagePanel({ stored: tombstone })).includes(strings.stored.deleted));
});

test("the raw message is shown as text", () => {
  const body = put(storedMessagePanel({ stored: { ...STORED, h: "<b>" } }));
  assert.deepEqual(JSON.parse(body.querySelector("pre").textContent), { ...STORED, h: "<b>" });
});

// --- a stopped room

test("the way out of a stopped room needs a typed word", async () => {
  let accepted = 0;
  put([frozenNotice({ onExport: async () => {}, onAccept: async () => accepted++ })]);
  const going = button(strings.stop.accept).click();
  const dialog = document.querySelector("dialog");
  const submit = () => dialog.querySelector("form").dispatchEvent(new Event("submit"));
  submit();
  assert.equal(accepted, 0);
  dialog.querySelector("input").value = strings.stop.acceptWord;
  submit();
  await going;
  assert.equal(accepted, 1);
});

test("evidence that could not be written says so", async () => {
  const onExport = () => {
    throw new Error("The disk is full.");
  };
  put([frozenNotice({ onExport, onAccept: async () => {} })]);
  await button(strings.stop.export).click();
  assert.equal(document.querySelector(".trouble").textContent, "The disk is full.");
});

test("what the operator says stands beside the stop, in plain text", async () => {
  const said = { at: NOON, backup: NOON - 24 * HOUR };
  const calm = { onExport: async () => {}, onAccept: async () => {} };
  put([frozenNotice({ ...calm, restored: Promise.resolve(said) })]);
  const word = document.querySelector(".frozen-restored");
  assert.equal(word.hidden, true);
  await said;
  await Promise.resolve();
  assert.equal(word.hidden, false);
  assert.equal(word.textContent, strings.stop.restored(full(said.at), full(said.backup)));
  assert.equal(document.querySelector("h2").textContent, strings.stop.title);
});

test("where the operator says nothing the stop stands alone", async () => {
  const calm = { onExport: async () => {}, onAccept: async () => {} };
  for (const restored of [Promise.resolve(undefined), Promise.reject(new Error("away"))]) {
    put([frozenNotice({ ...calm, restored })]);
    await restored.catch(() => {});
    assert.equal(document.querySelector(".frozen-restored").hidden, true);
  }
});

// --- links

const link = (iid, about = {}) => ({
  iid,
  by: "me",
  exp: NOON + 5.5 * HOUR,
  max: 5,
  uses: 2,
  state: "open",
  ...about,
});

test("the words beside a link follow the rules of the room", () => {
  assert.equal(intro({ join: "link", history: "all" }), strings.inviteIntro);
  assert.equal(intro({ join: "link", history: "join" }), strings.link.introJoin);
  assert.equal(intro({ join: "approve", history: "all" }), strings.link.introApprove);
});

test("an ended link is offered anew until the user has another one", () => {
  const ended = { iid: "a", why: "leave", who: "cleo" };
  const voided = link("a", { state: "voided" });
  assert.equal(missed([voided], [ended]), ended);
  assert.equal(missed([voided, link("b", { by: "ben" })], [ended]), ended);
  assert.equal(missed([voided, link("b")], [ended]), undefined);
  assert.equal(missed([link("b")], []), undefined);
});

test("a new link has what was left of the ended one", async () => {
  assert.deepEqual(remaining(link("a"), NOON), { hours: 6, max: 3 });
  assert.deepEqual(remaining(undefined), { hours: 24, max: 1 });
  const made = [];
  const body = put(
    invitePanel({
      invites: [link("a", { state: "voided", exp: Date.now() + HOUR / 2 })],
      voided: [{ iid: "a", why: "remove", who: "cleo" }],
      onCreate: async (terms) => {
        made.push(terms);
        return "https://sotto.example/i#1.x";
      },
      links: new OpenLinks(async () => {}),
    }),
  );
  assert.ok(body.textContent.includes(strings.link.ended.remove("cleo")));
  await button(strings.link.again).click();
  assert.deepEqual(made, [{ hours: 1, max: 3 }]);
  assert.ok(body.querySelector("#invite-link"));
  assert.ok(!body.textContent.includes(strings.link.ended.remove("cleo")));
});

test("a link that was made stays on the page when the next one fails", async () => {
  let works = true;
  const onCreate = async () => {
    if (works) return "https://sotto.example/i#1.x";
    throw new Error("Too many links.");
  };
  const body = put(invitePanel({ invites: [], onCreate, links: new OpenLinks(async () => {}) }));
  const form = body.querySelector("form");
  const make = () => form.listeners.submit(new Event("submit"));
  await make();
  works = false;
  await make();
  assert.ok(body.querySelector("#invite-link"));
  assert.ok(body.textContent.includes("Too many links."));
});

test("a link that was just made stands among the open ones at once", async () => {
  const links = new OpenLinks(async () => {});
  const onCreate = async () => {
    links.show([link("new")]);
    return "https://sotto.example/i#1.x";
  };
  const body = put(invitePanel({ invites: [], onCreate, links }));
  assert.ok(body.textContent.includes(strings.noLinks));
  await body.querySelector("form").listeners.submit(new Event("submit"));
  assert.equal(body.querySelector(".invites").childElementCount, 1);
  assert.ok(!body.textContent.includes(strings.noLinks));
  assert.ok(body.querySelector("#invite-link"), "the link itself stays in view");
  links.show([link("new", { state: "used" })]);
  assert.ok(body.textContent.includes(strings.noLinks));
});

// --- this room

test("it says how many were verified", () => {
  const words = strings.this;
  assert.equal(verifiedText(0, 0), words.verifiedAlone);
  assert.equal(verifiedText(0, 4), words.verifiedNone);
  assert.equal(verifiedText(2, 4), words.verifiedSome(2, 4));
  assert.equal(verifiedText(4, 4), words.verifiedAll);
});

test("the panel of a room leads on", async () => {
  const went = [];
  const body = put(
    roomSecurityPanel({
      verified: 1,
      members: 2,
      lastRotation: NOON,
      onHealth: () => went.push("health"),
      onLog: () => went.push("log"),
      onPolicy: () => went.push("policy"),
    }),
  );
  assert.ok(body.textContent.includes(strings.this.verifiedAll), "oneself is not counted");
  for (const { title } of [strings.health, strings.log, strings.policy])
    await button(title).click();
  assert.deepEqual(went, ["health", "log", "policy"]);
  assert.equal(button(strings.stored.title), undefined);
});
