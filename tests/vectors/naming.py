"""Vectors of names as they are shown, and of texts that show nothing."""

from __future__ import annotations

from typing import Any

from sotto.names import file_name, is_invisible, safe_name
from sotto.protocol.content import reaction_key

_FILES = [
    "report.pdf",
    "photo\u202egpj.exe",
    "\u2066invoice\u2069.pdf\u200b.exe",
    "a\u0000b\u0007\u001b[31m.txt",
    "two\nlines\u2028three.txt",
    "invoice.pdf" + " " * 150 + ".exe",
    "a" * 300 + ".tar.gz",
    "a" * 300 + ".exe.",
    "a" * 300 + ".exe. . ",
    "invoice.pdf" + "." * 200,
    "a" * 300 + ".a-very-long-ending-that-is-one.exe-file-of-some-kind",
    "b" * 300 + "the last sixteen",
    "no-ending",
    ".profile",
    "archive.a-very-long-ending-that-is-none",
    "\u0642\u0631\u0627\u0631.pdf",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.docx",
    "soft\u00adhyphen\u3164filler.zip",
    "",
]
_TEXTS = [
    "",
    " \n\t",
    "\u200b",
    "\u2060\u200e\u00ad",
    "\u3164\u2800\u115f",
    "\ufe0f",
    "a",
    ".",
    "\u2764\ufe0f",
    "\u200bx",
    "\ue000",
]


_REACTIONS = [
    "\U0001f44d",
    "\U0001f44d\U0001f3fd",
    "\u2764",
    "\u2764\ufe0f",
    "\u2764\ufe0e",
    "\U0001f1e9\U0001f1ea",
    "1\ufe0f\u20e3",
    "\U0001f469\u200d\u2764\ufe0f\u200d\U0001f468",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u203c\ufe0f",
    "\u00a9",
    "",
    "\ufe0f",
    "a",
    "1",
    "LOL",
    "\U0001f44d\U0001f44d",
    "\U0001f44d ",
    "\U0001f1e9",
    "\u200d",
    "\x00",
    "\U0001f44d\u202e",
    "\u200d".join(["\U0001f468"] * 40),
    "\u00d7",
    "\u00f7",
    "\u2192",
    "\u2103",
    "\u2605",
    "\U0001f3f4",
    "\U0001f3f4\U000e0067",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "\U0001f44d\U000e0067\U000e007f",
    "\U0001f1e9\U0001f1ea\U0001f1e9",
    "\U0001f3f3\ufe0f\u200d\U0001f308",
    "\U0001f9d1\U0001f3fd\u200d\U0001f4bb",
    "\U0001fae8",
    "\u2122",
    "\u2194\ufe0f",
]


def names() -> dict[str, Any]:
    """Names of files with both of their parts, names of rooms, and texts."""
    return {
        "files": [[name, *file_name(name)] for name in _FILES],
        "rooms": [[name, safe_name(name)] for name in _FILES],
        "invisible": [[text, is_invisible(text)] for text in _TEXTS],
        "reactions": [[text, reaction_key(text)] for text in _REACTIONS],
    }
