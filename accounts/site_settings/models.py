"""The one row of settings. An empty field leaves the word to the variable of the environment."""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q

from chatsite.lib import limit_lists

NAME_MOST = 40  # characters
ANNOUNCEMENT_MOST = 500
URL_MOST = 300
BYTES_MOST = 2**50
FILE_LEAST = 2**20  # bytes
LIMITS_MOST = 2000  # characters
WAYS_IN = (
    *("login", "login_address", "login_name", "form_posts", "sso", "password", "passkey"),
    *("admin", "reads", "account_reads", "writes"),
)
"""Limits that also stop the administrator who would take them back."""
NO_TEXT = re.compile(r"[<>\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Neither markup nor what cannot be seen: controls, marks of direction, spaces without width."""

_is_url = URLValidator(schemes=["http", "https"])


def plain_text(value: str) -> None:
    """Refuse what is no single line of plain text.

    Raises:
        ValidationError: it has markup or characters that cannot be seen.
    """
    if NO_TEXT.search(value):
        raise ValidationError("Use plain text in one line, without < and >.")


def web_address(value: str) -> None:
    """Refuse what is no http or https address that a page may link to.

    Raises:
        ValidationError: it is none, or has a name or a password in it.
    """
    _is_url(value)
    if "@" in urlsplit(value).netloc:
        raise ValidationError("Leave the name and the password out of the address.")


def rate_limits(value: str) -> None:
    """Refuse what is no list of this site's limits, or would lock administrators out.

    Raises:
        ValidationError: with what to change.
    """
    try:
        changed = limit_lists.parse(value)
        limit_lists.merged(changed, settings.RATE_LIMITS, "The list")
    except ValueError as error:
        text = str(error)
        raise ValidationError(f"This {text}" if text.startswith("is ") else text) from None
    for name in WAYS_IN:
        many, seconds = changed.get(name, settings.RATE_LIMITS[name])
        usual, period = settings.RATE_LIMITS[name]
        if many * 4 < usual or many * period * 4 < usual * seconds:
            raise ValidationError(
                f"Let {name} be at least a quarter of {usual}/{period}: administrators need it, "
                "too, to come back to this page."
            )


class SiteSettings(models.Model):
    """Values that administrators have set. There is at most one row."""

    ONLY = 1
    MODES = (
        ("open", "open: anybody"),
        ("invited", "invited: anybody with an open invitation link to a room"),
        ("closed", "closed: nobody"),
    )

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(max_length=NAME_MOST, blank=True, validators=[plain_text])
    icon = models.BinaryField(blank=True, default=b"")
    announcement = models.CharField(
        max_length=ANNOUNCEMENT_MOST, blank=True, validators=[plain_text]
    )
    registration = models.CharField("new accounts", max_length=7, blank=True, choices=MODES)
    terms_url = models.CharField(
        "terms of use", max_length=URL_MOST, blank=True, validators=[web_address]
    )
    privacy_url = models.CharField(
        "privacy notice", max_length=URL_MOST, blank=True, validators=[web_address]
    )
    storage_per_person = models.PositiveBigIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(BYTES_MOST)]
    )
    rooms_per_person = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(10**6)]
    )

    file_most = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(FILE_LEAST), MaxValueValidator(BYTES_MOST)],
    )
    rate_limits = models.CharField(
        max_length=LIMITS_MOST, blank=True, default="", db_default="", validators=[rate_limits]
    )

    class Meta:
        db_table = "site_settings"
        verbose_name = verbose_name_plural = "site settings"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="site_settings_is_one_row"),
            models.CheckConstraint(
                condition=Q(registration__in=("", "open", "invited", "closed")),
                name="site_registration_is_known",
            ),
        ]

    def __str__(self) -> str:
        return "Site settings"


FIELDS = tuple(one.name for one in SiteSettings._meta.fields if one.name != "id")


def version_of(content: bytes | str) -> str:
    """A short name of what an icon or an announcement says: another one has another name."""
    whole = content.encode() if isinstance(content, str) else content
    return sha256(whole).hexdigest()[:16]
