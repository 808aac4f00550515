"""How one variable of the environment is read: its value or its file, its type and its bounds.

`chatsite/variables.py` declares every variable. Secrets that nobody gives are made once and kept in
the data folder, readable by the owner only.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
SHOWN_MOST = 60  # characters of a bad value that an error quotes


@dataclass(frozen=True)
class Variable(Generic[T]):
    """One variable. `about` and `shown` are its meaning and its default in the README.

    `parse` raises ValueError with the rest of a sentence that begins with the variable's name. It
    must not quote the value; `read` does so unless the variable is `secret`.
    """

    name: str
    parse: Callable[[str], T]
    default: T
    about: str
    shown: str
    secret: bool = False

    def read(self) -> T:
        """The value of `NAME_FILE`, else of `NAME`, else the default. An empty value counts as
        none, because forms and templates often set empty variables.

        Raises:
            ImproperlyConfigured: one line that says what is wrong and what is accepted.
        """
        text = given(self.name)
        if not text.strip():
            return self.default
        if not self.secret:  # spaces may belong to a password
            text = text.strip()
        try:
            return self.parse(text)
        except ValueError as error:
            quoted = "" if self.secret else f"={_short(text)}"
            raise ImproperlyConfigured(f"{self.name}{quoted} {error}") from None


def given(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text of the variable `name`, from the file that `NAME_FILE` names where it is set.

    Raises:
        ImproperlyConfigured: the file cannot be read.
    """
    path = environment.get(f"{name}_FILE", "")
    if not path:
        return environment.get(name, "")
    try:
        return Path(path).read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError:
        reason = "it is not UTF-8 text"
    raise ImproperlyConfigured(
        f"{name}_FILE names {_short(path)}, which cannot be read ({reason}): put the "
        f"value of {name} there, or set another path."
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_MOST else f"{line[:SHOWN_MOST]}…"


@contextmanager
def one_line_at_most() -> Iterator[None]:
    """For a process's entry point: a bad variable ends it with one line and exit code 78.

    Raises:
        SystemExit: in place of ImproperlyConfigured.
    """
    try:
        yield
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201
        raise SystemExit(os.EX_CONFIG) from None


def made_secret(value: str, name: str, folder: Path) -> str:
    """`value` if there is one, else the secret called `name` in `folder`, where the first start
    puts a random one.

    Raises:
        ImproperlyConfigured: the folder or the file cannot be used.
    """
    if value:
        return value
    path = folder / name.lower()
    try:
        try:
            return path.read_text("ascii").strip() or _make(path)
        except FileNotFoundError:
            return _make(path)
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(
            f"The secret {path} cannot be read or made ({_reason(error)}): let this process read "
            f"and write {folder}, or set {name}."
        ) from None


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


def made_folder(path: Path) -> Path:
    """`path`, made for its owner alone if it is not there.

    Raises:
        ImproperlyConfigured: it cannot be made, or is not a folder.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"SOTTO_DATA={_short(str(path))} cannot be used as a folder ({_reason(error)}): name "
            "one that this process may make, read and write."
        ) from None
    return path


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def tree_hash(*folders: Path) -> str:
    """A short hash of every file below `folders`: the static URL changes when a file does."""
    total = sha256()
    for folder in folders:
        for path in sorted(item for item in folder.rglob("*") if item.is_file()):
            total.update(str(path.relative_to(folder)).encode())
            total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]
