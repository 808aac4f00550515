"""The table of identities that providers vouch for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class ExternalIdentity(models.Model):
    """An identity for which a provider vouches: its `issuer` and its `subject` there.

    `refresh_token` is the newest that the provider gave, encrypted (`accounts.sso.checking`).
    `ended_at` is set from when the provider lets the person in no more, or has logged them out,
    until they sign in by it again.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external_identities"
    )
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)
    # A process of the version before, which knows no such columns, may add rows.
    refresh_token = models.TextField(blank=True, default="", db_default="", editable=False)
    checked_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "external_identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="external_identity_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="one_identity_of_an_issuer"),
        ]
