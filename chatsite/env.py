"""Typed reading of the environment: every variable has a `_FILE` variant and a default.

Secrets that nobody gives are made once and kept in the data folder, readable by the owner only.
"""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class Variables(FileAwareMapping):
    """The environment, where `NAME_FILE` may name a file; that its last line ends is no part of
    the value."""

    def __getitem__(self, key: str) -> str:
        try:
            return str(super().__getitem__(key)).rstrip("\r\n")
        except OSError as error:
            path = self.env[f"{key}_FILE"]
            raise ImproperlyConfigured(
                f"{key}_FILE names {path}, which cannot be read ({error.strerror}): put the "
                f"value of {key} there, or set another path."
            ) from None


class Env(environ.Env):
    ENVIRON = Variables()


env = Env()


def made_secret(name: str, folder: Path) -> str:
    """The secret called `name`: from the environment (`NAME` or `NAME_FILE`), else from
    `folder`, where the first start puts a random one."""
    given = env.str(name, default="")
    if given:
        return given
    path = folder / name.lower()
    try:
        return path.read_text("ascii").strip() or _make(path)
    except FileNotFoundError:
        return _make(path)


def _make(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = secrets.token_urlsafe(48)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(fresh, "ascii")
    partial.chmod(0o600)
    try:
        os.link(partial, path)  # the first process wins, the others read what it made
    except FileExistsError:
        return path.read_text("ascii").strip()
    finally:
        partial.unlink()
    return fresh


def tree_hash(*folders: Path) -> str:
    """A short hash of every file below `folders`: the static URL changes when a file does."""
    total = sha256()
    for folder in folders:
        for path in sorted(item for item in folder.rglob("*") if item.is_file()):
            total.update(str(path.relative_to(folder)).encode())
            total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]
