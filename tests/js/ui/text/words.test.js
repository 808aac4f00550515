/** Properties of every text that is shown: no word is lost, nothing is empty, nothing is unsafe. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { reactionKey } from "../../../../static/js/conversation/messages/apply-changes.js";
import { fileName } from "../../../../static/js/ui/files/file-names.js";
import { isInvisible, safeName } from "../../../../static/js/ui/people/names.js";
import { plainText, preview } from "../../../../static/js/ui/text/plain-text.js";
import { mentionedIn, renderText } from "../../../../static/js/ui/text/text.js";
import { wordsOf } from "../../../../static/js/ui/timeline/copy-messages.js";
import { load } from "../../crypto/shared.js";
import { installDom, outline } from "../fake-dom.js";

installDom();

const ALLOWED = new Set(
  "p strong em s code pre blockquote ul ol li br a span bdi div table thead tbody tr th td wbr button svg use".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(
  "class dir href target rel title start value role tabindex aria-label aria-hidden type".split(
    " ",
  ),
);
const shown = (text, names) => renderText(text, names).map(outline).join("");
const LINES = new Set("p pre li td th br blockquote".split(" "));
const linesOf = (node) =>
  node.tag
    ? node.children.map(linesOf).join("") + (LINES.has(node.tag) ? "\n" : "")
    : node.textContent;
const textOf = (text, names) => renderText(text, names).map(linesOf).join("").replace(/\n$/, "");

const AS_TYPED = [
  "[lunch]: 12:30",
  "see [lunch]: 12:30 today",
  ">",
  "> ",
  "#",
  "###### ",
  "```",
  "```js",
  "```\n\n```",
  "~~~",
  "-",
  "1.",
  "- \n- ",
  "****",
  "__",
  "``",
  "[]()",
  "![]()",
  "takes ~3~5 minutes",
  "~/notes and ~/todo",
  "\\\\server\\share",
  "C:\\!new\\_old",
  "C:\\Users\\_admin\\*.txt",
  "D:\\_a_\\*b*\\[c]",
  "\\_(ツ)_/",
  "a \\ b \\n \\d+ \\w*",
  "1986. A great year",
  "24. December",
  "1. April",
  "+ 1 for that",
  "01. first\n02. second",
  "__init__.py and 2*3*4",
  "__main__",
  "obj.__class__.__name__",
  "snake_case_name and _private.x",
  "a*b*c, 2**3**4",
  "*.txt,*.py and **/*.js",
  "f(*args, **kwargs)",
  "int *p, *q;",
  "char **argv, **envp;",
  "x*(y)*(z) and (a)*(b)*(c)",
  "/*a*/ and /**/",
  "Bob\n---",
  "Bob\n===",
  "***",
  "___",
  ">_< and >:( and ->",
  ">>> print(1)",
  "#hashtag #1",
  "~~~ wow ~~~",
  "``` a b",
  "<b>bold</b> &amp; <!-- x -->",
  "<script>alert(1)</script>",
  "[x](javascript:alert(1))",
  "[x](data:text/html,hi)",
  "[x](https://bank.example@evil.example/)",
  "https://bank.example@evil.example/",
  "ann@a.example",
  "  two spaces\n   three",
  "curl a \\\n  -H b",
  "| a | b |",
  "a | b\nc | d",
  ":-) 8) 1) fun",
  "¯\\_(ツ)_/¯",
  "\\*",
  "\\#",
  "\\- ",
  "1\\.",
  "[^1]: a footnote",
  "[TODO]: milk\n[DONE]: bread",
  "12:30 - lunch\n13:00 - talk",
  "1000. a\n1001. b",
  "%USERPROFILE%\\_x and $\\alpha_1 * \\beta_2$",
  "List<String> a; Map<K,V>",
  "&lt;b&gt; &nbsp; &#x202E; &copy",
  "<![CDATA[x]]>",
  "**Note:**text and **unclosed",
  "|||\n|-|-|\n|||",
  "xhttps://a.example",
  "ftp://a.example mailto:a@b.example",
];

