"""Accounts, from the command line: the same as in the admin, for scripts and for the first start.

Links are secrets: they are printed on a terminal only. Elsewhere they go into a file in the data
folder that its owner alone may read.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Count, Max, Q

from accounts import bulk, lifecycle, links, selectors
from accounts.factor import second_factor
from accounts.models import User
from chatsite.lib.commands import SiteCommand

ROLES = {"none" if role == "" else role: role for role, _ in User.ROLES}
FOREVER = "Nothing brings a deleted account back, its recovery kit included."
READS = (
    "It opens the account, not old messages: for those its person needs their keys or their "
    "recovery kit."
)


class Command(SiteCommand):
    help = __doc__

    def add_subcommands(self, subparsers: Any) -> None:
        _add_list(subparsers)
        _add_creation(subparsers)
        _add_helps(subparsers)
        _add_changes(subparsers)

    def do_list(self, names: list[str], deleted: bool, **options: Any) -> None:
        seen = Max("sign_ins__seen_at")
        rooms = Count("memberships", filter=Q(memberships__room__closed_at=None), distinct=True)
        found = User.objects.annotate(seen=seen, rooms=rooms).order_by("name")
        if names:
            found = found.filter(name__in=[name.lower() for name in names])
        elif not deleted:
            found = found.filter(deleted_at=None)
        columns = ("name", "state", "role", "rooms", "joined", "seen", "uid")
        self.table(columns, map(_row, found))

    def do_create(self, names: list[str], csv: Path | None, days: int, **options: Any) -> None:
        wanted = [name.lower() for name in names]
        if csv is not None:
            wanted += bulk.names_of_csv(_text_of(csv))
        if not wanted:
            raise CommandError("Name somebody, or a file with --csv.")
        with transaction.atomic():
            made = bulk.create_accounts(wanted, by=None, lifetime=_days(days))
            out = self.hand_out(bulk.csv_of(made).rstrip("\n"), "csv")
        names = [user.name for user, _ in made]
        text = f"{len(made)} accounts made. Give each person their own link alone, within {days} "
        self.answer(f"{text}days.\n{_shown(out)}", {"created": names, **out})

    def do_invite(
        self, uses: int, days: int, note: str, administrator: bool, **options: Any
    ) -> None:
        with transaction.atomic():
            row, link = links.make_account_link(
                by=None, note=note, max_uses=uses, lifetime=_days(days), administrator=administrator
            )
            out = self.hand_out(link)
        expires = row.expires_at.isoformat(timespec="seconds")
        who = "an administrator" if administrator else f"{uses} people" if uses > 1 else "one"
        text = f"The link lets {who} in, until {expires}.\n{_shown(out)}"
        self.answer(text, {"id": row.pk, "uses": row.max_uses, "expires": expires, **out})

    def do_disable(self, name: str, **options: Any) -> None:
        user = _account(name)
        lifecycle.set_active(user, False, by=None)
        text = f"{user.name} is disabled, and signed out everywhere. `people enable` undoes it."
        self._ended(text, user)

    def do_enable(self, name: str, **options: Any) -> None:
        user = _account(name)
        lifecycle.set_active(user, True, by=None)
        self.answer(f"{user.name} may sign in again.", _row_of(user))

    def do_delete(self, name: str, yes: bool, **options: Any) -> None:
        user = _account(name)
        self.confirmed(user.name, yes, FOREVER)
        lifecycle.delete_account(user, by=None)
        text = f"The account {user.name} has ended. Its name stays taken."
        self._ended(text, user)

    def _ended(self, text: str, user: User) -> None:
        """Say what the rooms of a person whose account ends still need."""
        rooms = selectors.rooms_to_hand_over(user)
        if rooms:
            text += (
                "\nThese rooms go on without an owner, unless the successor whom their log names "
                "takes over:\n" + "\n".join(rooms)
            )
        self.answer(text, {**_row_of(user), "rooms_without_owner": rooms})

    def do_second_factor(self, name: str, **options: Any) -> None:
        user = _account(name)
        second_factor.remove(user, by=None)
        self.answer(f"{user.name} signs in with the password alone.", _row_of(user))

    def do_mail(self, name: str, address: str, **options: Any) -> None:
        user = _account(name)
        lifecycle.set_mail(user, address, by=None)
        has = "has a mail address" if address else "has no mail address"
        self.answer(f"{user.name} {has}.", _row_of(user))

    def do_reset(self, name: str, mail: bool, **options: Any) -> None:
        user = _account(name)
        if mail:
            links.mail_password_link(user, by=None)
            self.answer(f"The link is on its way to {user.name}.", {"name": user.name})
            return
        with transaction.atomic():
            out = self.hand_out(links.make_password_link(user, by=None))
        text = f"Give it to {user.name} alone, by a way you trust. {READS}\n{_shown(out)}"
        self.answer(text, {"name": user.name, **out})

    def do_role(self, name: str, role: str, **options: Any) -> None:
        user = _account(name)
        lifecycle.set_role(user, ROLES[role], by=None)
        user.refresh_from_db()
        text = f"The role of {user.name} in the admin: {role}."
        if user.role and not user.has_usable_password():
            text += f"\n{lifecycle.NEEDS_LINK} `people reset {user.name}` does."
        self.answer(text, {**_row_of(user), "password": user.has_usable_password()})


def _account(name: str) -> User:
    user = User.objects.filter(name=name.lower(), deleted_at=None).first()
    if user is None:
        raise CommandError("There is no account of that name.")
    return user


def _row_of(user: User) -> dict[str, Any]:
    found = User.objects.get(pk=user.pk)
    return {
        "name": found.name,
        "uid": found.pk,
        "state": _state(found),
        "role": found.role or "none",
    }


def _row(user: Any) -> dict[str, Any]:
    return {
        "name": user.name,
        "state": _state(user),
        "role": user.role or "none",
        "rooms": user.rooms,
        "joined": _moment(user.date_joined),
        "seen": _moment(user.seen),
        "uid": user.pk,
    }


def _state(user: User) -> str:
    if user.deleted_at is not None:
        return "deleted"
    return "active" if user.is_active else "disabled"


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _days(days: int) -> timedelta:
    if not 1 <= days <= links.LONGEST_LIFETIME.days:
        raise CommandError(f"A link is good for 1 to {links.LONGEST_LIFETIME.days} days.")
    return timedelta(days=days)


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CommandError(f"The file cannot be read ({reason}).") from None


def _shown(out: dict[str, str]) -> str:
    return out["secret"] if "secret" in out else f"It is in {out['file']}"


def _add_list(subparsers: Any) -> None:
    listed = subparsers.add_parser("list", help="who has an account")
    listed.add_argument("names", nargs="*", metavar="NAME", help="these alone")
    listed.add_argument("--all", action="store_true", dest="deleted", help="deleted accounts, too")


def _add_creation(subparsers: Any) -> None:
    created = subparsers.add_parser(
        "create", help="make accounts, each with a one-time link to its first password"
    )
    created.add_argument("names", nargs="*", metavar="NAME")
    created.add_argument(
        "--csv", type=Path, metavar="FILE", help="a file with a name in each line's first cell"
    )
    created.add_argument("--days", type=int, default=7, help="the links' lifetime: 7")
    invited = subparsers.add_parser(
        "invite", help="make a link by which people make an account themselves"
    )
    invited.add_argument("--uses", type=int, default=1, help="accounts that it lets in: 1")
    invited.add_argument("--days", type=int, default=7, help="its lifetime: 7")
    invited.add_argument("--note", default="", help="what it is for")
    invited.add_argument(
        "--administrator",
        action="store_true",
        help="the account is an administrator's; one use, one hour",
    )


def _add_helps(subparsers: Any) -> None:
    for what, help_text in (
        ("disable", "sign somebody out everywhere, and let them in no more"),
        ("enable", "let somebody in again"),
        ("second-factor", "turn somebody's second factor off: they lost app and codes"),
        ("reset", "make a one-time link to a new password, good for 24 hours"),
    ):
        one = subparsers.add_parser(what, help=help_text)
        one.add_argument("name", metavar="NAME")
        if what == "reset":
            one.add_argument("--mail", action="store_true", help="send it to their address")


def _add_changes(subparsers: Any) -> None:
    addressed = subparsers.add_parser("mail", help="note somebody's mail address, or forget it")
    addressed.add_argument("name", metavar="NAME")
    addressed.add_argument("address", nargs="?", default="", metavar="ADDRESS")
    deleted = subparsers.add_parser("delete", help="end an account forever")
    deleted.add_argument("name", metavar="NAME")
    deleted.add_argument("--yes", action="store_true", help="without asking")
    given = subparsers.add_parser("role", help="give somebody a role in the admin, or take it")
    given.add_argument("name", metavar="NAME")
    given.add_argument("role", choices=list(ROLES))
