"""Reads of reports, for leaders of a room and for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from chatsite.lib.errors import NotFound
from messaging.reports.models import ROOM, Report, ReportKey, SealedReportKey
from rooms.models import Member, Room

MOST_RECEIVERS = 100


def current_key() -> ReportKey | None:
    """The report key to which the site's reports are sealed now."""
    return ReportKey.objects.order_by("-made_at", "-key_hash").first()


def receivers(room: Room, author: str) -> list[str]:
    """The kids of the leaders who get a report about a message of `author`: all but the author, and
    of more than 100 the first. A direct room has none.
    """
    if room.kind == "direct":
        return []
    leaders = room.members.filter(role__in=(Member.OWNER, Member.MODERATOR)).exclude(user=author)
    return sorted(leaders.values_list("kid", flat=True))[:MOST_RECEIVERS]


def report_to_site(report_id: str) -> Report:
    """A report that is sealed to a report key of the site.

    Raises:
        NotFound: there is none; also where one is to a room's leaders.
    """
    found = Report.objects.exclude(receiver=ROOM).filter(pk=report_id).first()
    if found is None:
        raise NotFound("There is no such report.", code="no_such_report")
    return found


def open_reports() -> int:
    """The number of reports to the site that nobody has handled."""
    return Report.objects.exclude(receiver=ROOM).filter(state=Report.OPEN).count()


def reports_to(member: Member) -> QuerySet[Report]:
    """Reports to the room that are sealed to this leader, each with `sealed`, its key."""
    key = SealedReportKey.objects.filter(report=OuterRef("pk"), to=member.kid)
    mine = Report.objects.filter(room=member.room_id, receiver=ROOM, keys__to=member.kid)
    return mine.annotate(sealed=Subquery(key.values("ciphertext")[:1]))


def described(reports: Sequence[Any]) -> list[dict[str, Any]]:
    """Reports with the keys that are sealed to the reader, and what became of them."""
    return [
        {
            **report.as_dict(report.sealed),
            "state": report.state,
            "handler": report.handler or None,
            "at": round(report.made_at.timestamp() * 1000),
        }
        for report in reports
    ]
