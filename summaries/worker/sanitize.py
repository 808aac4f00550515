"""A summary's text made harmless: messages are data, and what comes back is plain text.

Every writer in a room writes into the prompt. An attacker would want a link or a picture that
carries the conversation away when somebody looks at it: none gets through.
"""

from __future__ import annotations

import re
import unicodedata

# Each of these looks at a letter a fixed number of times, or a text of brackets alone would hold
# the worker, and with it a site whose worker is a thread of its own.
IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()]*\)")
LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,30}://|(?<![a-z0-9])(?:www\.|mailto:|data:|javascript:))\S+", re.I
)
HOST = re.compile(r"(?:https?://)?(?:[^\s/?#@]{0,255}@)?([^\s/?#@:]{1,255})", re.I)
TAG = re.compile(r"</?[a-z!][^<>]{0,200}>", re.I)
MARKS = re.compile(r"^(#{1,6}\s+|>\s?)", re.M)
EMPHASIS = re.compile(r"(\*\*|__|`{1,3})")
GAPS = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """Without markup, links, images and invisible characters; lists keep their dashes.

    Addresses go last: what is taken out before could have stood in the middle of one.
    """
    text = _visible(text)
    text = LINK.sub(r"\1", IMAGE.sub(r"\1", text))
    text = EMPHASIS.sub("", MARKS.sub("", TAG.sub("", text)))
    text = re.sub(r"^\* ", "- ", text, flags=re.M)
    return GAPS.sub("\n\n", URL.sub("(link)", text)).strip()


def quoted(text: str) -> str:
    """A member's own words as they were written, without control and other invisible characters.

    Code keeps its signs; of an address its host is left, which says where it leads and carries
    nothing away.
    """
    return URL.sub(_host, _visible(text, "\n\t\u200c\u200d")).strip()


def _visible(text: str, kept: str = "\n\t") -> str:
    text = text.replace("\r\n", "\n")
    return "".join(one for one in text if one in kept or unicodedata.category(one)[0] != "C")


def _host(address: re.Match[str]) -> str:
    found = HOST.match(address[0])
    is_web = address[0].lower().startswith(("http://", "https://", "www."))
    return f"({found[1]})" if found and is_web else "(link)"
