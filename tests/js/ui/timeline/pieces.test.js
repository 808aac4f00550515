import assert from "node:assert/strict";
import { test } from "node:test";
import { h } from "../../../../static/js/ui/dom.js";
import { avatar, figure } from "../../../../static/js/ui/people/avatar.js";
import { invitationPath } from "../../../../static/js/ui/people/join-dialog.js";
import { matching } from "../../../../static/js/ui/rooms/roomlist.js";
import { lateStrings as strings } from "../../../../static/js/ui/strings/late.js";
import { brief, clock, day, dayKey } from "../../../../static/js/ui/time.js";
import { leadElement } from "../../../../static/js/ui/timeline/message.js";
import { pollElement } from "../../../../static/js/ui/timeline/message-parts.js";
import { load } from "../../crypto/shared.js";
import { installDom, outline } from "../fake-dom.js";

installDom();

test("h sets attributes, listens, and takes text as text", () => {
  const pressed = () => {};
  const button = h(
    "button",
    { class: "x", disabled: true, hidden: false, title: null, onclick: pressed },
    "<b>",
    null,
    false,
    undefined,
    h("i", {}, "y"),
  );
  assert.deepEqual(button.attributes, { class: "x", disabled: "" });
  assert.equal(button.listeners.click, pressed);
  assert.equal(outline(button), "<button><b><i>y</i></button>");
});

test("a picture depends on the id alone, and ids differ", () => {
  assert.deepEqual(figure("kid"), figure("kid"));
  assert.equal(outline(avatar("kid")), outline(avatar("kid")));
  const many = new Set(Array.from({ length: 200 }, (_, n) => JSON.stringify(figure(`kid${n}`))));
  assert.ok(many.size > 190, `${many.size} of 200 differ`);
});

const SECRET = "Abc-_0123456789abcdefghijklmnopqrstuvwxyz01";
const LINK = `https://sotto.example/i#1.${SECRET}`;

test("an invitation link leads to its page with its fragment", () => {
  const origin = "https://sotto.example";
  assert.equal(SECRET.length, 43);
  for (const text of [
    "",
    "hello",
    "https://sotto.example/i",
    `https://sotto.example/rooms/#1.${SECRET}`,
    `https://sotto.example@else.example/i#1.${SECRET}`,
    LINK.slice(0, -1),
    `${LINK}a`,
  ]) {
    assert.deepEqual(invitationPath(text, origin), { problem: strings.notALink }, text);
  }
  for (const text of [
    `https://else.example/i#1.${SECRET}`,
    `else.example/i#1.${SECRET}`,
    `https://else.example/?to=sotto.example https://else.example/i#1.${SECRET}`,
  ])
    assert.deepEqual(
      invitationPath(text, origin),
      { problem: strings.otherServer("else.example") },
      text,
    );
  for (const host of ["sotto.example.evil.example", "evil-sotto.example", "sotto.example:8443"])
    assert.ok("problem" in invitationPath(`https://${host}/i#1.${SECRET}`, origin), host);
  assert.ok("problem" in invitationPath(`javascript:alert(1)//i#1.${SECRET}`, origin));
  for (const text of [
    ` ${LINK} \n`,
    `Join us: ${LINK}. See you!`,
    `[join](${LINK})`,
    `<${LINK}>，谢谢`,
    `sotto.example/i#1.${SECRET}`,
    `not https://else.example/i#1.${SECRET.replace("A", "B")} but ${LINK}`,
    LINK.replace("https", "Https"),
    LINK.replace("sotto.example", "SOTTO.Example"),
    LINK.replace(".example", ".example:443"),
    LINK.replace("/i#", "/i/#"),
    LINK.replace("#", "?utm=1&b=2#"),
    LINK.replace("#", "%23"),
    LINK.replace("#", "\n#"),
    ...[
      "。",
      "”",
      "»",
      "」",
      "！",
      "…",
      "’s",
      "\u202c",
      "&amp;",
      "\\n",
      "__",
      "|",
      "、次",
      "،",
    ].map((sign) => `看${LINK}${sign}`),
    `https://safe.example/?url=${encodeURIComponent(LINK)}&data=1`,
    `https://safe.example/?url=${encodeURIComponent(encodeURIComponent(LINK))}`,
    `1.${SECRET}`,
    `#1.${SECRET}\n`,
    `${LINK.slice(0, 40)}\n${LINK.slice(40)}\nSee you`,
    `${LINK.slice(0, 40)}=\r\n> ${LINK.slice(40)}`,
  ]) {
    assert.deepEqual(invitationPath(text, origin), { path: `/i#1.${SECRET}` }, text);
  }
});

test("a link is read out of what was pasted, as in the Python client", () => {
  const { pasted, fragment } = load("invite");
  assert.ok(pasted.length > 40);
  for (const text of pasted)
    assert.deepEqual(
      invitationPath(text, "https://sotto.example"),
      { path: `/i${fragment}` },
      text,
    );
});

