"""Tokens of bots."""

from __future__ import annotations

import secrets

from django.db import models


def new_token_id() -> str:
    """16 random bytes as 32 hex characters."""
    return secrets.token_hex(16)


class BotToken(models.Model):
    """A token by which a bot signs in. Its secret is shown once, and kept as a hash alone.

    It is never changed: another one takes its place. Sign-ins that came about by it end with it.
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_token_id)
    bot = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="bot_tokens")
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(help_text="see accounts.bots.scopes")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "bot_tokens"

    def __str__(self) -> str:
        return self.id
