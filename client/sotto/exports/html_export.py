"""An export as one HTML page to read and print, without scripts or external resources."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from sotto.conversation import NOTES, moment
from sotto.names import file_name, safe_name
from sotto.text_limits import NAME, PREVIEW, breakable, brief, fewer_marks, pages

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fdfcfa; overflow-wrap: anywhere }
h1 { margin-bottom: 0 } h2 { font-size: .9rem; text-align: center; color: #666; margin-top: 2rem }
header p, footer { color: #666; font-size: .9rem }
article { margin: .9rem 0 } article p { margin: 0; white-space: pre-wrap; unicode-bidi: plaintext }
time, .mark { color: #666; font-size: .85rem; margin-inline-start: .5rem }
blockquote { margin: .1rem 0; padding-inline-start: .6rem; border-inline-start: 3px solid #ccc;
  color: #666; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
details > p { content-visibility: auto; contain-intrinsic-size: auto 60rem }
.gone { color: #777; font-style: italic } .warning { color: #a33 }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1c1b19 }
  header p, footer, h2, time, .mark, blockquote { color: #aaa } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(export: dict[str, Any]) -> str:
    """The page of an export that `export_room` made."""
    name = escape(safe_name(export["name"]) or "A room")
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    return head + "\n".join([*_header(export, name), *_days(export), *_footer(export)]) + "\n"


def _header(export: dict[str, Any], name: str) -> Iterator[str]:
    when = moment(export["exported"]).strftime("%d %B %Y, %H:%M UTC")
    yield f"<header><h1>{name}</h1>"
    if export["topic"]:
        yield f"<p>{_brief(export['topic'], PREVIEW)}</p>"
    yield f"<p>Exported by {escape(export['by']['name'])} on {when}.</p>"
    if export["frozen"]:
        yield f'<p class="warning">This room is frozen: {escape(export["frozen"])}.</p>'
    yield "</header>\n<main>"


def _days(export: dict[str, Any]) -> Iterator[str]:
    by_seq = {line["seq"]: line for line in export["conversation"]}
    day = ""
    for line in export["conversation"]:
        today = moment(line["ts"]).strftime("%A, %d %B %Y") if line["ts"] else day
        if today != day:
            day = today
            yield f"<h2>{day}</h2>"
        yield _article(line, by_seq.get(line.get("re", 0)))


def _article(line: dict[str, Any], answered: dict[str, Any] | None) -> str:
    parts = [f'<article id="m{line["seq"]}"><b>{_brief(line["name"] or "?")}</b>']
    if line["ts"]:
        at = moment(line["ts"])
        parts.append(f'<time datetime="{at.isoformat()}">{at.strftime("%H:%M")}</time>')
    parts += [f'<span class="mark">{mark}</span>' for mark in ("edited", "pinned") if mark in line]
    if line["missing"]:
        parts.append('<span class="warning mark">messages are missing before this</span>')
    if line["other_view"]:
        parts.append('<span class="warning mark">its sender saw a different conversation</span>')
    if answered is not None:
        quoted = f"{_brief(answered['name'])}: {_brief(answered['text'] or '…', PREVIEW)}"
        parts.append(f'<blockquote><a href="#m{answered["seq"]}">{quoted}</a></blockquote>')
    if line["status"] == "ok":
        parts += _text(line["text"])
    else:
        parts.append(f'<p class="gone">{escape(NOTES[line["status"]])}</p>')
    names = ", ".join(escape("".join(file_name(name))) for name in line.get("files", []))
    if names:
        parts.append(f'<p class="gone">{names}</p>')
    parts += [*_options(line), *_reactions(line), "</article>"]
    return "".join(parts)


def _text(text: str) -> Iterator[str]:
    """The whole text. All but its first page is laid out only when it is opened."""
    first, *rest = (_plain(page) for page in pages(text))
    yield f"<p>{first}</p>"
    if rest:
        more = "".join(f"<p>{page}</p>" for page in rest)
        yield f"<details><summary>Show all {len(text):,} characters</summary>{more}</details>"


def _plain(text: str) -> str:
    """Text that is cheap to lay out, whatever it contains."""
    return "<wbr>".join(escape(part) for part in breakable(fewer_marks(text)))


def _brief(text: str, most: int = NAME) -> str:
    return escape(brief(text, most))


def _options(line: dict[str, Any]) -> Iterator[str]:
    votes = [pick for picks in line.get("votes", {}).values() for pick in picks]
    if "options" in line:
        yield "<ul>"
        for at, option in enumerate(line["options"]):
            yield f"<li>{_brief(option, PREVIEW)} ({votes.count(at)})</li>"
        yield "</ul>"


def _reactions(line: dict[str, Any]) -> Iterator[str]:
    for emoji, uids in line.get("reactions", {}).items():
        yield f'<span class="mark">{_brief(emoji)} {len(uids)}</span>'


def _footer(export: dict[str, Any]) -> Iterator[str]:
    yield (
        f"</main>\n<footer><p>Room {escape(export['room'])}. This page is for reading; the JSON "
        "export holds the signatures, and <code>sotto check-export</code> checks them.</p></footer>"
    )
    yield "</body>\n</html>"
