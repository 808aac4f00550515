"""Questions that wait for a decision of administrators, each with the page where it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.factor import policy
from accounts.models import AccountLink, IntrusionSignal, StorageUse
from accounts.site_settings import current
from messaging.reports.selectors import open_reports

LINKS_END_WITHIN = timedelta(days=3)
SIGNALS_OF = timedelta(days=7)
NEARLY_FULL = 0.9  # of a person's storage


@dataclass(frozen=True, slots=True)
class Decision:
    """A sentence, and the address of the page in the admin."""

    text: str
    address: str


def decisions(rooms_without_owner: int) -> list[Decision]:
    """Counts only, in a constant number of queries.

    Args:
        rooms_without_owner: as `status.facts` has counted them.
    """
    now = timezone.now()
    ending = links.open_links().filter(
        kind=AccountLink.ACCOUNT, expires_at__lt=now + LINKS_END_WITHIN
    )
    signals = IntrusionSignal.objects.filter(at__gt=now - SIGNALS_OF, lifted_at=None)
    slowed = signals.filter(slowed_until__gt=now)
    lacking = policy.lacking_for_role().count()
    counted = (
        (open_reports(), "report of abuse to the site", "reports of abuse to the site",
         "messaging_report_changelist", "?state__exact=open"),
        (slowed.count(), "slowed network", "slowed networks",
         "accounts_intrusionsignal_changelist", "?slowed=now"),
        (signals.count(), "signal of intrusion in the last week",
         "signals of intrusion in the last week", "accounts_intrusionsignal_changelist", ""),
        (rooms_without_owner, "room without an owner who can sign in",
         "rooms without an owner who can sign in", "rooms_room_changelist", "?owner=none"),
        (ending.count(), "open sign-up link ends within three days",
         "open sign-up links end within three days", "accounts_accountlink_changelist", ""),
        (_nearly_full(), "person has nearly used up their storage",
         "people have nearly used up their storage", "accounts_storageuse_changelist", "?o=-2"),
        (lacking, "person with a role lacks the second factor that they need",
         "people with a role lack the second factor that they need",
         "accounts_user_changelist", "?factor=lacking"),
    )  # fmt: skip
    return [
        Decision(f"{many} {one if many == 1 else more}", reverse(f"admin:{page}") + query)
        for many, one, more, page, query in counted
        if many
    ]


def _nearly_full() -> int:
    used = F("messages") + F("files") + F("log")
    limit = Coalesce(F("most"), current.storage_per_person())
    known = StorageUse.objects.annotate(used=used, limit=limit)
    return known.filter(used__gt=F("limit") * NEARLY_FULL).count()
