"""Refusals of the backup commands."""

from __future__ import annotations


class BackupError(Exception):
    """Nothing was backed up or restored. The text is one sentence for the operator, without a
    password: what is wrong and what to do.
    """
