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
    r"(?:[a-z][a-z0-9+.-]{0,30}://|(?<![a-z0-9])(?:www\.|mailto:|data:(?=[a-z]+/|[;,])|javascript:))"
    r"[^\s<>`\"«»“”„…\u060c\u061b\u061f\u06d4\u0964\u0965\u3000-\u301f\uff01\uff08\uff09\uff0c\uff0e"
    r"\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b-\uff65]+",
    re.I,
)
TRAILING = frozenset(".,;:!?*_~'|\\)]}’‘")
HOST = re.compile(r"(?:https?://)?(?:[^\s/?#@]{0,255}@)?([^\s/?#@:]{1,255})", re.I)
GAPS = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """A model's words as it wrote them, without invisible characters: the page shows them as plain
    text, so code keeps its signs. Of an address its host is left, which says where it leads and
    carries nothing away.
    """
    return GAPS.sub("\n\n", quoted(text))


def quoted(text: str) -> str:
    """A member's own words, likewise."""
    text = LINK.sub(_named, _visible(text, "\n\t\u200c\u200d"))
    return URL.sub(_host, text).strip()


def _named(link: re.Match[str]) -> str:
    """A link or a picture as its text and its address."""
    return " ".join(filter(None, link.groups())) if URL.match(link[2]) else link[0]


def _visible(text: str, kept: str) -> str:
    text = text.replace("\r\n", "\n")
    return "".join(one for one in text if one in kept or unicodedata.category(one)[0] != "C")


def _host(address: re.Match[str]) -> str:
    """The host of an address, and the end of its sentence that stands behind it."""
    whole = address[0]
    end, unopened = len(whole), whole.count(")") - whole.count("(")
    while whole[end - 1] in TRAILING and (whole[end - 1] != ")" or unopened > 0):
        unopened -= whole[end - 1] == ")"
        end -= 1
    found = HOST.match(whole[:end]) if not whole[:end].endswith("://") else None
    is_web = whole.lower().startswith(("http://", "https://", "www."))
    return (f"({_in_ascii(found[1])})" if found and is_web else "(link)") + whole[end:]


def _in_ascii(host: str) -> str:
    """A host whose letters look like others in the letters that lead there (Punycode)."""
    if host.isascii():
        return host
    labels = unicodedata.normalize("NFKC", host).lower().split(".")
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels
    )
