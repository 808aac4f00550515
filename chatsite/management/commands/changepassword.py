"""Django's command, which then stands on the audit log."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from accounts.audit.account_history import record_change
from accounts.models import User
from chatsite.lib import pubsub
from chatsite.lib.bus_events import SignInEnded
from chatsite.lib.command_events import left_by_command

TRIES = 3


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str:
        """Somebody types before the transaction begins, which holds up others who write."""
        name = options["username"] or getpass.getuser()
        user = User.objects.filter(name=name).first()
        if user is None:
            raise CommandError(f"There is no account {name}.")
        self.stdout.write(f"Changing the password of {name}.")
        user.set_password(self._typed(user))
        with left_by_command(), transaction.atomic():
            user.save(update_fields=["password"])
            pubsub.publish(SignInEnded(user.pk))  # all hang on the password
            record_change("password.changed", user, None, "Changed the password.")
        return f"The password of {name} is changed."

    def _typed(self, user: User) -> str:
        for _ in range(TRIES):
            password = getpass.getpass(prompt="Password: ")
            if getpass.getpass(prompt="Password (again): ") != password:
                self.stderr.write("The two passwords differ. Try again.")
                continue
            try:
                validate_password(password, user)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
            else:
                return password
        raise CommandError(f"The password was not changed, after {TRIES} attempts.")
