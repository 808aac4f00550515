"""Lists of rate limits as texts: `name=many/seconds`, separated by commas."""

from __future__ import annotations

import re
from collections.abc import Mapping

Limits = dict[str, tuple[int, int]]
LIMIT = re.compile(r"([a-z_]+)=(\d{1,9})/(\d{1,9})", re.ASCII)


def parse(text: str) -> Limits:
    """The limits of a text, each as (how many, per how many seconds).

    Raises:
        ValueError: the text is no such list; the message is the rest of a sentence.
    """
    found = {}
    for word in (one.strip() for one in text.split(",")):
        match = LIMIT.fullmatch(word)
        if word and (match is None or int(match[2]) < 1 or int(match[3]) < 1):
            raise ValueError(
                "is not a list of limits: write name=many/seconds, separated by commas, with both "
                "numbers from 1, as in login=10/600,messages=240/60."
            )
        if match is not None:
            found[match[1]] = (int(match[2]), int(match[3]))
    return found


def written(limits: Mapping[str, tuple[int, int]]) -> str:
    """The text that `parse` reads."""
    return ", ".join(f"{name}={many}/{seconds}" for name, (many, seconds) in limits.items())


def merged(changed: Limits, defaults: Limits, where: str) -> Limits:
    """`defaults` with `changed`.

    Args:
        where: what names the changes, as the error says it.

    Raises:
        ValueError: a limit of that name does not exist.
    """
    if unknown := sorted(changed.keys() - defaults.keys()):
        raise ValueError(
            f"{where} names {unknown[0][:40]}, which is no limit of this site: there are "
            f"{', '.join(defaults)}."
        )
    return {**defaults, **changed}
