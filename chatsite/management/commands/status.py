"""The state of the site: engines, people, rooms, storage, and what needs somebody.

Ends with exit code 1 if an engine is unreachable.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatsite.ops import status


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        found = status.facts()
        text = json.dumps(found, indent=2) if options["json"] else "\n".join(_lines(found))
        self.stdout.write(text)
        if not all(found["engines"].values()):
            raise CommandError("An engine is unreachable.")


def _lines(found: dict[str, Any]) -> Iterator[str]:
    for name, value in found.items():
        if name == "problems":
            yield from (f"! {problem}" for problem in value)
        elif isinstance(value, dict):
            parts = (f"{key.replace('_', ' ')} {part}" for key, part in value.items())
            yield f"{name.replace('_', ' ')}: {', '.join(parts)}"
        else:
            yield f"{name.replace('_', ' ')}: {value}"