for (const text of AS_TYPED) {
  test(`is shown as it was typed: ${JSON.stringify(text)}`, () => {
    const page = shown(text).replaceAll("<br></br>", "\n").replaceAll("</p><p>", "\n");
    assert.equal(page, `<p>${text}</p>`);
  });
}

const MARKUP = {
  "only two tildes strike": ["~~x~~ ~y~", "<p><s>x</s> ~y~</p>"],
  "an escape goes where it prevents emphasis": ["\\*a\\* \\_b\\_", "<p>*a* _b_</p>"],
  "an escape goes where it prevents a link": ["\\[a\\](https://a.example)", /^<p>\[a\]\(<a /],
  "an escape goes where it prevents code": ["\\`a\\`", "<p>`a`</p>"],
  "an escape goes where it prevents a list or a heading": [
    "\\# a\n\\- b\n1\\. c\n2\\. d",
    "<p># a<br></br>- b<br></br>1. c<br></br>2. d</p>",
  ],
  "an escape that prevents nothing stays": ["snake\\_case \\. \\#", "<p>snake\\_case \\. \\#</p>"],
  "emphasis beside words of Chinese": ["这是**重要：**的", "<p>这是<strong>重要：</strong>的</p>"],
  "code keeps its lines": ["`a\nb`", "<p><code>a\nb</code></p>"],
  "code that begins beside its fence": ["```a b\nc```", "<p><code>a b\nc</code></p>"],
  "an empty item among others": ["- a\n-\n- b", "<ul><li>a</li><li></li><li>b</li></ul>"],
  "a table": [
    "| a | b |\n|---|--:|\n| 1 | 2 |",
    "<div><div><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div></div>",
  ],
  "surplus cells of a table": ["a|b\n-|-\n1|2|3", /<td>2 \| 3<\/td>/],
  "a pipe within a cell": ["|a|\n|-|\n|x \\| y|", /<td>x \| y<\/td>/],
  tasks: ["- [ ] open\n- [x] done", "<ul><li>☐ open</li><li>☑ done</li></ul>"],
  "a picture is its words and a link": [
    "![cat](https://a.example/c.png)",
    "<p>cat <a https://a.example/c.png>https://a.example/c.png</a></p>",
  ],
  "a Chinese comma ends an address": [
    "看 https://example.org/a，谢谢",
    "<p>看 <a https://example.org/a>https://example.org/a</a>，谢谢</p>",
  ],
  "the end of a sentence of any script is no part of an address": [
    "https://a.example/a׃ https://a.example/b։ https://a.example/c። https://a.example/d။ https://a.example/e॥",
    /e\/a<\/a>׃ .*e\/b<\/a>։ .*e\/c<\/a>። .*e\/d<\/a>။ .*e\/e<\/a>॥/,
  ],
  "a bracket that an address did not open ends it": [
    "(https://a.example/b_(c)) [https://a.example/d] “https://a.example/e” 「https://a.example/f」",
    /b_\(c\)<\/a>\) \[<a [^>]+>[^<]+\/d<\/a>\] “<a [^>]+>[^<]+\/e<\/a>” 「<a [^>]+>[^<]+\/f<\/a>」/,
  ],
  "a comma or a stop of Arabic, Hindi or Burmese ends an address, whatever follows": [
    "https://a.example/a،سلام https://a.example/b؟نعم https://a.example/c।फिर https://a.example/d။နောက်",
    /e\/a<\/a>،سلام .*e\/b<\/a>؟نعم .*e\/c<\/a>।फिर .*e\/d<\/a>။နောက်/,
  ],
  "an address after a word of Chinese": ["看https://a.example/", /<p>看<a /],
  "a host with a letter of another script": [
    "https://googlе.com/",
    "<p><a https://xn--googl-3we.com/>https://googlе.com/<span> (xn--googl-3we.com)</span></a></p>",
  ],
  "a host in other letters, numbers or parts": [
    "http://ＧＯＯＧＬＥ.com http://0x7f.1/",
    /\(google\.com\)<\/span><\/a> .*\(127\.0\.0\.1\)/,
  ],
};

for (const [name, [text, expected]] of Object.entries(MARKUP)) {
  test(`shows ${name}`, () => {
    if (typeof expected === "string") assert.equal(shown(text), expected);
    else assert.match(shown(text), expected);
  });
}

