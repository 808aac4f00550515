"""Django's command, which then stands on the audit log."""

from __future__ import annotations

from getpass import getuser
from typing import Any

from django.contrib.auth.management.commands import changepassword

from accounts.audit.account_history import record_change
from accounts.models import User


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> Any:
        """In no transaction: it waits for somebody to type."""
        said = super().handle(*args, **options)
        user = User.objects.get(name=options["username"] or getuser())
        record_change("password.changed", user, None, "Changed the password.")
        return said
