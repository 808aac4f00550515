"""Accounts made for others: many at once, each with a one-time link to its first password."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import links
from accounts.audit.account_history import record_changes
from accounts.models import User
from chatsite.lib.errors import Conflict, Refused

MOST = 10_000  # accounts at once, by a command
MOST_IN_REQUEST = 500  # others wait for the database meanwhile
SHOWN_MOST = 5  # problems that an error names
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters at which a spreadsheet takes a cell for a formula."""
SEPARATORS = re.compile(r"[;\t]")
"""Beside the comma: spreadsheets in many languages write a semicolon. No name has either."""
HEADINGS = ("name", "user name", "username")


def names_of_csv(text: str, most: int = MOST) -> list[str]:
    """The user names in the first column of a CSV file, in lower case. A first row that says `name`
    is a heading; empty lines are skipped. Lines end and cells are separated in any usual way.

    Raises:
        Refused: `invalid`: no names, too many, or names that nobody can have, by line.
    """
    try:
        cells = _first_cells(text)
    except csv.Error:
        raise Refused("That is not a CSV file.", code="invalid") from None
    if cells and cells[0][1] in HEADINGS:
        del cells[0]
    if not cells:
        raise Refused("Name somebody.", code="invalid")
    if len(cells) > most:
        raise Refused(_too_many(len(cells), most), code="invalid")
    wrong = [f"line {at}" for at, name in cells if not _is_name(name)]
    if wrong:
        raise Refused(
            "These lines hold no user name (3 to 32 of a-z, 0-9, dot, hyphen, underscore): "
            f"{_some(wrong)}. Nothing was made.",
            code="invalid",
        )
    return [name for _, name in cells]


@transaction.atomic
def create_accounts(
    names: Iterable[str], *, by: User | None, lifetime: timedelta = links.ACCOUNT_LIFETIME
) -> list[tuple[User, str]]:
    """Make accounts without a password, each with a link to one: all of them, or none.

    Args:
        names: user names, in lower case.
        by: who makes them, for the record; None for a command on the server.

    Returns:
        Each account with its link, in the order of `names`.

    Raises:
        Refused: `invalid`, for a name that nobody can have.
        Conflict: `name_taken`, also for a name that is given twice.
    """
    wanted = list(names)
    if any(not _is_name(name) for name in wanted):
        raise Refused(
            "Use 3 to 32 of these in a user name: a-z, 0-9, dot, hyphen, underscore.",
            code="invalid",
        )
    taken = set(User.objects.filter(name__in=wanted).values_list("name", flat=True))
    twice = {name for name, many in Counter(wanted).items() if many > 1}
    if taken | twice:
        some = _some(sorted(taken | twice))
        raise Conflict(f"Taken, or named twice: {some}. Nothing was made.", code="name_taken")
    made = [User(name=name) for name in wanted]
    for user in made:
        user.set_unusable_password()
    try:
        with transaction.atomic():
            User.objects.bulk_create(made)
    except IntegrityError:
        raise Conflict("A name was taken meanwhile. Nothing was made.", code="name_taken") from None
    record_changes("account.registered", made, by, "Made the account.", how="others")
    texts = links.make_password_links(made, by=by, lifetime=lifetime)
    return list(zip(made, texts, strict=True))


def csv_of(made: Iterable[tuple[User, str]]) -> str:
    """Names and links as a CSV file that is safe to open in a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "link"))
    writer.writerows((safe_cell(user.name), safe_cell(link)) for user, link in made)
    return out.getvalue()


def safe_cell(text: str) -> str:
    """`text` as a cell that no spreadsheet runs: names may begin with a hyphen."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _first_cells(text: str) -> list[tuple[int, str]]:
    """Lines that are not empty: their number, and their first cell in lower case."""
    found = []
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=None))
    for row in reader:
        cells = [part.strip() for cell in row for part in SEPARATORS.split(cell)]
        if any(cells):
            found.append((reader.line_num, cells[0].lower()))
    if found and found[0][1].startswith("sep="):  # tells spreadsheets the separator
        del found[0]
    return found


def _is_name(name: str) -> bool:
    try:
        for validate in User._meta.get_field("name").validators:
            validate(name)
    except ValidationError:
        return False
    return True


def _too_many(given: int, most: int) -> str:
    said = f"These are {given} people, and {most} are made at once: make several files of it"
    if most == MOST:
        return f"{said}. Nothing was made."
    return (
        f"{said}, or use `manage.py people create --csv FILE` on the server, which takes {MOST}. "
        "Nothing was made."
    )


def _some(texts: list[str]) -> str:
    rest = len(texts) - SHOWN_MOST
    shown = ", ".join(texts[:SHOWN_MOST])
    return f"{shown} and {rest} more" if rest > 0 else shown
