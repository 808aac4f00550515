"""The site's own settings for a live server, but for passwords: `tests.hashers` says why."""

from chatsite.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.hashers.QuickArgon2", "accounts.hashers.QueuedPBKDF2"]
