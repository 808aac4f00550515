"""Writes the digest of every image into compose.yaml and the Dockerfile; needs the network.

    python -m scripts.images         writes `name:tag@sha256:…` for each image
    python -m scripts.images --age   only says how old the choice of versions is

The versions themselves are chosen by hand: see the releases of each image, change the tag, and
write today's date behind "Versions checked on" in compose.yaml.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.request import Request, urlopen

from scripts.environment import ROOT

FILES = (ROOT / "compose.yaml", ROOT / "Dockerfile")
IMAGE = re.compile(
    r"(?P<before>^\s*image: |^FROM )"
    r"(?P<name>[a-z0-9/]+):(?P<tag>\d[\w.-]*)(?:@sha256:[0-9a-f]{64})?",
    re.MULTILINE,
)
CHECKED = re.compile(r"^# Versions checked on (\d{4}-\d{2}-\d{2})", re.MULTILINE)
OLD = 90  # days
GRANT = "https://auth.docker.io/token?service=registry.docker.io&scope=repository:{name}:pull"
MANIFEST = "https://registry-1.docker.io/v2/{name}/manifests/{tag}"
KINDS = (
    "application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json"
)
TIMEOUT = 30  # seconds

Digest = Callable[[str, str], str]


def with_digests(text: str, digest: Digest) -> str:
    """`text` in which every image names what `digest(name, tag)` returns for it."""

    def pinned(match: re.Match[str]) -> str:
        name, tag = match["name"], match["tag"]
        return f"{match['before']}{name}:{tag}@{digest(name, tag)}"

    return IMAGE.sub(pinned, text)


def ask_registry(name: str, tag: str) -> str:
    """The digest of an image on Docker Hub, for all its platforms together.

    Raises:
        OSError: the registry does not answer, or does not know the image.
        ValueError: its answer is no digest.
    """
    path = name if "/" in name else f"library/{name}"
    with urlopen(GRANT.format(name=path), timeout=TIMEOUT) as answer:
        token = json.load(answer)["token"]
    asked = Request(MANIFEST.format(name=path, tag=tag), method="HEAD")
    asked.add_header("Authorization", f"Bearer {token}")
    asked.add_header("Accept", KINDS)
    with urlopen(asked, timeout=TIMEOUT) as answer:
        found = answer.headers.get("Docker-Content-Digest", "")
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", found):
        raise ValueError(f"The registry's answer for {name}:{tag} is no digest.")
    return str(found)


def age_warning(text: str, today: date) -> str:
    """One line if the versions in `text` were checked too long ago or never, else ""."""
    found = CHECKED.search(text)
    if found is None:
        return "compose.yaml does not say when the versions of its images were checked."
    days = (today - date.fromisoformat(found[1])).days
    if days <= OLD:
        return ""
    return f"The versions of images were checked {days} days ago: look for newer patch releases."


def main(arguments: list[str], files: tuple[Path, ...] = FILES) -> int:
    warning = age_warning(files[0].read_text(), datetime.now(UTC).date())
    if warning:
        print(f"Warning: {warning}", file=sys.stderr)
    if "--age" in arguments:
        return 0
    try:
        changed = {file: with_digests(file.read_text(), ask_registry) for file in files}
    except (OSError, ValueError) as error:
        print(f"Nothing was changed: {error}", file=sys.stderr)
        return 1
    for file, text in changed.items():
        file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
