"""REST: rooms, the log, invitations, wrapped keys."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in
from chatsite.lib import wire
from chatsite.lib.errors import Refused
from chatsite.lib.rest.conditional import ETAG, etag_of, unchanged
from chatsite.lib.rest.packing import packed
from chatsite.lib.rest.pagination import KeysetPagination, PageQuerySerializer
from chatsite.lib.rest.serializers import EmptySerializer
from chatsite.lib.rest.throttles import AddressThrottle, UserThrottle
from chatsite.lib.rest.views import ApiView, operation
from rooms import actions, keys, selectors, serializers
from rooms.access import LogReader
from rooms.api.base import RoomView
from rooms.events import begins_epoch, parse_event
from rooms.permissions import IsActiveRoomMember, IsRoomLeader, IsRoomLogReader
from rooms.rules import RULES
from rooms.submissions import BoxGiven, EventSubmission, LinkKeys, WrapGiven


def _head(room: Any, status: int = 201) -> Response:
    return Response({"id": room.pk, "head": room.head}, status=status)


class CreateRoomView(ApiView):
    """Creates rooms. `chatsite.api` adds the list."""

    tag = "Rooms"
    limits = {"POST": "log"}
    scopes = {"GET": "read", "POST": "rooms"}

    @operation(
        body=serializers.NewRoomSerializer,
        answers={201: serializers.HeadSerializer},
        errors=(409,),
    )
    def post(self, request: Request, body: EventSubmission) -> Response:
        return _head(actions.create_room(signed_in(request), body))


class ProfileView(RoomView):
    """Changes a room's profile. `chatsite.api` adds reading a room."""

    limits = {"PUT": "log"}
    scopes = {"GET": "read", "PUT": "rooms", "DELETE": "rooms"}
    room_permissions = {"PUT": IsRoomLeader}

    @operation(
        body=serializers.ProfileSerializer, answers=serializers.HeadSerializer, errors=(409, 410)
    )
    def put(self, request: Request, room: str, body: EventSubmission) -> Response:
        return _head(actions.append_event(self.member, body, allowed={"profile"}), 200)


class LogThrottle(UserThrottle):
    """Limits log events. Events that protect a room are counted apart, and so are those that other
    people cause: nobody can use up the budget that a leader needs to remove them.
    """

    def limit_of(self, request: Request, view: Any) -> str | None:
        if request.method != "POST":
            return super().limit_of(request, view)
        return log_limit(request.data)


def log_limit(data: Any) -> str:
    """The limit that a log event counts against."""
    try:
        event = parse_event(data.get("event") if type(data) is dict else None)
    except (wire.BadWire, Refused):
        return "log"
    if event["t"] in ("remove", "reset", "leave", "close", "ban", "succeed"):
        return "log_safety"
    if event["t"] == "role" and begins_epoch(event):
        return "log_safety"
    return "log_epoch" if event["t"] == "epoch" else "log"


@packed
class LogView(RoomView):
    throttle_classes = [LogThrottle]
    limits = {"GET": "room_log", "POST": "log"}
    room_permissions = {"GET": IsRoomLogReader}
    reader: LogReader

    def scope_of(self, request: Request) -> str | None:
        """A sender renews the key of a room that takes no messages; other events are `rooms`."""
        if request.method != "POST":
            return super().scope_of(request)
        return "send" if log_limit(request.data) == "log_epoch" else "rooms"

    @operation(
        query=serializers.LogQuerySerializer,
        answers={200: serializers.LogSerializer, 304: None},
        parameters=[*ETAG],
    )
    def get(self, request: Request, room: str, query: dict[str, Any]) -> Response:
        # The log's end and `after` alone determine a page.
        reader = self.reader
        etag = etag_of(room, query["after"], reader.end or reader.room.head)
        known = unchanged(request, etag)
        if known is not None:
            return known
        page = selectors.log_page(reader.room, query["after"], reader.end)
        fresh = etag_of(room, query["after"], page["head"])
        return Response(page, headers={"ETag": fresh})

    @operation(
        body=serializers.LogEventSerializer,
        answers={201: serializers.HeadSerializer},
        errors=(403, 409, 410),
    )
    def post(self, request: Request, room: str, body: EventSubmission) -> Response:
        allowed = set(RULES) - {"create", "profile", "invite", "join"}
        return _head(actions.append_event(self.member, body, allowed=allowed))


class InviteView(RoomView):
    limits = {"POST": "log"}
    scopes = {"POST": "rooms"}
    room_permissions = {"POST": IsRoomLeader}

    @operation(
        body=serializers.InviteSerializer,
        answers={201: serializers.HeadSerializer},
        errors=(409, 410),
    )
    def post(self, request: Request, room: str, body: EventSubmission) -> Response:
        return _head(actions.append_event(self.member, body, allowed={"invite"}))


