"""Changes the settings of the site, and keeps the record of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit.recording import record
from accounts.models import User
from accounts.site_settings import current
from accounts.site_settings.models import FIELDS, SiteSettings
from chatsite.lib import limit_lists
from chatsite.lib.errors import Forbidden, Refused


@transaction.atomic
def change(changes: dict[str, Any], *, by: User | None) -> SiteSettings:
    """Set fields of the site's settings; an empty value gives the word back to the variable.

    The audit entry names the fields, and whether each is set now; of registration it has the word,
    and each rate limit.

    Args:
        changes: values by the names of fields; an icon as `icon.rewritten` made it.
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` is no administrator.
        Refused: `invalid`, with a sentence that says what to change.
    """
    if by is not None and not by.is_administrator:
        raise Forbidden("Only administrators change the site's settings.", code="not_your_role")
    SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY)
    row = SiteSettings.objects.select_for_update().get(pk=SiteSettings.ONLY)
    fields = [one for one in FIELDS if one in changes and changes[one] != _value(row, one)]
    if unknown := set(changes) - set(FIELDS):
        raise Refused(f"There is no setting {min(unknown)}.", code="invalid")
    if not fields:
        return row
    for one in fields:
        setattr(row, one, changes[one])
    try:
        row.full_clean(exclude=["icon"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    row.save(update_fields=fields)
    record("site.changed", by=by, **_facts(row, fields))
    transaction.on_commit(current.read_again)
    return row


def _value(row: SiteSettings, name: str) -> Any:
    value = getattr(row, name)
    return bytes(value) if isinstance(value, memoryview) else value


def _facts(row: SiteSettings, fields: list[str]) -> dict[str, Any]:
    facts = {one: _word(row, one) for one in fields}
    if "rate_limits" in fields:
        for name, (many, seconds) in limit_lists.parse(row.rate_limits).items():
            facts[f"limit_{name}"] = f"{many}/{seconds}"
    return facts


def _word(row: SiteSettings, name: str) -> str:
    value = _value(row, name)
    if value in ("", b"", None):
        return "unset"
    return value if name == "registration" else "set"
