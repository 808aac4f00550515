#!/usr/bin/env python
"""Django's command line for this site."""

import os
import sys

from django.core.management import execute_from_command_line

from chatsite.env import one_line_at_most


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    with one_line_at_most():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
