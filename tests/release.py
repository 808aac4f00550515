"""A release of this commit, made once per run: that takes seconds."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.live import ROOT, made_once

KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"release of the tests").digest())
"""Its public half begins with a dash in base64url, as one key in 64 does."""


def release(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`make release` with these arguments."""
    command = [sys.executable, "-m", "scripts.release", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def released(folder: Path) -> Path:
    """Make a release signed with KEY; returns the folder of its files."""
    path = folder / "release.pem"
    path.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    done = release(str(path), "--to", str(folder / "dist"))
    assert done.returncode == 0, done.stderr
    return folder / "dist"


def release_of_the_run() -> Path:
    """The folder of the files of the run's release, which are only read."""
    return made_once("release", released) / "dist"