test("the numbers of a list are those that were typed", () => {
  const [list] = renderText("2. two\n5. five\n6. six");
  assert.equal(list.attributes.start, "2");
  assert.deepEqual(
    list.children.map(({ attributes }) => attributes.value),
    [undefined, "5", undefined],
  );
  assert.equal(renderText("0. zero\n1. one")[0].attributes.start, "0");
  assert.equal(renderText("1) a\n2) b")[0].attributes.class, "parenthesis");
});

test("indented code keeps its indentation", () => {
  const [block] = renderText("    def f():\n        return 1\n\n    f()");
  assert.equal(block.textContent, "def f():\n    return 1\n\nf()");
  assert.equal(textOf("def f():\n    return 1\n        x"), "def f():\n    return 1\n        x");
});

test("pasted code with blank lines keeps its indentation", () => {
  for (const text of [
    "def f():\n    a = 1\n\n    if a:\n        return 2",
    "class A:\n\n    def f(self):\n        pass\n\n    x = 1",
    "    return 1\n\nx = 2",
  ]) {
    const typed = text.split("\n").filter(Boolean);
    const page = textOf(text).split("\n").filter(Boolean);
    assert.deepEqual(page, typed);
  }
});

test("titles of links and pictures, and long texts beside a fence, are on the page", () => {
  assert.match(textOf("[a](https://a.example 'title words')"), /^a \(a\.example\) 'title words'$/);
  assert.match(textOf('![a](https://a.example "title words") b'), / "title words" b$/);
  const words = Array.from({ length: 100 }, (_, at) => `word${at}`).join(" ");
  assert.ok(textOf(`\`\`\`${words}\ncode\n\`\`\``).includes(`${words}\ncode`));
});

test("code says its language and can be copied", () => {
  const [block] = renderText("```python title=a\nx = 1\n```");
  assert.equal(block.querySelector(".code-label").textContent, "python title=a");
  assert.ok(block.querySelector("button").attributes["aria-label"]);
  assert.equal(block.querySelector("pre").attributes.dir, "ltr");
});

test("a name that looks like emphasis is a mention, shown and counted alike", () => {
  const names = ["_eve_", "eve", "ada.l"];
  assert.equal(shown("hi @_eve_ there", ["_eve_"]), "<p>hi <bdi>@_eve_</bdi> there</p>");
  for (const [text, expected] of [
    ["hi @_eve_ there", ["_eve_"]],
    ["*@eve* **@Ada.L**.", ["eve", "ada.l"]],
    ["你好@eve，再见", ["eve"]],
    ["`@eve` ```@eve```", []],
    ["```\n@eve\n```", []],
    ["    @eve", []],
    ["\\@eve", []],
    ["a@eve.example https://a.example/@eve", []],
    ["> - @eve\n\n| @ada.l |\n|-|\n", ["eve", "ada.l"]],
    ["@evelyn", []],
  ]) {
    assert.deepEqual(mentionedIn(text, names).sort(), [...expected].sort(), text);
    const marked = renderText(text, names).flatMap((node) => node.querySelectorAll(".mention"));
    assert.equal(marked.length, expected.length, text);
  }
});

test("a preview has the mentions that its message shows, and no others", () => {
  for (const [text, names, expected] of [
    ["hi @_eve_", ["_eve_"], "hi @_eve_"],
    ["hi @_eve_", [], "hi @eve"],
    ["_hi @eve_", ["eve"], "hi @eve"],
    ["_hi @eve_", ["eve_"], "_hi @eve_"],
    ["*@eve* and __@ada.l__.", ["eve", "ada.l"], "@eve and @ada.l."],
    ["_@eve._ @-eve-", ["eve.", "-eve-"], "@eve. @-eve-"],
    ["@a_b_ _c_", ["a_b_"], "@a_b_ c"],
  ]) {
    assert.equal(preview(text, names), expected, text);
    assert.equal(visibleWords(renderText(text, names)), expected, text);
  }
});

