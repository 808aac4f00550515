"""The software bill of materials (SBOM) of a release (CycloneDX 1.6, JSON) and its NOTICE.

Components are what requirements.txt pins, and what scripts/vendor.json and scripts/stemmers.py put
into static/vendor. The same commit gives the same bytes on the same kind of machine: licences are
read from the packages that are installed here, and packages for other systems have none.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

from scripts import stemmers, vendor
from scripts.environment import ROOT

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?: *; *([^\\\n]+))?", re.M)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
SITES = uuid.UUID("5f1d3a3e-6a0a-5c2e-9a57-6f0a5f2d8b11")  # of serial numbers, made once
SHORT = 40  # characters of a licence's name; some packages give its whole text
LICENCES = {
    "@highlightjs/cdn-assets": "BSD-3-Clause",
    "@noble/ed25519": "MIT",
    "@noble/hashes": "MIT",
    "idb": "ISC",
    "snowball": "BSD-3-Clause",
    "uqr": "MIT",
}
"""Of what is in static/vendor, whose LICENSE files NOTICE has whole."""


@dataclass(frozen=True, slots=True)
class Component:
    """Something that a release is made of.

    Attributes:
        licence: an SPDX expression, or a name; empty if it is not known here.
        hashes: of its archives (SHA-256) or its package at npm (SHA-512), in hex.
        files: SHA-256 of each file that is served, by its path below static/.
        only: the condition under which a package is installed, in pip's words.
    """

    name: str
    version: str
    kind: str
    licence: str
    hashes: tuple[tuple[str, str], ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    only: str = ""

    @property
    def purl(self) -> str:
        name = self.name.replace("@", "%40") if self.kind == "npm" else self.name
        return f"pkg:{self.kind}/{name}@{self.version}"


def components() -> list[Component]:
    """Everything, by kind and name."""
    return sorted([*pinned(), *vendored()], key=lambda one: (one.kind, one.name))


def pinned() -> Iterator[Component]:
    """The packages of requirements.txt."""
    text = (ROOT / "requirements.txt").read_text()
    found = list(PINNED.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        hashes = HASH.findall(text[match.end() : end])
        name, version, only = match[1], match[2], (match[3] or "").strip()
        pairs = tuple(("SHA-256", one) for one in sorted(hashes))
        yield Component(name, version, "pypi", licence_of(name, version), pairs, only=only)


def licence_of(name: str, version: str) -> str:
    """The licence of an installed package, as it names it; empty if that version is not here."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return ""
    if about["Version"] != version:
        return ""
    expression = about.get_all("License-Expression") or []
    plain = (about.get_all("License") or [""])[0]
    if expression or (0 < len(plain) <= SHORT and "\n" not in plain):
        return expression[0] if expression else plain
    named = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    return " OR ".join(line.rpartition(" :: ")[2] for line in named)


def vendored() -> Iterator[Component]:
    """The libraries of static/vendor."""
    for name, package in vendor.packages().items():
        raw = base64.b64decode(package["integrity"].removeprefix("sha512-"))
        hashes = (("SHA-512", raw.hex()),)
        yield Component(name, package["version"], "npm", LICENCES[name], hashes, served(name))
    version = metadata("snowballstemmer")["Version"]
    yield Component(
        "snowball", version, "generic", LICENCES["snowball"], files=served("snowball")
    )  # translated from the package by scripts/stemmers.py


def served(name: str) -> dict[str, str]:
    """SHA-256 of each file of a library, by its path below static/."""
    static = ROOT / "static"
    paths = sorted(path for path in (vendor.VENDOR / name).rglob("*") if path.is_file())
    return {
        path.relative_to(static).as_posix(): sha256(path.read_bytes()).hexdigest() for path in paths
    }


def sbom(version: str, commit: str, at: datetime) -> str:
    """The bill of materials as JSON.

    Args:
        version, commit: of the release.
        at: when the commit was made, so that the same commit gives the same text.
    """
    root = {
        "type": "application",
        "bom-ref": "sotto",
        "name": "sotto",
        "version": version,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "properties": [{"name": "sotto:commit", "value": commit}],
    }
    parts = [_described(one) for one in components()]
    body = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(SITES, f'{version} {commit}')}",
        "version": 1,
        "metadata": {"timestamp": at.isoformat(timespec="seconds"), "component": root},
        "components": parts,
        "dependencies": [{"ref": "sotto", "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    return json.dumps(body, indent=1) + "\n"


def _described(one: Component) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
    }
    if one.licence:
        found["licenses"] = [{"license": {"name": one.licence}}]
    if one.kind == "npm":
        found["hashes"] = [{"alg": alg, "content": content} for alg, content in one.hashes]
    elif one.hashes:  # of each archive, of which an installation takes one
        found["externalReferences"] = [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{one.name}/{one.version}/",
                "hashes": [{"alg": alg, "content": content} for alg, content in one.hashes],
            }
        ]
    if one.files:
        found["components"] = [
            {
                "type": "file",
                "bom-ref": f"static/{path}",
                "name": path,
                "hashes": [{"alg": "SHA-256", "content": content}],
            }
            for path, content in one.files.items()
        ]
    if one.only:
        found["properties"] = [{"name": "sotto:only", "value": one.only}]
    return found


HEAD = """Sotto
Licensed under the Apache License, Version 2.0 (LICENSE).

This release is made of the components below. Their hashes stand in its bill of materials.
"""


def notice() -> str:
    """NOTICE: each component with its licence, and the licences of what is served, whole."""
    lines = [HEAD]
    for one in components():
        licence = one.licence or f"not installed here ({one.only or 'for another system'})"
        lines.append(f"{one.name} {one.version} ({one.kind}): {licence}")
    for name in sorted([*vendor.packages(), stemmers.TARGET.name]):
        text = (vendor.VENDOR / name / "LICENSE").read_text("utf-8").strip()
        lines.append(f"\n{'-' * 78}\nstatic/vendor/{name}\n\n{text}")
    return "\n".join(lines) + "\n"