class NewestInvitations(KeysetPagination):
    keys = {"-seq": int}


class InvitationsView(RoomView):
    limits = {"GET": "room_reads"}

    @operation(query=PageQuerySerializer, answers=serializers.InvitationsSerializer)
    def get(self, request: Request, room: str, query: dict[str, Any]) -> Response:
        pages = NewestInvitations()
        links = pages.paginate_queryset(self.member.room.invitations.all(), request)
        return pages.get_paginated_response({"invites": selectors.described_invitations(links)})


class JoinView(ApiView):
    tag = "Joining"
    throttle_classes = [UserThrottle]
    limits = {"GET": "invite_preview", "POST": "log"}
    scopes = {"GET": "read", "POST": "rooms"}

    def get_permissions(self) -> list[Any]:
        """Lets anyone who holds a link look at it before having an account."""
        if self.request.method == "GET":
            return [AllowAny()]
        return list(super().get_permissions())

    def get_throttles(self) -> list[Any]:
        """Links might be guessed: views are counted per address, too, because accounts are free."""
        others = [AddressThrottle()] if self.request.method in ("GET", "HEAD") else []
        return [*others, *super().get_throttles()]

    @operation(
        query=serializers.LogQuerySerializer,
        answers=serializers.PreviewSerializer,
        errors=(401, 410),
    )
    def get(self, request: Request, iid: str, query: dict[str, Any]) -> Response:
        return Response(selectors.preview(iid, query["after"]))

    @operation(
        body=serializers.EventSubmissionSerializer,
        answers={201: serializers.JoinedSerializer},
        errors=(403, 409, 410),
    )
    def post(self, request: Request, iid: str, body: EventSubmission) -> Response:
        room = actions.join_room(signed_in(request), iid, body)
        found = keys.items_for_joiner(signed_in(request), iid, after=0)
        return Response({"room": room.pk, "head": room.head, **found}, status=201)


class JoinItemsView(ApiView):
    tag = "Joining"
    limits = {"GET": "room_reads"}
    scopes = {"GET": "read"}

    @operation(query=serializers.LogQuerySerializer, answers=serializers.ItemsSerializer)
    def get(self, request: Request, iid: str, query: dict[str, Any]) -> Response:
        after = max(0, query["after"])
        return Response(keys.items_for_joiner(signed_in(request), iid, after=after))


class KeysView(RoomView):
    limits = {"GET": "room_reads"}

    @operation(query=serializers.LogQuerySerializer, answers=serializers.KeysSerializer)
    def get(self, request: Request, room: str, query: dict[str, Any]) -> Response:
        return Response(selectors.keys_for(self.member, max(0, query["after"])))


class WrapsView(RoomView):
    limits = {"GET": "room_reads", "POST": "hand_over"}
    scopes = {"GET": "read", "POST": "read"}
    room_permissions = {"POST": IsActiveRoomMember}

    @operation(query=serializers.WrapsQuerySerializer, answers=serializers.WrapsOfSerializer)
    def get(self, request: Request, room: str, query: dict[str, Any]) -> Response:
        return Response(selectors.wraps_of(self.member.room, query["after"]))

    @operation(body=serializers.WrapsSerializer, answers={204: None}, errors=(410,))
    def post(self, request: Request, room: str, body: dict[str, list[WrapGiven]]) -> Response:
        keys.give_wraps(self.member, body["wraps"])
        return Response(status=204)


class KeyRequestView(RoomView):
    limits = {"POST": "key_request"}
    scopes = {"POST": "read"}
    room_permissions = {"POST": IsActiveRoomMember}

    @operation(body=serializers.KeyRequestSerializer, answers={204: None})
    def post(self, request: Request, room: str, body: dict[str, list[int]]) -> Response:
        keys.ask_for_keys(self.member, body["e"])
        return Response(status=204)


class BoxesView(RoomView):
    limits = {"POST": "hand_over"}
    scopes = {"POST": "read"}
    room_permissions = {"POST": IsActiveRoomMember}

    @operation(body=serializers.BoxesSerializer, answers={204: None}, errors=(410,))
    def post(self, request: Request, room: str, body: dict[str, Any]) -> Response:
        profile: BoxGiven | None = body.get("profile")
        invites: list[LinkKeys] = body.get("invites", [])
        keys.finish_boxes(self.member, profile, invites)
        return Response(status=204)


class AcceptView(RoomView):
    scopes = {"POST": "rooms"}

    @operation(body=EmptySerializer, answers={204: None})
    def post(self, request: Request, room: str, body: dict[str, Any]) -> Response:
        actions.accept(self.member)
        return Response(status=204)
