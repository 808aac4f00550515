"""Print a one-time link with which somebody sets a new password. It is good for 24 hours.

Give it to that person alone, by a way you trust: the link opens the account. It does not
open old messages: for those they need their keys or their recovery kit.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import password_reset
from accounts.models import User
from chatsite.lib.errors import ChatError


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the user name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = User.objects.filter(name=name.lower(), deleted_at=None).first()
        if user is None:
            raise CommandError("There is no account of that name.")
        try:
            self.stdout.write(password_reset.make_link(user, by=None))
        except ChatError as error:
            raise CommandError(error.detail) from None
