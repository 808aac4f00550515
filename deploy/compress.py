"""Compresses static files as well as can be: while an image is built, and before `make run` serves.

    python deploy/compress.py static .cache/static

The second folder gets a twin of each file, which is served instead as long as it holds the same
bytes. A twin that is as new as its file is kept. Without twins a process compresses what it is
asked for, faster and a little less.
"""

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import brotli

TEXTS = {".css", ".js", ".svg", ".webmanifest"}


def main(folder: Path, twins: Path) -> None:
    if not twins.exists():
        print(f"Compressing {folder} …", flush=True)  # noqa: T201
    for path in sorted(folder.rglob("*")):
        if path.suffix in TEXTS:
            twin = twins / path.relative_to(folder)
            for suffix, compressed in (".br", as_brotli), (".gz", as_gzip):
                renew(twin.with_name(twin.name + suffix), path, compressed)


def as_brotli(content: bytes) -> bytes:
    return bytes(brotli.compress(content, quality=11, mode=brotli.MODE_TEXT))


def as_gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def renew(twin: Path, path: Path, compressed: Callable[[bytes], bytes]) -> None:
    """Make a file's twin, unless there is one that is as new; never half of one."""
    if twin.exists() and twin.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return
    twin.parent.mkdir(parents=True, exist_ok=True)
    half = twin.with_name(twin.name + ".part")
    half.write_bytes(compressed(path.read_bytes()))
    half.replace(twin)


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # the next start goes on
    except OSError as error:  # a folder that cannot be written, a full disk
        sys.exit(f"Static files are sent less compressed: {error.strerror}.")
