"""Rooms, from the command line: metadata only, for the server can read nothing else.

`close` stops a room: it takes nothing new until `open`, and its members go on to read it. Only its
owner can close a room for good, because the server cannot sign for members.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from chatsite.lib.commands import SiteCommand
from rooms import actions
from rooms.models import Member, Room

MIB = 1024**2
STOPS = "The room then takes no messages, files or newcomers until `rooms open`."


class Command(SiteCommand):
    help = __doc__

    def add_subcommands(self, subparsers: Any) -> None:
        listed = subparsers.add_parser("list", help="rooms, newest first")
        listed.add_argument("--member", metavar="NAME", help="rooms of somebody")
        listed.add_argument(
            "--without-owner", action="store_true", help="rooms whose owner's account has ended"
        )
        listed.add_argument("--all", action="store_true", dest="closed", help="closed rooms, too")
        closed = subparsers.add_parser("close", help="stop a room; its members go on to read it")
        closed.add_argument("room", metavar="ID")
        closed.add_argument("--yes", action="store_true", help="without asking")
        opened = subparsers.add_parser("open", help="let a stopped room go on")
        opened.add_argument("room", metavar="ID")
        quota = subparsers.add_parser("quota", help="limit the bytes of a room's files")
        quota.add_argument("room", metavar="ID")
        quota.add_argument("most", metavar="MIB", help="mebibytes, or `none` for no limit")

    def do_list(
        self, member: str | None, without_owner: bool, closed: bool, **options: Any
    ) -> None:
        found = listed(closed=closed)
        if member is not None:
            mine = Member.objects.listed().filter(user__name=member.lower())
            found = found.filter(pk__in=mine.values("room"))
        rows = described(found)
        if without_owner:
            rows = [row for row in rows if row["owner_state"] != "active"]
        columns = ("id", "kind", "state", "owner", "owner_state", "members", "events", "created")
        self.table(columns, rows)

    def do_close(self, room: str, yes: bool, **options: Any) -> None:
        self.confirmed(room, yes, STOPS)
        found = actions.set_stopped(room, True, by=None)
        self.answer(f"The room is stopped. `rooms open {room}` undoes it.", _short(found))

    def do_open(self, room: str, **options: Any) -> None:
        self.answer("The room goes on.", _short(actions.set_stopped(room, False, by=None)))

    def do_quota(self, room: str, most: str, **options: Any) -> None:
        if most != "none" and not (most.isascii() and most.isdigit() and len(most) <= 10):
            raise CommandError("The limit is a number of mebibytes, or `none`.")
        limit = None if most == "none" else int(most) * MIB
        found = actions.set_files_most(room, limit, by=None)
        self.answer("The limit is set.", {**_short(found), "files_most": found.files_most})


def listed(*, closed: bool) -> QuerySet[Room]:
    """Rooms with the number of their members and their owner's membership, newest first."""
    found = Room.objects.all() if closed else Room.objects.filter(closed_at=None)
    many = Count("members", filter=Q(members__declined_at=None), distinct=True)
    return found.annotate(many=many).order_by("-created_at", "pk")


def described(rooms: QuerySet[Room]) -> list[dict[str, Any]]:
    """Rooms as rows of the list, in two queries."""
    led = Member.objects.filter(role=Member.OWNER, room__in=rooms.order_by().values("pk"))
    owners = {member.room_id: member.user for member in led.select_related("user")}
    return [_row(room, owners.get(room.pk)) for room in rooms]


def _row(room: Any, owner: User | None) -> dict[str, Any]:
    return {
        "id": room.pk,
        "kind": room.kind,
        "state": room.state,
        "owner": owner and owner.name,
        "owner_state": _owner_state(owner),
        "members": room.many,
        "events": room.head_seq + 1,
        "created": room.created_at.isoformat(timespec="seconds"),
    }


def _owner_state(owner: User | None) -> str:
    if owner is None:
        return "none"
    if owner.deleted_at is not None:
        return "deleted"
    return "active" if owner.is_active else "disabled"


def _short(room: Room) -> dict[str, Any]:
    return {"id": room.pk, "state": room.state}
