"""Exit with 0 if the process in this container can do its work, else say what is missing.

A server is asked; a worker, whom nobody can ask, has touched ALIVE_FILE lately.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

TIMEOUT = 5  # seconds
LATELY = 100  # seconds: three touches


def main() -> None:
    alive = os.environ.get("ALIVE_FILE")
    problem = _silence(Path(alive)) if alive else _answer(os.environ.get("PORT", "8000"))
    if problem:
        sys.exit(problem)


def _silence(file: Path) -> str:
    if not file.exists():
        return "It has not started yet."
    silent = time.time() - file.stat().st_mtime
    return f"No sign of life for {silent:.0f} s." if silent > LATELY else ""


def _answer(port: str) -> str:
    try:
        urlopen(_request(f"http://127.0.0.1:{port}/readyz"), timeout=TIMEOUT)  # noqa: S310 (this process)
    except URLError as error:
        return f"{error.reason} {getattr(error, 'read', bytes)().decode()}".strip()
    return ""


def _request(url: str) -> Request:
    """With the token, where there is one, the answer names the engine that is unreachable."""
    token = os.environ.get("METRICS_TOKEN", "")
    return Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310


if __name__ == "__main__":
    main()