test("a link without its host, or broken within it, is read; of another server it is not", () => {
  const origin = "https://sotto.example";
  for (const text of [
    `code: 1.${SECRET}`,
    `/i#1.${SECRET}`,
    `i#1.${SECRET}.`,
    `"#1.${SECRET}"`,
    `> #1.${SECRET}`,
    `secret:1.${SECRET}。`,
    LINK.replace("sotto.e", "sotto.e\n"),
    LINK.replace("sotto.e", "sotto.e=\r\n"),
    LINK.replace("https", "ht=\r\n> tps"),
    LINK.replace("https", "http"),
    LINK.replace("sotto.example", "sotto.example."),
    `\u2066${LINK.replace("sotto", "so\u200btto")}\u2069`,
    LINK.replace(".", ".\u00ad"),
  ])
    assert.deepEqual(invitationPath(text, origin), { path: `/i#1.${SECRET}` }, text);
  for (const text of [
    SECRET,
    `https://sotto.example/j#1.${SECRET}`,
    `https://sotto.example/i#2.${SECRET}`,
    `file:///i#1.${SECRET}`,
    `https://sotto.example/x?1.${SECRET}`,
    `https://sotto.example/1.${SECRET}`,
    `ada@1.${SECRET}`,
    `v1.${SECRET}`,
    `${LINK}ab`,
  ])
    assert.deepEqual(invitationPath(text, origin), { problem: strings.notALink }, text);
  for (const host of [
    "www.sotto.example",
    "xsotto.example",
    "sotto.example:8443",
    "sotto.examp.le",
  ])
    assert.deepEqual(
      invitationPath(`${host}/i#1.${SECRET}`, origin),
      { problem: strings.otherServer(host) },
      host,
    );
});

test("the filter finds parts of names, whatever the case", () => {
  const rooms = ["Garden", "Old garden", "Board"].map((name) => ({ name }));
  assert.deepEqual(
    matching(rooms, " GARD ").map(({ name }) => name),
    ["Garden", "Old garden"],
  );
  assert.equal(matching(rooms, "").length, 3);
});

/** In whatever language the tests run. */
const intl = (options, ts) => new Intl.DateTimeFormat(undefined, options).format(ts);

test("times are shorter the nearer they are", () => {
  const now = new Date(2026, 4, 14, 9).getTime();
  const at = (...parts) => new Date(...parts).getTime();
  assert.equal(brief(at(2026, 4, 14, 8), now), clock(at(2026, 4, 14, 8)));
  assert.equal(brief(at(2026, 4, 13, 23), now), intl({ weekday: "short" }, at(2026, 4, 13)));
  const date = { day: "numeric", month: "short" };
  assert.equal(brief(at(2026, 4, 7, 9), now), intl(date, at(2026, 4, 7)));
  assert.match(brief(at(2025, 11, 31), now), /2025/);
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const ago of [0, 1]) {
    const said = day(at(2026, 4, 14 - ago), now).toLocaleLowerCase();
    assert.equal(said, relative.format(-ago, "day").toLocaleLowerCase());
  }
  assert.doesNotMatch(day(at(2026, 4, 2), now), /2026/);
  assert.match(day(at(2025, 4, 2), now), /2025/);
});

test("all times of a day share its key", () => {
  assert.equal(
    dayKey(new Date(2026, 4, 4, 0).getTime()),
    dayKey(new Date(2026, 4, 4, 23).getTime()),
  );
});

test("numbers agree with their nouns", () => {
  assert.equal(strings.connection.unsent(1), "1 message is waiting.");
  assert.equal(strings.connection.unsent(3), "3 messages are waiting.");
  assert.equal(strings.typing(["ann", "ben"]), "ann and ben are typing …");
  assert.equal(strings.typing([]), "");
});

test("a long poll shows its first options, those that one chose, and all of them on request", async () => {
  const options = Array.from({ length: 20 }, (_, at) => ({
    label: `option ${at}`,
    names: [],
    mine: at === 15,
  }));
  const poll = { options, multi: true, voters: 1 };
  const draw = () => pollElement(poll, true, () => {}, "ada:1");
  const shown = (element) => {
    const all = element.querySelectorAll(".poll-option");
    return all.flatMap((option, at) => (option.hidden ? [] : [at]));
  };
  const first = draw();
  assert.deepEqual(shown(first), [0, 1, 2, 3, 4, 5, 6, 7, 15]);
  await first.querySelector(".show-all").click();
  assert.equal(shown(first).length, 20);
  assert.equal(shown(draw()).length, 20, "also when it is drawn again");
  const nine = { ...poll, options: options.slice(0, 9) };
  assert.equal(pollElement(nine, true, () => {}, "x").querySelector(".show-all"), null);
});

test("a room without messages says why it has none", () => {
  const go = { onOlder: () => {}, onStart: () => {} };
  const said = (state, start) => leadElement(state, go, start).textContent;
  const { expired, expiredHere, keptNothing, keptStart, allGone, olderGone, start, startText } =
    strings;
  const table = [
    ["empty", undefined, start + startText],
    ["empty", { kind: "beginning", text: "Hello ben" }, `${start}Hello ben`],
    ["empty", { kind: "expired", days: 1 }, allGone + expiredHere(1)],
    ["empty", { kind: "lost" }, allGone + olderGone],
    ["empty", { kind: "kept" }, allGone + keptNothing],
    ["start", undefined, start],
    ["start", { kind: "expired", days: 30 }, expired(30)],
    ["start", { kind: "kept" }, keptStart],
  ];
  for (const [state, about, text] of table) assert.equal(said(state, about), text);
});
