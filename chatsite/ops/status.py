"""The state of the site in figures: for `manage.py status` and the front page of the admin.

Metadata only, in a constant number of queries.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from accounts import links
from accounts.lifecycle import able_to_sign_in
from accounts.models import AccountLink, ExternalIdentity, SignIn, StorageUse, User
from accounts.site_settings import current
from chatsite import __version__
from chatsite.lib import disk, moments
from chatsite.ops import health, queues
from rooms.models import Room
from rooms.selectors import without_owner
from summaries.models import SummaryWorker

SILENT_AFTER = timedelta(minutes=5)  # a worker announces itself every minute
TIDY_WITHIN = timedelta(hours=3)  # servers tidy every hour
BACKUP_WITHIN = timedelta(hours=48)


def facts() -> dict[str, Any]:
    """Everything, ready for JSON: times as ISO 8601, sizes in bytes."""
    engines = health.working()
    found: dict[str, Any] = {
        "version": __version__,
        "build": settings.BUILD,
        "registration": current.registration(),
        "engines": engines,
        "disk": {"free": disk.free_bytes(), "floor": settings.DISK_FLOOR},
        "last_tidy": _moment(moments.last("tidy")),
        "last_backup": _moment(moments.last("backup")),
    }
    if engines["database"]:
        found |= {
            "worker": _worker(),
            "people": _people(),
            "rooms": _rooms(),
            "storage": storage(),
            "queues": queues.waiting(),
            "open_links": links.open_links().filter(kind=AccountLink.ACCOUNT).count(),
        }
    return {**found, "problems": problems(found)}


def problems(found: dict[str, Any]) -> list[str]:
    """A sentence for each thing in `facts` that somebody should do something about."""
    said = [f"{name} is unreachable." for name, works in found["engines"].items() if not works]
    if found["disk"]["free"] < found["disk"]["floor"]:
        said.append("The disk is full: nothing new is stored.")
    if found["last_tidy"] and _is_old(found["last_tidy"], TIDY_WITHIN):  # else it has just begun
        said.append("Nobody has tidied up for hours: is a web process or beat running?")
    if _is_old(found["last_backup"], BACKUP_WITHIN):
        said.append("There is no backup of the last two days that this data folder knows of.")
    if "people" in found:
        said += _of_people(found)
    return said


def _of_people(found: dict[str, Any]) -> list[str]:
    said = []
    able, without_owner = found["people"]["administrators_able"], found["rooms"]["no_owner"]
    if found["people"]["administrators"] == 0:
        said.append("There is no administrator: `manage.py people invite --administrator`.")
    elif able == 0:
        said.append("No administrator has a password: `manage.py people reset NAME`.")
    elif able == 1:
        said.append(
            "There is one administrator who can sign in: make a second one before you need them."
        )
    if without_owner:
        rooms = "1 room has" if without_owner == 1 else f"{without_owner} rooms have"
        said.append(f"{rooms} no owner who can sign in.")
    if found["worker"]["silent"]:
        said.append("The summaries' worker is silent.")
    if found["people"]["sso_unasked"]:
        many = found["people"]["sso_unasked"]
        people = "1 person who signs" if many == 1 else f"{many} people who sign"
        said.append(
            f"The provider is not asked about {people} in by it: it gave no refresh "
            "token. Add the scope for one (`OIDC_SCOPE`, often offline_access), or set "
            "OIDC_RECHECK=0 where it logs people out itself."
        )
    return said


def _worker() -> dict[str, Any]:
    heard = SummaryWorker.objects.aggregate(at=Max("heard_at"))["at"]
    silent = heard is not None and heard < timezone.now() - SILENT_AFTER
    return {"heard": _moment(heard), "silent": silent}


def _people() -> dict[str, int]:
    lately = timezone.now() - timedelta(days=1)
    counted = User.objects.aggregate(
        active=Count("pk", filter=Q(is_active=True)),
        disabled=Count("pk", filter=Q(is_active=False, deleted_at=None)),
        deleted=Count("pk", filter=Q(deleted_at__isnull=False)),
    )
    administrators = list(User.objects.administrators())
    today = SignIn.objects.filter(seen_at__gt=lately).values("user").distinct().count()
    return {
        **counted,
        "administrators": len(administrators),
        "administrators_able": len(able_to_sign_in(administrators)),
        "seen_today": today,
        "sso_unasked": _sso_unasked(),
    }


def _sso_unasked() -> int:
    """People who are signed in by single sign-on, and about whom OIDC_RECHECK can ask nothing."""
    if not settings.OIDC_ISSUER or not settings.OIDC_RECHECK:
        return 0
    signed_in = SignIn.objects.filter(by_sso=True, expires_at__gt=timezone.now()).values("user")
    here = ExternalIdentity.objects.filter(issuer=settings.OIDC_ISSUER, user__in=signed_in)
    return here.filter(refresh_token="").count()


def _rooms() -> dict[str, int]:
    is_open = Q(closed_at=None)
    counted = Room.objects.aggregate(
        open=Count("pk", filter=is_open & Q(stopped_at=None)),
        stopped=Count("pk", filter=is_open & Q(stopped_at__isnull=False)),
        closed=Count("pk", filter=Q(closed_at__isnull=False)),
    )
    return {**counted, "no_owner": without_owner(Room.objects.all()).count()}


def storage() -> dict[str, int]:
    """Bytes of all people together, by what they are."""
    kinds = ("messages", "files", "log")
    found = StorageUse.objects.aggregate(**{f"{kind}_bytes": Sum(kind) for kind in kinds})
    return {name: value or 0 for name, value in found.items()}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _is_old(text: str | None, age: timedelta) -> bool:
    return text is None or datetime.fromisoformat(text) < timezone.now() - age
