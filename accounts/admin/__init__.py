"""The admin of accounts: people and their sign-ins, the audit log, intrusion signals, settings."""

from accounts.admin import people  # noqa: F401  (registers what the admin shows)
