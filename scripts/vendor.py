"""Fetch the pinned browser libraries from npm into static/vendor, byte for byte.

vendor.json holds for each package its version, why it is there, the registry's sha512 of the
package, and the sha256 of each file taken from it. A test compares them with the committed files.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from hashlib import sha256, sha512
from pathlib import Path
from typing import TypedDict

from scripts.environment import ROOT, SetupError
from scripts.node import node_environment

MANIFEST = ROOT / "scripts" / "vendor.json"
VENDOR = ROOT / "static" / "vendor"


# `from` is a Python keyword, hence this form.
File = TypedDict("File", {"from": str, "sha256": str})


class Package(TypedDict):
    version: str
    why: str
    integrity: str  # "sha512-" and base64, as npm writes it
    files: dict[str, File]  # by their names in static/vendor/<package>


def packages() -> dict[str, Package]:
    manifest: dict[str, Package] = json.loads(MANIFEST.read_text())
    return manifest


def main() -> None:
    environment = node_environment()
    for name, package in packages().items():
        with tempfile.TemporaryDirectory() as folder:
            tarball = _pack(f"{name}@{package['version']}", Path(folder), environment)
            _check_integrity(name, tarball.read_bytes(), package["integrity"])
            shutil.rmtree(VENDOR / name, ignore_errors=True)
            with tarfile.open(tarball) as archive:
                for target, file in package["files"].items():
                    _take(archive, file, VENDOR / name / target)
        print(f"{name} {package['version']}: {len(package['files'])} files")


def _pack(spec: str, folder: Path, environment: dict[str, str]) -> Path:
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    command = [npm, "pack", spec, "--pack-destination", str(folder), "--loglevel=error"]
    if subprocess.run(command, env=environment, capture_output=True).returncode:
        raise SetupError(f"npm could not fetch {spec}: is the network there?")
    return next(folder.glob("*.tgz"))


def _check_integrity(name: str, tarball: bytes, expected: str) -> None:
    found = "sha512-" + base64.b64encode(sha512(tarball).digest()).decode()
    if found != expected:
        raise SetupError(f"{name} is not the package that vendor.json pins: {found}")


def _take(archive: tarfile.TarFile, file: File, target: Path) -> None:
    member = archive.extractfile(f"package/{file['from']}")
    content = member.read() if member else b""
    found = sha256(content).hexdigest()
    if found != file["sha256"]:
        raise SetupError(f"{target.name} is not the file that vendor.json pins: {found}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(str(error))
