"""Refuses words of a private dialect: `python -m scripts.words` names each place and a better word.

Comments, docstrings and documents use the field's terms in short sentences, so that a search for
the usual word finds the code. `make check` runs this over every tracked text file.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.environment import ROOT

WORDS = {
    r"\bwhoever\b": "name the person: anyone who, the member who",
    r"\bdoorbells?\b": "event, hint",
    r"\bwho (?:is|are) at it\b": "active",
    r"\bat it\b(?= (?:is|are|were)\b)": "active",
    r"\bthe far end\b": "peer, client",
    r"\bpassed over\b": "skipped, ignored",
    r"\bno business of\b": "hidden from",
    r"\bin clear\b": "plaintext",
    r"\bto let go of\b|\blet(?:ting)? go of\b": "release, delete",
    r"\bstep(?:s|ped)? aside\b": "back off",
    r"\bone's\b": "their, the account's",
    r"\bfor ever\b": "forever",
    r"\bsees? to it\b": "make sure, correct",
    r"\bout of reach\b": "disabled, inert",
    r"\btake part in\b|\btakes part in\b": "has accepted, is a member of",
    r"\bwithout (?:a hole|holes)\b": "without gaps",
    r"\bnobody waits for\b": "in the background",
    r"\bno member any more\b": "no longer a member",
    r"\btaken again\b": "retried",
    r"\bwait together\b": "queued",
    r"\bwas faster\b": "came first, has changed this meanwhile",
    r"\bmoved on\b": "changed",
    r"\bno longer, good\b": "has ended or is not valid",
    r"\b(?:is|are|was|were|went) away\b": "unreachable, unavailable",
}
OPENINGS = {
    r"(?:What|Who|Whoever|Where)\b(?! is new)": "begin with the noun: 'Settings that …'",
    r"(?:How (?:many|much|often)|Whose|Why)\b": "begin with the noun: 'The number of …'",
    r"Whether\b": "begin with 'True if …' or a verb: 'Checks that …'",
}
"""First words of docstrings, apart from tests: theirs are sentences about behaviour."""

HEADLESS = re.compile(r"(?:^(?:[-*] |\d+\. )?|[.:;] )(?:What|Who)\b(?![^.:;?]*\?)")
"""Sentences of documents that begin with a clause in place of a noun; questions are left alone."""

DOCSTRING = re.compile(r'(?:"""|/\*\*)\s*(?:\* )?')
PROSE = {".css", ".html", ".js", ".md", ".mjs", ".py", ".toml", ".in", ".yml", ".yaml"}
APART = (
    "CHANGELOG.md",
    "LICENSE",
    "scripts/words.py",
    "static/vendor/",
    "tests/scripts/test_words.py",
    "tests/vectors/",
)


def main() -> int:
    found = [line for path in texts() for line in problems(path)]
    print("\n".join(found) or "The words are plain.")
    return 1 if found else 0


def texts() -> Iterator[Path]:
    """Tracked files that people read, apart from history, vendored code and data."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.split("\0"):
        if name and not name.startswith(APART) and Path(name).suffix in PROSE:
            yield ROOT / name


def problems(path: Path) -> Iterator[str]:
    """One line for each place in `path` that needs another word."""
    where = path.relative_to(ROOT)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        for pattern, better in WORDS.items():
            if match := re.search(pattern, line, re.IGNORECASE):
                yield f"{where}:{number}: {match[0]!r}: {better}"
        if path.suffix == ".md" and HEADLESS.search(line):
            yield f"{where}:{number}: a sentence begins with a clause: name the thing or the person"
        for opening in () if where.parts[0] == "tests" else DOCSTRING.finditer(line):
            for pattern, better in OPENINGS.items():
                if match := re.match(pattern, line[opening.end() :]):
                    yield f"{where}:{number}: a docstring begins with {match[0]!r}: {better}"


if __name__ == "__main__":
    sys.exit(main())
