"""What an answer amounts to, in the words of the table."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

REFUSALS = (401, 403, 404)


def outcome(answer: Any) -> str:
    """An outcome of the table; a status that the table has no word for stands for itself."""
    status = answer.status_code
    leads_to = answer.get("Location", "").split("?")[0]
    if status == 401 or (status == 302 and leads_to in (reverse("account_login"), "/admin/login/")):
        return "in"
    if status == 302 and leads_to == reverse("second_factor"):
        return "set-up"
    if status == 403 and _code(answer) == "not_accepted":
        return "acc"
    return str(status)


def _code(answer: Any) -> str:
    if answer.get("Content-Type", "") != "application/json":
        return ""
    return str(answer.json()["error"]["code"])


def fits(expected: str, found: str, *, strict: bool) -> bool:
    """Whether an answer is what the table says.

    Args:
        expected: an outcome of the table.
        found: what `outcome` made of the answer.
        strict: the request is complete, so that `yes` is a success and nothing less.
    """
    if expected != "yes":
        return found == expected
    if not found.isdigit() or int(found) in REFUSALS:
        return False
    good = 200 <= int(found) < 400
    return good if strict else good or int(found) < 500 or found == "503"
