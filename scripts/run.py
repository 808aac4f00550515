"""The Makefile's front door: `python3 -m scripts.run serve|dev|test|slow|check|format`.

Nothing newer than Python 2.7 may stand in this file: it has to start on whatever `python3` is,
so that it can find a newer one or say which is needed.
"""

import os
import subprocess
import sys

NEEDED = (3, 11)
NEWEST_KNOWN = 20


def main():
    # type: () -> None
    if sys.version_info < NEEDED:
        move_to_newer_python()
    from scripts.environment import run_task  # would not parse before the check above

    run_task(sys.argv[1:])


def move_to_newer_python():
    # type: () -> None
    for minor in range(NEWEST_KNOWN, NEEDED[1] - 1, -1):
        name = "python3.%d" % minor
        if is_new_enough(name):
            os.execvp(name, [name, "-m", "scripts.run"] + sys.argv[1:])
    sys.exit(
        "Python 3.11 or newer is needed, and this is %d.%d: install it "
        "(Debian, Ubuntu: apt-get install python3.11 python3.11-venv) "
        "or name one, as in `make run PYTHON=/path/to/python3`." % sys.version_info[:2]
    )


def is_new_enough(name):
    # type: (str) -> bool
    """True if `name` really starts: version managers put commands on the path that do not."""
    question = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        asked = subprocess.Popen(
            [name, "-c", question], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError:
        return False
    asked.communicate()
    return asked.returncode == 0


if __name__ == "__main__":
    main()