test("each text has the direction of its own letters, and code none of theirs", () => {
  for (const text of ["a", "# a", "- a", "> a"])
    assert.equal(renderText(text)[0].attributes.dir, "auto", text);
  const [paragraph] = renderText("`a` https://a.example");
  assert.deepEqual(
    paragraph.querySelectorAll("[dir]").map(({ attributes }) => attributes.dir),
    ["ltr", "ltr"],
  );
});

test("a text without visible characters says which it has", () => {
  assert.equal(textOf("\u200b\u2060"), "[U+200B][U+2060]");
  for (const [text, shown] of [
    ["\ufeff", "[U+FEFF]"],
    ["\u00a0", "[U+00A0]"],
    ["\u3000 ", "[U+3000] "],
  ])
    assert.equal(textOf(text), shown);
  for (const text of [
    "",
    " \n",
    "\u200b",
    "\u00ad\u2060 ",
    "\u3164",
    "\u2800",
    "\ufe0f",
    "\u{e0041}",
  ])
    assert.ok(isInvisible(text), JSON.stringify(text));
  for (const text of ["a", ".", "👍", "❤️", "\ue000"]) assert.ok(!isInvisible(text), text);
});

test("names and reactions are as in the Python client", () => {
  const { files, rooms, invisible, reactions } = load("names");
  for (const [name, stem, ending] of files) assert.deepEqual(fileName(name), { stem, ending });
  for (const [name, safe] of rooms) assert.equal(safeName(name), safe);
  for (const [text, key] of reactions) assert.equal(reactionKey(text), key, JSON.stringify(text));
  for (const [text, nothing] of invisible) assert.equal(isInvisible(text), nothing);
});

test("the name of a file shows what it hides, and ends with its ending", () => {
  assert.deepEqual(fileName("photo\u202egpj.exe"), { stem: "photo[U+202E]gpj", ending: ".exe" });
  assert.deepEqual(fileName("a\u0000b\u2066.tar.gz").ending, ".gz");
  assert.equal(fileName(`${"a".repeat(300)}.exe`).ending, ".exe");
  assert.equal(fileName(`invoice.pdf${" ".repeat(200)}.exe`).ending, ".exe");
  assert.equal(safeName("Choir\u202e\u0007"), "Choir[U+202E][U+0007]");
  assert.equal(safeName("می‌خواهم 👩‍👧"), "می‌خواهم 👩‍👧");
});

test("a preview is the words in one line", () => {
  for (const [text, expected] of [
    ["# Title\n\n**bold** `code`", "Title bold code"],
    ["- [x] done\n- [ ] open", "☑ done ☐ open"],
    ["1. a\n2. b", "1. a 2. b"],
    ["> said\n\nyes", "said yes"],
    ["```js\nlet x\n```", "js let x"],
    ["[a](https://a.example 'title words')", "a 'title words'"],
    ["\ufeff", "[U+FEFF]"],
    ["\u00a0", "[U+00A0]"],
    ["\u3000", "[U+3000]"],
    ["hi @_eve_", "hi @eve"],
    ["[a](https://a.example)", "a"],
    [">", ">"],
    ["\u200b", "[U+200B]"],
    ["a\u202eb", "a[U+202E]b"],
  ])
    assert.equal(preview(text), expected);
  assert.ok(preview("word ".repeat(1000)).length <= 281);
});

// --- generated texts ---------------------------------------------------------------------------

const WORDS = ["anna", "2nd", "קפה", "سلام", "日本", "zwölf", "x", "42"];
const SIGNS =
  "* ** *** _ __ ~ ~~ ` `` ``` \\ \\* [ ] ( ) [a](https://a.example) ![b](https://b.example) [a](https://a.example+'anna+2nd') [x](https://c.example+'zwölf') > # ## - + 1. 2) | |-| @eve @_eve_ : ! < > & https://c.example \n \n\n \n\t"
    .split(" ")
    .map((sign) => sign.replace("example+", "example ").replace("anna+2nd", "anna 2nd"));
const GAPS = [" ", " ", "  ", "", "\n", "\n\n", "\n    ", "\n> ", "\n- ", "\n3. "];

