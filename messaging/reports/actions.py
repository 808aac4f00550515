"""Writes about reports: members make them; a room's leaders and administrators handle them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit.recording import record
from accounts.lifecycle import set_active
from accounts.models import Identity, User
from chatsite.lib import signatures, wire
from chatsite.lib.errors import BadSignature, Conflict, NotFound, Refused
from messaging.files.models import File
from messaging.reports.models import ROOM, Report, ReportKey, SealedReportKey
from messaging.reports.selectors import current_key, receivers, report_to_site
from messaging.store import get_store
from messaging.store.base import MessageRecord
from rooms.access import require_active
from rooms.actions import CLOCK_SLACK, now_ms, set_stopped
from rooms.models import Member

MOST_OPEN = 50  # of one person, to be handled
KEPT_OPEN, KEPT_HANDLED = timedelta(days=90), timedelta(days=30)


def _receiver(value: Any) -> None:
    if value != ROOM:
        wire.hash64(value)


BODY: wire.Schema = (
    ("v", wire.one_of(1)),
    ("rid", wire.ident),
    ("room", wire.ident),
    ("uid", wire.ident),
    ("kid", wire.hash64),
    ("for", _receiver),
    ("seq", wire.integer(1)),
    ("id", wire.hash64),
    ("lh", wire.pair(wire.integer(), wire.hash64)),
    ("ts", wire.integer()),
    ("box", wire.hash64),
)


class ReceiversChanged(Conflict):
    code = "receivers"
    detail = (
        "Other people handle reports here now. Look at who they are, and send the report again."
    )


@dataclass(frozen=True, slots=True)
class ReportGiven:
    """A report as it came; `keys` by the kid of a leader, or by the hash of the site's key."""

    body: str
    signature: str
    box: str
    keys: dict[str, str]


def make_report(member: Member, given: ReportGiven) -> Report:
    """Keep a member's report with the row that it is about. Nothing of it can be read here.

    Raises:
        Refused: `bad_report`, `clock`.
        BadSignature: the member did not sign it.
        NotFound: `no_such_message`: that message is not here, or erased.
        Conflict: `receivers`, `no_report_key`, `already_reported`, `too_many_reports`.
        Forbidden: `not_accepted`, of a report to a room's leaders.
    """
    told = _checked(member, given)
    message = _reported(member.room_id, told)
    if told["for"] == ROOM:
        require_active(member)
    _check_receivers(member, told["for"], message.uid, set(given.keys))
    report = Report(
        id=told["rid"],
        room=member.room_id,
        receiver=told["for"],
        reporter=member.user_id,
        author=message.uid,
        seq=told["seq"],
        message_id=told["id"],
        body=given.body,
        signature=given.signature,
        box=given.box,
        row={key: message.row.as_dict()[key] for key in ("seq", "h", "iv", "ct", "sig")},
    )
    try:
        _store(report, given.keys)
    except IntegrityError:
        raise Conflict("You have reported this message.", code="already_reported") from None
    return report


@transaction.atomic
def _store(report: Report, keys: dict[str, str]) -> None:
    User.objects.select_for_update().get(pk=report.reporter)  # two requests count one by one
    if Report.objects.filter(reporter=report.reporter, state=Report.OPEN).count() >= MOST_OPEN:
        raise Conflict(
            f"{MOST_OPEN} reports of yours wait to be handled, the most.", code="too_many_reports"
        )
    report.save(force_insert=True)
    SealedReportKey.objects.bulk_create(
        SealedReportKey(report=report, to=to, ciphertext=ct) for to, ct in keys.items()
    )
    record(
        "report.made",
        by=report.reporter,
        account=report.author,
        room=report.room,
        report=report.pk,
        message=report.seq,
        to="room" if report.to_room else "site",
    )


def _checked(member: Member, given: ReportGiven) -> dict[str, Any]:
    """The signed body, by the member's own key in this room's log."""
    told = wire.parse_body(given.body, BODY)
    if (told["room"], told["uid"]) != (member.room_id, member.user_id):
        raise Refused("That is not a report of yours in this room.", code="bad_report")
    if told["kid"] != member.kid:
        raise Refused("That is not signed by your key in this room.", code="bad_report")
    if told["box"] != wire.b64(sha256(wire.unb64(given.box)).digest()):
        raise Refused("The sealed report does not match what was signed.", code="bad_report")
    if abs(told["ts"] - now_ms()) > CLOCK_SLACK:
        raise Refused(
            "The clock of this device is wrong. Set it and try again.", code="clock", now=now_ms()
        )
    seq, at = told["lh"]
    if not member.room.log.filter(seq=seq, hash=at).exists():
        raise Refused("That names an event that is not in this log.", code="bad_report")
    identity = Identity.objects.get(kid=member.kid)
    try:
        signatures.verify(
            bytes(identity.ed25519_key), "report", given.body.encode("ascii"), given.signature
        )
    except wire.BadWire:
        raise BadSignature from None
    return told


