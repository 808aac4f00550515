"""The interface of an engine, and its failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from summaries.worker.envelopes import Line


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its cost."""

    text: str
    tokens: int = 0
    cost: float = 0.0


class Failed(Exception):
    """No summary. `code` and the sentence are for the asker and quote nothing; `after` seconds
    another try may help, None if it will not.
    """

    def __init__(self, code: str, sentence: str, after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.after = after


class Engine(Protocol):
    name: str
    model: str
    part: int
    """Characters at once."""

    def summarise(self, lines: Sequence[Line], lang: str, earlier: str) -> Text:
        """Of one part; Failed. `earlier` is the summary that this one goes on from: what stands
        there is not said again.
        """

    def merge(self, parts: Sequence[str], lang: str) -> Text:
        """One text from those of several parts; Failed."""
