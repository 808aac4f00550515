"""The rooms' conversations as text files, a line a step.

mira: a message            mira [x]: one that others name    jonas >x: an answer to it
mira ~: a correction       mira -   (takes it back)          lena +x 👍 or lena + 👍
mira ?: a poll | a | b     lena !: 1                         mira pin x
* join theo                * rotate mira                     * moderator jonas     * read demo
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(
    r"(?P<who>[a-z]+)"
    r"(?: (?P<act>[~?!-]|[+>](?P<on>[a-z]*)|pin (?P<pinned>[a-z]+)))?"
    r"(?: \[(?P<label>[a-z]+)\])?(?: (?P<poll>\?))?(?::)?(?: (?P<text>.+))?"
)


@dataclass(frozen=True)
class Step:
    """`act`: "" says, "~" corrects, "-" takes back, "?" asks, "!" votes, "+" reacts, ">" answers,
    "pin"; or the word after the star of an event. `on` and `label` name messages."""

    who: str
    act: str
    text: str = ""
    on: str = ""
    label: str = ""


@dataclass(frozen=True)
class Story:
    name: str
    topic: str
    owner: str
    members: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def messages(self) -> int:
        return sum(step.act not in EVENTS for step in self.steps)


EVENTS = ("join", "rotate", "moderator", "read")


def read_story(path: Path) -> Story:
    head: dict[str, str] = {}
    steps = []
    for line in filter(None, path.read_text("utf-8").splitlines()):
        if not head.keys() >= {"room", "owner", "members"}:
            key, _, value = line.partition(" ")
            head[key] = value
        else:
            steps.append(_step(line))
    name, _, topic = head["room"].partition(" | ")
    return Story(name, topic, head["owner"], tuple(head["members"].split()), tuple(steps))


def _step(line: str) -> Step:
    if line.startswith("* "):
        _, act, who = line.split()
        return Step(who, act)
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"not a step: {line}")
    part = {key: value or "" for key, value in found.groupdict().items()}
    act = part["act"][:1] if not part["pinned"] else "pin"
    on = part["on"] or part["pinned"]
    return Step(part["who"], part["poll"] or act, part["text"], on, part["label"])
