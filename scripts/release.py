"""Writes what a release consists of beside its commit: `make release KEY=path`.

That is the signed manifest of its pages, the wheel of the Python client, the bill of materials and
NOTICE (scripts/sbom.py), and SHA256SUMS of all of them with a signature.

The manifest names every page and static file that a site of this commit serves, as a server answers
it: path, SHA-256, size and the headers that decide what scripts may do; one manifest a language.
KEY is the path of an Ed25519 private key in PEM, which belongs on a machine apart and never into
the repository:

    openssl genpkey -algorithm ed25519 -out release.pem

Afterwards `sotto verify-site URL --key …` compares a site with it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from scripts import sbom
from scripts.environment import ROOT

if TYPE_CHECKING:
    from sotto.site_release import SiteFile

OUT = ROOT / "dist"


def main(arguments: list[str]) -> int:
    given = _parser().parse_args(arguments)
    try:
        key = read_key(given.key)
    except (OSError, ValueError) as error:
        print(f"KEY cannot be used: {error}", file=sys.stderr)
        return 2
    if not has_section(version(), (ROOT / "CHANGELOG.md").read_text()):
        print(f"CHANGELOG.md has no section {version()}. Nothing was made.", file=sys.stderr)
        return 1
    sys.path.insert(0, str(ROOT / "client"))
    with tempfile.TemporaryDirectory() as folder:  # a site without people
        os.environ |= {"SOTTO_DATA": folder, "DEBUG": "0", "PUBLIC_URL": ""}
        written = [*write_all(key, given.to), *write_sbom(given.to), write_wheel(given.to)]
    written += write_sums(key, written, given.to)
    from sotto.protocol.encoding import b64

    print("\n".join(map(str, written)))
    print(f"Public key: {b64(key.public_key().public_bytes_raw())}")
    if f"v{version()}" not in tags():
        print(f"Before it is published, this commit needs the tag v{version()}.", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("key", metavar="KEY", type=Path, help="an Ed25519 private key in PEM")
    parser.add_argument("--to", metavar="DIR", type=Path, default=OUT, help="default: dist/")
    return parser


def read_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a PEM file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no Ed25519 private key, or lies in the repository.
    """
    if path.resolve().is_relative_to(ROOT):
        raise ValueError("it lies in the repository. Keep it elsewhere.")
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("it is no Ed25519 private key.")
    return key


def write_all(key: Ed25519PrivateKey, folder: Path) -> list[Path]:
    """Write a manifest for each language; returns their paths."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
    import django

    django.setup()
    from django.conf import settings

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for language, _ in settings.LANGUAGES:
        path = folder / f"sotto-release-{settings.BUILD}-{language}.json"
        path.write_text(signed(key, language))
        written.append(path)
    return written


def write_sbom(folder: Path) -> list[Path]:
    """Write the bill of materials and NOTICE; returns their paths."""
    paths = [folder / f"sotto-{version()}.cdx.json", folder / "NOTICE"]
    paths[0].write_text(sbom.sbom(version(), commit(), committed_at()))
    paths[1].write_text(sbom.notice())
    return paths


def write_wheel(folder: Path) -> Path:
    """Build the wheel of the Python client; returns its path. The same commit gives the same bytes.

    Raises:
        OSError: it cannot be built.
    """
    with tempfile.TemporaryDirectory() as building:  # setuptools leaves files beside the sources
        sources = Path(building) / "client"
        shutil.copytree(ROOT / "client", sources, ignore=shutil.ignore_patterns("__pycache__"))
        for path in sources.rglob("*"):  # the wheel holds them
            path.chmod(0o755 if path.is_dir() else 0o644)
        moment = {"SOURCE_DATE_EPOCH": str(int(committed_at().timestamp()))}
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--no-build-isolation", "--disable-pip-version-check", "--wheel-dir"]
        done = subprocess.run(
            [*command, building, str(sources)],
            env=os.environ | moment,
            capture_output=True,
            text=True,
            umask=0o022,  # so does it hold what setuptools writes
        )
        built = next(Path(building).glob("*.whl"), None)
        if done.returncode or built is None:
            raise OSError(f"the client's wheel was not built: {done.stderr[-300:]}")
        return Path(shutil.copy(built, folder))


def write_sums(key: Ed25519PrivateKey, written: list[Path], folder: Path) -> list[Path]:
    """Write SHA256SUMS of files, and its Ed25519 signature, which openssl can check."""
    sums, signature = folder / "SHA256SUMS", folder / "SHA256SUMS.sig"
    lines = sorted(f"{sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in written)
    sums.write_text("\n".join(lines) + "\n")
    signature.write_bytes(key.sign(sums.read_bytes()))
    return [sums, signature]


def signed(key: Ed25519PrivateKey, language: str) -> str:
    """The manifest of one language as JSON, with its signature."""
    import json

    from django.conf import settings

    from sotto.protocol.signing import sign
    from sotto.site_release import TYPE, release_body

    about = {
        "version": version(),
        "commit": commit(),
        "language": language,
        "build": settings.BUILD,
        "languages": [code for code, _ in settings.LANGUAGES],
    }
    body = release_body(about, list(served(language)))
    return json.dumps({"body": body, "sig": sign(key, TYPE, body)}) + "\n"


def served(language: str) -> Iterator[SiteFile]:
    """Every page and static file as the site's own code answers it, signed out."""
    from django.conf import settings
    from django.test import Client

    from chatsite.web.app_shell import pages
    from chatsite.web.static_files import read_all
    from sotto.site_release import compared_headers

    client = Client(headers={"accept-language": language, "host": "localhost"})
    for address in ["/sw.js", *(page.address for page in pages())]:
        answer = client.get(address, secure=True)
        if answer.status_code != 200:
            raise ValueError(f"{address} answers {answer.status_code}")
        yield _file(address, answer.content, compared_headers(answer.headers))
    for name, file in read_all():
        headers = {key.decode(): value.decode() for key, value in file.headers}
        yield _file(settings.STATIC_URL + name, file.bodies[""], compared_headers(headers))


def _file(path: str, content: bytes, headers: dict[str, str]) -> SiteFile:
    from sotto.site_release import SiteFile

    return SiteFile(path, sha256(content).hexdigest(), len(content), headers)


def version() -> str:
    """The version of the site's newest release."""
    found: str = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text())["project"][
        "version"
    ]
    return found


def has_section(version: str, changelog: str) -> bool:
    """True if the text of a changelog has a section `## VERSION`."""
    return re.search(rf"^## {re.escape(version)}(\s|$)", changelog, re.M) is not None


def tags() -> list[str]:
    """The tags of the commit; none outside a git repository."""
    done = subprocess.run(
        ["git", "tag", "--points-at", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.split()


def commit() -> str:
    """The commit that is released; "unknown" outside a git repository, and marked if files were
    changed since.
    """
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or "unknown"


def committed_at() -> datetime:
    """When the commit was made; outside a git repository 1980, the first year of a wheel."""
    done = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True
    )
    text = done.stdout.strip()
    return datetime.fromtimestamp(int(text), UTC) if text else datetime(1980, 1, 1, tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