/** A generator of numbers below 1, the same for the same seed. @param {number} seed */
const random = (seed) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** @param {number} seed */
function generated(seed) {
  const next = random(seed);
  const one = (list) => list[Math.floor(next() * list.length)];
  let text = "";
  for (let many = Math.floor(next() * 24); many >= 0; many -= 1)
    text += (next() < 0.5 ? one(WORDS) : one(SIGNS)) + one(GAPS);
  return text;
}

/** The characters of a text but for spaces and marks that may become elements, for addresses, which
 * may be shown once, twice or not at all, and for numbers that may be a list's own. */
const lettersOf = (text) =>
  text
    .replace(/https?:\/\/[abc]\.example\/?|\([a-c]\.example\)/g, " ")
    .replace(/(?<![\p{L}\p{N}])\d+[.)]/gu, " ")
    .match(/[^\s*_~`\\[\]()!>#|.+-]/gu) ?? [];

/** Tells whether letters stand among others in their order. */
const isKept = (found, wanted) => {
  let at = 0;
  for (const letter of wanted) at = found.indexOf(letter, at) + 1 || Number.POSITIVE_INFINITY;
  return at <= found.length;
};

/** The words that nodes show, as a selection of them is copied; beside links their hosts are left out.
 * @param {Node[]} nodes */
const visibleWords = (nodes) => {
  for (const host of nodes.flatMap((node) => node.querySelectorAll?.(".link-host") ?? []))
    host.remove();
  return nodes.map(wordsOf).join("").trim();
};

/** The characters of a text that neither a list nor a table adds. @param {string} text */
const bare = (text) => text.replace(/[\s\d.)|•]/g, "");

const NAMES = ["eve", "_eve_", "eve_", "-eve", "eve.x", "e.v-e_"];
const CALLS = [...NAMES, "EVE", "_eve", "evelyn", "."].map((name) => `@${name}`);
const AROUND =
  "* ** _ __ ~~ ` ( ) [ ](https://a.example) > # \\ , . anna 日本 x_ _x https://c.example/".split(
    " ",
  );

test("what is shown, counted, previewed and copied agrees on mentions", () => {
  let mentions = 0;
  for (let seed = 0; seed < 3000; seed += 1) {
    const next = random(seed);
    const one = (list) => list[Math.floor(next() * list.length)];
    let text = "";
    for (let many = Math.floor(next() * 10); many >= 0; many -= 1)
      text += (next() < 0.4 ? one(CALLS) : one(AROUND)) + one(["", "", " ", "\n"]);
    const names = NAMES.filter(() => next() < 0.6);
    const about = JSON.stringify([text, names]);
    const nodes = renderText(text, names);
    const shown = nodes.flatMap((node) => node.querySelectorAll(".mention"));
    const called = shown.map(({ textContent }) => textContent.slice(1).toLowerCase());
    assert.deepEqual([...new Set(called)].sort(), mentionedIn(text, names).sort(), about);
    assert.equal(bare(visibleWords(nodes)), bare(plainText(text, names)), about);
    mentions += shown.length;
  }
  assert.ok(mentions > 1000);
});

const check = (node) => {
  if (!node.tag) return;
  assert.ok(ALLOWED.has(node.tag), node.tag);
  for (const name of Object.keys(node.attributes)) assert.ok(ATTRIBUTES.has(name), name);
  if (node.tag === "a") assert.match(node.attributes.href, /^https?:\/\//);
  for (const child of node.children) check(child);
};

for (let part = 0; part < 10; part += 1) {
  test(`properties of generated texts, part ${part}`, () => {
    for (let seed = part * 400; seed < part * 400 + 400; seed += 1) {
      const text = generated(seed);
      const nodes = renderText(text, ["eve", "_eve_"]);
      const page = textOf(text, ["eve", "_eve_"]);
      const words = lettersOf(text);
      assert.ok(isKept(lettersOf(page), words), `${JSON.stringify(text)} lost in ${page}`);
      const kept = isKept(lettersOf(plainText(text)), words);
      assert.ok(kept, `${JSON.stringify(text)}: its preview`);
      if (text.trim() !== "") assert.notEqual(page.trim(), "", JSON.stringify(text));
      for (const node of nodes) check(node);
    }
  });
}
