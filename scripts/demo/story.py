"""The rooms' conversations as text files, a line a step.

= 8 days ago, 19:40: what follows is said then; or = 35 minutes ago
mira: a message            mira [x]: one that others name    jonas >x: an answer to it
mira ~: a correction       mira -   (takes it back)          lena +x 👍 or lena + 👍
mira ?: a poll | a | b     lena !: 1                         mira pin x
lena #beds.png: a picture with a caption
* join theo                * rotate mira                     * moderator jonas     * read demo
Lines that begin with four spaces go on with the message above them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

LINE = re.compile(
    r"(?P<who>[a-z]+)"
    r"(?: (?P<act>[~?!-]|[+>](?P<on>[a-z]*)|pin (?P<pinned>[a-z]+)|#(?P<file>[a-z]+\.png)))?"
    r"(?: \[(?P<label>[a-z]+)\])?(?: (?P<poll>\?))?(?::)?(?: (?P<text>.+))?"
)
SCENE = re.compile(r"= (?:(?P<days>\d+) days? ago, (?P<at>\d\d:\d\d)|(?P<minutes>\d+) minutes ago)")
MORE = " " * 4
QUICK = timedelta(seconds=6)  # for a reaction or a vote
THINKING = timedelta(seconds=8)
READING = timedelta(seconds=0.15)  # for each character


@dataclass(frozen=True)
class Step:
    """`act`: "" says, "#" sends `file`, "~" corrects, "-" takes back, "?" asks, "!" votes, "+"
    reacts, ">" answers, "pin"; or the word after the star of an event. `on` and `label` name
    messages.
    """

    who: str
    act: str
    text: str = ""
    on: str = ""
    label: str = ""
    file: str = ""

    @property
    def duration(self) -> timedelta:
        """The time that the step takes its person."""
        return QUICK if self.act in ("+", "!") else THINKING + READING * len(self.text)


@dataclass(frozen=True)
class Scene:
    """Steps without a pause between them, which begin a number of days ago at a time of day, or a
    number of minutes ago.
    """

    days: int
    hour: int
    minute: int
    minutes: int
    steps: tuple[Step, ...] = ()

    def begin(self, now: datetime) -> datetime:
        """When it begins, in the time zone of `now`."""
        if self.minutes:
            return now - timedelta(minutes=self.minutes)
        day = now - timedelta(days=self.days)
        return day.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)


@dataclass(frozen=True)
class Story:
    name: str
    topic: str
    owner: str
    members: tuple[str, ...]
    scenes: tuple[Scene, ...]

    @property
    def steps(self) -> list[Step]:
        return [step for scene in self.scenes for step in scene.steps]

    @property
    def messages(self) -> int:
        return sum(step.act not in EVENTS for step in self.steps)

    def times(self, now: datetime) -> Iterator[tuple[datetime, Step]]:
        """Every step, in order, with its time."""
        for scene in self.scenes:
            at = scene.begin(now)
            for step in scene.steps:
                at += step.duration
                yield at, step


EVENTS = ("join", "rotate", "moderator", "read")


def read_story(path: Path) -> Story:
    """The story of one file.

    Raises:
        ValueError: for a line that is no step, or a step before the first scene.
    """
    head: dict[str, str] = {}
    scenes: list[Scene] = []
    for line in filter(None, path.read_text("utf-8").splitlines()):
        if not head.keys() >= {"room", "owner", "members"}:
            key, _, value = line.partition(" ")
            head[key] = value
        elif line.startswith("= "):
            scenes.append(_scene(line))
        elif scenes:
            scenes[-1] = replace(scenes[-1], steps=_with(scenes[-1].steps, line))
        else:
            raise ValueError(f"before the first scene: {line}")
    name, _, topic = head["room"].partition(" | ")
    return Story(name, topic, head["owner"], tuple(head["members"].split()), tuple(scenes))


def _scene(line: str) -> Scene:
    found = SCENE.fullmatch(line)
    if found is None:
        raise ValueError(f"not a time: {line}")
    hour, _, minute = (found["at"] or "0:0").partition(":")
    return Scene(int(found["days"] or 0), int(hour), int(minute), int(found["minutes"] or 0))


def _with(steps: tuple[Step, ...], line: str) -> tuple[Step, ...]:
    if not line.startswith(MORE):
        return (*steps, _step(line))
    *before, last = steps
    return (*before, replace(last, text=f"{last.text}\n{line.removeprefix(MORE)}"))


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
    return Step(part["who"], part["poll"] or act, part["text"], on, part["label"], part["file"])
