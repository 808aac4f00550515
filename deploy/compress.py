"""Compresses static files as well as can be, while an image is built.

    python deploy/compress.py static

The twins stand beside their files and are served instead, as long as they hold the same bytes.
Without them a process compresses at its start, faster and a little less.
"""

import gzip
import sys
from pathlib import Path

import brotli

TEXTS = {".css", ".js", ".svg", ".webmanifest"}


def main(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.suffix in TEXTS:
            content = path.read_bytes()
            small = brotli.compress(content, quality=11, mode=brotli.MODE_TEXT)
            path.with_name(f"{path.name}.br").write_bytes(small)
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
