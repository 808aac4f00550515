import assert from "node:assert/strict";
import { test } from "node:test";

import { safeAddress } from "../../../../static/js/ui/text/markdown-link.js";
import { renderText } from "../../../../static/js/ui/text/text.js";
import { installDom, outline } from "../fake-dom.js";

installDom();
const shown = (text) => renderText(text).map(outline).join("");

const CASES = {
  plain: ["Hello & <you>", "<p>Hello & <you></p>"],
  "strong, emphasis, deleted": ["**a** *b* ~~c~~", "<p><strong>a</strong> <em>b</em> <s>c</s></p>"],
  "a broken line": ["one\ntwo", "<p>one<br></br>two</p>"],
  paragraphs: ["one\n\ntwo", "<p>one</p><p>two</p>"],
  "a heading is only strong": ["# Title", "<p><strong>Title</strong></p>"],
  "code in a line": ["say `<b>` now", "<p>say <code><b></code> now</p>"],
  "a block of code": [
    "```\n<i>\n```",
    "<div><button><svg><use /icons.svg#copy></use></svg></button><pre><code><i></code></pre></div>",
  ],
  "a quote": ["> said", "<blockquote><p>said</p></blockquote>"],
  "a list": ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
  "a numbered list": ["3. a\n4. b", "<ol><li>a</li><li>b</li></ol>"],
  "a bare address": [
    "see https://a.example/x",
    "<p>see <a https://a.example/x>https://a.example/x</a></p>",
  ],
  "an address without a scheme": [
    "www.a.example",
    "<p><a http://www.a.example/>www.a.example</a></p>",
  ],
};

for (const [name, [text, expected]] of Object.entries(CASES)) {
  test(`shows ${name}`, () => assert.equal(shown(text), expected));
}

test("a link that is called otherwise says where it leads", () => {
  assert.equal(
    shown("[https://bank.example](https://evil.example/x)"),
    "<p><a https://evil.example/x>https://bank.example<span> (evil.example)</span></a></p>",
  );
});

const INERT = {
  "a script": "<script>alert(1)</script>",
  "an image with a handler": "<img src=x onerror=alert(1)>",
  "markup within a line": "a <b onclick=x>b</b>",
  "a script address": "[x](javascript:alert(1))",
  "a data address": "[x](data:text/html,hi)",
  "a mail address": "ann@a.example",
  "an address with a user name": "[x](https://bank.example@evil.example/)",
};

for (const [name, text] of Object.entries(INERT)) {
  test(`${name} stays text`, () => {
    assert.match(shown(text), /^<p>[\s\S]*<\/p>$/);
    assert.equal(
      renderText(text)
        .map((node) => node.textContent)
        .join(""),
      text,
    );
    assert.doesNotMatch(JSON.stringify(renderText(text)), /"tag":"(?!p|br)/);
  });
}

test("links open elsewhere and tell nobody where from", () => {
  const [paragraph] = renderText("https://a.example/");
  const { rel, target } = paragraph.children[0].attributes;
  assert.equal(rel, "noopener noreferrer nofollow");
  assert.equal(target, "_blank");
});

test("links to rooms of this site open in the page, and no others", (t) => {
  globalThis.location = { origin: "https://a.example" };
  t.after(() => delete globalThis.location);
  const target = (text) => renderText(text)[0].children[0].attributes.target;
  for (const path of ["/rooms/abc/", "/rooms/abc/#m5"])
    assert.equal(target(`https://a.example${path}`), undefined, path);
  for (const address of [
    "https://b.example/rooms/abc/",
    "https://a.example/accounts/logout/",
    "https://a.example/rooms/abc/files",
    "http://a.example/rooms/abc/",
  ])
    assert.equal(target(address), "_blank", address);
});

test("what is nested too deep is shown as it was written", () => {
  const text = `${">".repeat(200)} deep`;
  assert.ok(shown(text).includes("deep"));
});

test("only web addresses are safe", () => {
  assert.equal(safeAddress("https://a.example"), "https://a.example/");
  for (const text of [
    "javascript:alert(1)",
    "//a.example",
    "/rooms/",
    "https://u:p@a.example",
    "",
  ]) {
    assert.equal(safeAddress(text), null, text);
  }
});