def _reported(room: str, told: dict[str, Any]) -> MessageRecord:
    found = get_store().stored(room, told["seq"]) if told["seq"] <= wire.MAX_INT else None
    if found is None or found.message_id != told["id"] or found.row.erased_by:
        raise NotFound("That message is not here any more.", code="no_such_message")
    return found


def _check_receivers(member: Member, receiver: str, author: str, given: set[str]) -> None:
    if receiver == ROOM:
        if given != set(receivers(member.room, author)):
            raise ReceiversChanged
        return
    key = current_key()
    if key is None:
        raise Conflict("This site takes no reports: it has no key for them.", code="no_report_key")
    if {receiver} != given or receiver != key.key_hash:
        raise ReceiversChanged


@transaction.atomic
def handle_in_room(member: Member, rid: str, outcome: str) -> None:
    """Note what a leader did about a report to the room. What they did stands in the room's log.

    Raises:
        NotFound: no report of this room that was sealed to them.
        Conflict: `handled`, by somebody before.
    """
    mine = Report.objects.select_for_update().filter(
        pk=rid, room=member.room_id, receiver=ROOM, keys__to=member.kid
    )
    _handle(mine.first(), outcome, member.user_id)


@transaction.atomic
def handle_at_site(report_id: str, outcome: str, *, by: User) -> None:
    """Do what an administrator decided about a report to the site, and note it.

    Raises:
        NotFound: no report to the site.
        Conflict: `handled`; or what disabling says.
        Gone: the room was closed meanwhile.
    """
    report = Report.objects.select_for_update().exclude(receiver=ROOM).filter(pk=report_id).first()
    _handle(report, outcome, by.pk)
    assert report is not None
    if outcome == "disabled":
        set_active(User.objects.get(pk=report.author), False, by=by)
    elif outcome == "stopped":
        set_stopped(report.room, True, by=by)


def _handle(report: Report | None, outcome: str, by: str) -> None:
    if report is None:
        raise NotFound("There is no such report.", code="no_such_report")
    if report.state != Report.OPEN:
        raise Conflict("Somebody has handled this report already.", code="handled")
    if outcome not in (Report.IN_ROOM if report.to_room else Report.AT_SITE):
        raise Refused("This report has no such outcome. Choose another.", code="bad_report")
    report.state, report.handler, report.handled_at = outcome, by, timezone.now()
    report.save(update_fields=["state", "handler", "handled_at"])
    record(
        "report.handled",
        by=by,
        account=report.author,
        room=report.room,
        report=report.pk,
        outcome=outcome,
    )


@transaction.atomic
def set_key(spki: str, *, by: User) -> ReportKey:
    """Publish the site's report key; the one before takes no new reports. Idempotent.

    Raises:
        BadWire: it is no RSA-3072 key.
        Conflict: `older_key`: it was replaced by another.
    """
    der = wire.unb64(spki, signatures.SPKI_BYTES)
    signatures.check_spki(der)
    key_hash = wire.b64(sha256(der).digest())
    now = current_key()
    if now is not None and now.key_hash == key_hash:
        return now
    key, made = ReportKey.objects.get_or_create(
        key_hash=key_hash, defaults={"spki": spki, "maker": by.pk}
    )
    if not made:
        raise Conflict("Another key took the place of this one.", code="older_key")
    record("report.key", by=by, key=key_hash)
    return key


@transaction.atomic
def opened_key(report: Report, *, by: User) -> SealedReportKey:
    """The key of a report to the site, sealed to the report key, for an administrator: recorded."""
    record("report.opened", by=by, account=report.author, room=report.room, report=report.pk)
    return report.keys.get()


@transaction.atomic
def reported_file(report_id: str, fid: str, *, by: User) -> File:
    """A sealed file that the message of a report to the site names, for an administrator: recorded.

    Which files those are the server knows from the author, who claimed them as the message was
    sent: no reporter can name another one.

    Raises:
        NotFound: no such report, or no such file of its message; it may have been erased with it.
    """
    report = report_to_site(report_id)
    mine = File.objects.filter(room=report.room, message=report.seq, uploader=report.author)
    file = mine.filter(file_id=fid).first()
    if file is None:
        raise NotFound("That file is not here any more.", code="no_such_file")
    record(
        "report.file",
        by=by,
        account=report.author,
        room=report.room,
        report=report.pk,
        file=file.file_id,
    )
    return file


def forget_old() -> int:
    """Delete reports whose time is over; returns how many."""
    now = timezone.now()
    over = Q(handled_at__lt=now - KEPT_HANDLED) | Q(made_at__lt=now - KEPT_OPEN)
    found = Report.objects.filter(over)
    many = found.count()
    found.delete()
    return many
