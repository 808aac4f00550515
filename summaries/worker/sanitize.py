"""A summary's text made harmless: messages are data, and what comes back is plain text.

Every writer in a room writes into the prompt. An attacker would want a link or a picture that
carries the conversation away when somebody looks at it: of each its host is left, as text.
"""

from __future__ import annotations

import re
import unicodedata

# Each of these looks at a letter a fixed number of times, or a text of brackets alone would hold
# the worker, and with it a site whose worker is a thread of its own.
LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*)\)")
URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,30}://|(?<![a-z0-9])(?:www\.|mailto:|data:|javascript:))\S+", re.I
)
HOST = re.compile(r"(?:https?://)?(?:[^\s/?#@]{0,255}@)?([^\s/?#@:]{1,255})", re.I)
GAPS = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """A model's words as it wrote them, without invisible characters: the page shows them as plain
    text, so code keeps its signs. Of an address its host is left, which says where it leads and
    carries nothing away.
    """
    text = LINK.sub(_named, _visible(text, "\n\t\u200c\u200d"))
    return GAPS.sub("\n\n", URL.sub(_host, text)).strip()


def quoted(text: str) -> str:
    """A member's own words, likewise."""
    return URL.sub(_host, _visible(text, "\n\t\u200c\u200d")).strip()


def _named(link: re.Match[str]) -> str:
    """A link or a picture as its text and its host."""
    if not URL.match(link[2]):
        return link[0]
    return " ".join(filter(None, [link[1], URL.sub(_host, link[2])]))


def _visible(text: str, kept: str) -> str:
    text = text.replace("\r\n", "\n")
    return "".join(one for one in text if one in kept or unicodedata.category(one)[0] != "C")


def _host(address: re.Match[str]) -> str:
    found = HOST.match(address[0])
    is_web = address[0].lower().startswith(("http://", "https://", "www."))
    return f"({found[1]})" if found and is_web else "(link)"
