"""Without a model: a table of contents with quotations. No network, no key, any script.

The text has, for each slice of the conversation, a line with its times and then its sentences, each
with the number of its message and the time:

    ## 2026-11-27T09:30Z – 2026-11-27T10:10Z
    - #12 2026-11-27T09:34Z ada: Who brings the ladder?
    - → #13 2026-11-27T09:35Z ben: I do.

Browsers make links and local times of it (docs/protocol.md, "AI summaries").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from summaries.worker.engines.base import Failed, Text
from summaries.worker.engines.picking import Pick, Slice, pick, words_in
from summaries.worker.envelopes import Line

LAST_MS = 253_402_300_799_000  # of the year 9999
HEADING = re.compile(r"## \S+Z – \S+Z")
TELLER = re.compile("- (?:→ )?(?:#[0-9]+ [^ \n]+Z )?(?:[^:\n]{1,64}: )?")
RANGE = re.compile(r"\[\d+–\d+\]")
NOTHING_NEW = (
    "nothing_new",
    "These messages say nothing that the summary before them does not say.",
)


class Extractive:
    name = "extractive"
    model = "extractive-3"
    part = 120_000

    def summarise(self, lines: Sequence[Line], lang: str, earlier: str) -> Text:
        if not any(words_in(line.text) for line in lines):
            raise Failed("nothing", "These messages have no words to pick from.")
        slices = pick(lines, _told(earlier))
        if not slices:
            raise Failed(*NOTHING_NEW)
        return Text(written(slices))

    def merge(self, parts: Sequence[str], lang: str) -> Text:
        return Text("\n".join(dict.fromkeys("\n".join(parts).split("\n"))))


def _told(earlier: str) -> list[str]:
    """The sentences of a summary, without their times and speakers and its range of messages."""
    return [
        TELLER.sub("", line, count=1)
        for line in map(str.strip, earlier.split("\n"))
        if line and not RANGE.fullmatch(line) and not HEADING.fullmatch(line)
    ]


def written(slices: Sequence[Slice]) -> str:
    """Slices as a text."""
    return "\n".join(map(_written, slices))


def _written(one: Slice) -> str:
    heading = f"## {_time(one.since)} – {_time(one.until)}"
    return "\n".join([heading, *(_line(picked) for picked in one.picks)])


def _line(one: Pick) -> str:
    arrow = "→ " if one.answers else ""
    return f"- {arrow}#{one.seq} {_time(one.ts)} {one.name}: {one.text}"


def _time(ms: int) -> str:
    at = datetime.fromtimestamp(min(max(ms, 0), LAST_MS) // 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%MZ")
