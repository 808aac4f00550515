"""Exit with 0 if the server in this container can do its work, else say what is missing."""

from __future__ import annotations

import os
import sys
from urllib.error import URLError
from urllib.request import urlopen

TIMEOUT = 5  # seconds


def main() -> None:
    try:
        # Its own process, and no other scheme.
        urlopen(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz", timeout=TIMEOUT)
    except URLError as error:
        body = getattr(error, "read", bytes)()
        sys.exit(f"{error.reason} {body.decode()}".strip())


if __name__ == "__main__":
    main()
