"""Password hashing that costs a test next to nothing."""

from __future__ import annotations

from accounts.hashers import QueuedArgon2


class QuickArgon2(QueuedArgon2):
    """The site's hasher with the least work that Argon2 allows: same format, same queue."""

    memory_cost = 8  # KiB
    time_cost = 1
    parallelism = 1
