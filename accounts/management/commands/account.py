"""Disable, enable, promote, demote or delete an account: the same way as in the admin."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.models import User
from chatsite.lib.errors import ChatError

DONE = {
    "disable": "{} is disabled, and signed out everywhere. `account enable` undoes it.",
    "enable": "{} may sign in again.",
    "promote": "{} is an administrator.",
    "demote": "{} may no longer use the admin.",
    "delete": "The account {} has ended. Its name stays taken.",
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=list(DONE))
        parser.add_argument("name", help="the user name")
        parser.add_argument("--yes", action="store_true", help="delete without asking")

    def handle(self, *args: Any, what: str, name: str, yes: bool, **options: Any) -> None:
        user = User.objects.filter(name=name.lower(), deleted_at=None).first()
        if user is None:
            raise CommandError("There is no account of that name.")
        if what == "delete" and not yes and not self._confirmed(user.name):
            raise CommandError("Nothing was changed.")
        try:
            _do(what, user)
        except ChatError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(DONE[what].format(user.name))

    def _confirmed(self, name: str) -> bool:
        self.stdout.write("Nothing brings a deleted account back, its recovery kit included.")
        return input(f"Type {name} to delete it: ") == name


def _do(what: str, user: User) -> None:
    if what == "delete":
        actions.delete_account(user, by=None)
    elif what in ("disable", "enable"):
        actions.set_active(user, what == "enable", by=None)
    else:
        actions.set_administrator(user, what == "promote", by=None)
